"""An operation on a document as pieces of text to exchange; nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops.edits import blocks, flows
from gitops.edits.document import Document, scalars, unsupported
from gitops.edits.operations import Append, Operation, Put, Remove, Restore, Simple, Take
from gitops.edits.quoting import Content, Listed, Written, written
from gitops.edits.spans import Span
from gitops.edits.walk import Place, find, refuse_unsafe
from gitops.errors import Reason, Refused


@dataclass(frozen=True)
class Cut:
    """The spans to exchange, and the operation that brings the old text back."""

    spans: tuple[Span, ...]
    inverse: Operation | None


NOTHING = Cut((), None)


def cut(document: Document, operation: Simple) -> Cut:
    """What an operation exchanges in a document; no spans when it is done already."""
    if document.is_blank:
        return _begun(document, operation)
    match operation:
        case Put():
            return _put(document, operation)
        case Append():
            return _append(document, operation)
        case Remove():
            return _remove(document, operation)
        case Take():
            return _take(document, operation)
        case Restore():
            return _restore(document, operation)


def _begun(document: Document, operation: Simple) -> Cut:
    """The first content of a document that has none, such as a values file with comments only."""
    keys = [str(step) for step in operation.path]
    if isinstance(operation, Put):
        inverse: Operation = Remove(operation.path, operation.value, len(keys) - 1)
        return Cut((blocks.begun(document, keys, Written(written(operation.value, '"'))),), inverse)
    if isinstance(operation, Append):
        inverse = Take(operation.path, operation.item, len(keys))
        return Cut((blocks.begun(document, keys, Listed(operation.item)),), inverse)
    return NOTHING


def _put(document: Document, put: Put) -> Cut:
    place = find(document, put.path)
    style = _style(document, place)
    if not place.missing:
        return _overwrite(document, place, put, style)
    keys = [str(step) for step in place.missing]
    spans, opened = _extended(document, place, keys, Written(written(put.value, style)))
    return Cut(spans, Remove(put.path, put.value, len(keys) - 1, opened))


def _overwrite(document: Document, place: Place, put: Put, style: str) -> Cut:
    node = place.node
    refuse_unsafe(document, node, put.path)
    if not isinstance(node, ScalarNode):
        raise unsupported(f"{put.path[-1]} holds no plain value.")
    is_unset = _is_null(node) or node.value == ""
    if node.value == put.value and (node.style or str(node.tag).endswith(":str")):
        return NOTHING
    if not is_unset and node.value not in (put.value, put.replaces):
        raise Refused(
            Reason.ALREADY_OTHERWISE,
            f"{put.path[-1]} is {node.value!r} there, not {put.value!r}.",
            "Replacing it takes an approval of its own; nothing is changed now.",
        )
    if document.is_empty(node) and place.key is not None:
        after = document.colon(place.key)
        return Cut((Span(after, after, f" {written(put.value, style)}"),), Restore(put.path, put.value, ""))
    first, last = document.first(node), document.last(node)
    raw = document.text.body[first:last]
    if "\n" in raw or node.anchor or raw.startswith("!"):
        raise unsupported(f"{put.path[-1]} is written over several lines, or with an anchor or a tag.")
    span = Span(first, last, written(put.value, node.style or style))
    return Cut((span,), Restore(put.path, put.value, raw))


def _restore(document: Document, restore: Restore) -> Cut:
    place = find(document, restore.path)
    if place.missing or not isinstance(place.node, ScalarNode) or place.node.value != restore.value:
        return NOTHING
    first, last = document.first(place.node), document.last(place.node)
    if restore.raw == "" and place.key is not None:
        first = document.colon(place.key)
    return Cut((Span(first, last, restore.raw),), None)


def _append(document: Document, append: Append) -> Cut:
    place = find(document, append.path)
    refuse_unsafe(document, place.node, append.path)
    if place.missing or _holds_nothing(place.node):
        return _started(document, place, append)
    if not isinstance(place.node, SequenceNode):
        raise unsupported(f"{append.path[-1]} is no list.")
    if any(_same(item, append) for item in place.node.value):
        return NOTHING
    style = _item_style(place.node)
    if place.node.flow_style:
        span = flows.inserted(document, place.node, flows.item(append.item, style))
    else:
        span = blocks.item_added(document, place.node, append.item, style)
    return Cut((span,), Take(append.path, append.item))


def _started(document: Document, place: Place, append: Append) -> Cut:
    keys = [str(step) for step in place.missing]
    spans, opened = _extended(document, place, keys, Listed(append.item))
    return Cut(spans, Take(append.path, append.item, len(keys), opened))


def _extended(
    document: Document, place: Place, keys: list[str], content: Content
) -> tuple[tuple[Span, ...], str | None]:
    """The spans that write keys down to a value at a place, and what stood there if it was empty."""
    refuse_unsafe(document, place.node, (*keys,))
    in_flow = any(getattr(parent, "flow_style", False) for parent in place.parents)
    node = place.node
    if isinstance(node, MappingNode) and node.value:
        if node.flow_style:
            return (flows.inserted(document, node, flows.entry(document, node, keys, content)),), None
        return (blocks.entry_added(document, node, keys, content),), None
    if not _holds_nothing(node):
        raise unsupported(f"What stands in place of {keys[0] if keys else 'the list'} is no mapping.")
    if node.anchor:
        raise unsupported("The empty value to extend has an anchor.")
    if in_flow:
        span, opened = flows.filled(document, place, keys, content)
        return (span,), opened
    return blocks.opened(document, place, keys, content)


def _remove(document: Document, remove: Remove) -> Cut:
    place = find(document, remove.path)
    if place.missing or place.key is None:
        return NOTHING
    if remove.value is not None and getattr(place.node, "value", None) != remove.value:
        return NOTHING
    refuse_unsafe(document, place.node, remove.path)
    return Cut((_without(document, place, remove.created, remove.opened),), None)


def _take(document: Document, take: Take) -> Cut:
    place = find(document, take.path)
    if place.missing or not isinstance(place.node, SequenceNode):
        return NOTHING
    refuse_unsafe(document, place.node, take.path)
    found = [number for number, item in enumerate(place.node.value) if _same(item, take)]
    if not found:
        return NOTHING
    if len(place.node.value) == 1:
        if take.created:
            return Cut((_without(document, place, take.created - 1, take.opened),), None)
        return Cut((_emptied(document, place, take.opened, "[]"),), None)
    remove = flows.removed if place.node.flow_style else blocks.item_removed
    return Cut((remove(document, place.node, found[-1]),), None)


def _without(document: Document, place: Place, created: int, opened: str | None) -> Span:
    """The span that removes a key, with those above it that hold nothing else, as many as were made."""
    parent = place.parents[-1]
    if not isinstance(parent, MappingNode):
        raise unsupported("What is to be removed stands in no mapping.")
    if len(parent.value) > 1:
        number = next(i for i, (key, _) in enumerate(parent.value) if key is place.key)
        remove = flows.removed if parent.flow_style else blocks.entry_removed
        return remove(document, parent, number)
    above = _above(place)
    if created:
        return _without(document, above, created - 1, opened)
    return _emptied(document, above, opened, "{}")


def _emptied(document: Document, place: Place, opened: str | None, empty: str) -> Span:
    if place.key is None and not place.parents:
        return blocks.ended(document, place.node)
    if getattr(place.node, "flow_style", False):
        raw = empty if opened is None else opened.lstrip()
        return Span(document.first(place.node), document.last(place.node), raw)
    return blocks.closed(document, place, f" {empty}" if opened is None else opened)


def _above(place: Place) -> Place:
    parent, rest = place.parents[-1], place.parents[:-1]
    key = None
    if rest and isinstance(rest[-1], MappingNode):
        key = next(key for key, value in rest[-1].value if value is parent)
    return Place(parent, key, rest, ())


def _holds_nothing(node: Node) -> bool:
    if isinstance(node, ScalarNode):
        return _is_null(node)
    return not node.value


def _is_null(node: Node) -> bool:
    return str(node.tag).endswith(":null")


def _same(item: Node, wanted: Append | Take) -> bool:
    if isinstance(wanted.item, str):
        return isinstance(item, ScalarNode) and item.value == wanted.item
    if not isinstance(item, MappingNode):
        return False
    pairs = [(key, value if isinstance(value, str) else str(value).lower()) for key, value in wanted.item]
    return [(key.value, value.value) for key, value in item.value] == pairs


def _item_style(node: SequenceNode) -> str | None:
    found = [scalar.style for scalar in scalars(node)]
    return found[-1] if found and found[-1] in ('"', "'") else None


def _style(document: Document, place: Place) -> str:
    """The quotes that siblings use, else those of the document, else double ones."""
    siblings = [scalar.style for scalar in scalars(place.node) if scalar.style in ('"', "'")]
    if not siblings and place.parents:
        siblings = [scalar.style for scalar in scalars(place.parents[-1]) if scalar.style in ('"', "'")]
    if not siblings:
        siblings = [scalar.style for scalar in scalars(document.root) if scalar.style in ('"', "'")]
    return "'" if siblings and '"' not in siblings else '"'
