"""Flow style: entries and items added to and removed from `{…}` and `[…]`, JSON included."""

from __future__ import annotations

from collections.abc import Callable

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from gitops.edits.document import Document
from gitops.edits.operations import Item
from gitops.edits.quoting import Content, Listed, double, plain, written
from gitops.edits.spans import Span
from gitops.edits.walk import Place
from gitops.errors import Reason, Refused


def entry(document: Document, node: MappingNode, keys: list[str], content: Content) -> str:
    """Keys down to a value as one entry, quoted as the mapping's other keys are."""
    quote = double if node.value[0][0].style == '"' else plain
    return _nested(keys, content, quote)


def item(value: Item, style: str | None) -> str:
    """An item of a flow sequence."""
    if isinstance(value, str):
        return written(value, style)
    quote = double if style == '"' else plain
    return "{" + ", ".join(f"{quote(key)}: {written(text, style)}" for key, text in value) + "}"


def inserted(document: Document, node: Node, text: str) -> Span:
    """The span for a new last entry of a flow collection that has some already."""
    last = _end(document, node, len(node.value) - 1)
    closing = document.last(node) - 1
    body = document.text.body
    gap = body[last:closing]
    if gap.strip():
        raise _unsafe("A comma or a comment follows its last entry.")
    if "\n" not in gap:
        return Span(last, last, f", {text}")
    column = document.column(_start(document, node, len(node.value) - 1))
    margin = body[document.text.start_of_line(_start(document, node, len(node.value) - 1)) :][:column]
    if margin.strip():
        raise _unsafe("Its entries share lines.")
    return Span(last, last, f",{document.text.newline_near(last)}{margin}{text}")


def filled(document: Document, place: Place, keys: list[str], content: Content) -> tuple[Span, str]:
    """The span that gives an empty value inside a flow collection its first content, and what it was."""
    if document.is_empty(place.node):
        raise _unsafe("A key in it has no value.")
    first, last = document.first(place.node), document.last(place.node)
    quote = double if isinstance(place.key, ScalarNode) and place.key.style == '"' else plain
    style = '"' if quote is double else None
    text = "{" + _nested(keys, content, quote) + "}" if keys else _bare(content, style)
    return Span(first, last, text), document.text.body[first:last]


def removed(document: Document, node: Node, number: int) -> Span:
    """The span that takes an entry of a flow collection away; it has others."""
    start, end = _start(document, node, number), _end(document, node, number)
    if number:
        return Span(_end(document, node, number - 1), end, "")
    return Span(start, _start(document, node, 1), "")


def _nested(keys: list[str], content: Content, quote: Callable[[str], str]) -> str:
    text = _bare(content, '"' if quote is double else None)
    for depth, key in enumerate(reversed(keys)):
        pair = f"{quote(key)}: {text}"
        text = pair if depth == len(keys) - 1 else "{" + pair + "}"
    return text


def _bare(content: Content, style: str | None) -> str:
    return "[" + item(content.item, style) + "]" if isinstance(content, Listed) else content.text


def _start(document: Document, node: Node, number: int) -> int:
    child = node.value[number]
    return document.first(child[0] if isinstance(node, MappingNode) else child)


def _end(document: Document, node: Node, number: int) -> int:
    child = node.value[number]
    if not isinstance(node, MappingNode):
        return document.last(child)
    key, value = child
    if document.is_empty(value):
        raise _unsafe("A key in it has no value.")
    return document.after(document.colon(key), value)


def _unsafe(sentence: str) -> Refused:
    return Refused(
        Reason.FLOW_STYLE,
        f"A flow collection cannot be extended safely: {sentence}",
        "Write it in block style first, or make the change by hand.",
    )
