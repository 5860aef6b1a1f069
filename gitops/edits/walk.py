"""The way from a document's root to where an edit belongs, and what refuses it on the way."""

from __future__ import annotations

from dataclasses import dataclass

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops.edits.document import Document
from gitops.edits.operations import Path
from gitops.errors import Reason, Refused

_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Place:
    """How far a path leads: the last node on it, the key that holds that node, and what is still missing.

    `parents` are the nodes above `node`, the root first; `key` is None for the root and for items.
    """

    node: Node
    key: Node | None
    parents: tuple[Node, ...]
    missing: Path


def find(document: Document, path: Path) -> Place:
    """The place in a document where a path ends or stops."""
    place = Place(document.root, None, (), path)
    while place.missing:
        refuse_unsafe(document, place.node, path)
        below = _step(document, place)
        if below is None:
            return place
        place = below
    return place


def refuse_unsafe(document: Document, node: Node, path: Path) -> None:
    """Refuse a node whose change would show elsewhere, or that is written as no edit can be sure of."""
    where = ".".join(str(step) for step in path)
    if document.is_shared(node):
        raise Refused(
            Reason.ALIAS,
            f"An anchor on the way to {where} is used elsewhere in the document too.",
            "Write the mapping out for this object, or make the change by hand.",
        )
    if isinstance(node, MappingNode):
        for key, _ in node.value:
            _refuse_key(key, where)


def _refuse_key(key: Node, where: str) -> None:
    if not isinstance(key, ScalarNode):
        raise Refused(
            Reason.TEMPLATE,
            f"A key on the way to {where} is no text; this is how an unrendered template reads.",
            "Make the change by hand.",
        )
    if key.tag == _MERGE or (key.value == "<<" and key.style is None):
        raise Refused(
            Reason.MERGE_KEY,
            f"A merge key (<<) stands on the way to {where}.",
            "Write the mapping out for this object, or make the change by hand.",
        )


def _step(document: Document, place: Place) -> Place | None:
    step, rest = place.missing[0], place.missing[1:]
    parents = (*place.parents, place.node)
    if isinstance(step, int):
        if not isinstance(place.node, SequenceNode) or step >= len(place.node.value):
            raise Refused(Reason.NOT_FOUND, f"There is no item {step}.", "Look again.")
        item: Node = place.node.value[step]
        if document.first(item) < document.first(place.node):
            raise _alias(step)
        return Place(item, None, parents, rest)
    if not isinstance(place.node, MappingNode):
        return None
    for key, value in place.node.value:
        if key.value == step:
            if document.is_alias(key, value):
                raise _alias(step)
            return Place(value, key, parents, rest)
    return None


def _alias(step: str | int) -> Refused:
    return Refused(
        Reason.ALIAS,
        f"{step!r} is an alias; a change would show wherever its anchor stands.",
        "Write the value out for this object, or make the change by hand.",
    )
