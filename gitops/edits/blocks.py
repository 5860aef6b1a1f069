"""Lines of block style: entries and items added, removed, opened from nothing and closed again."""

from __future__ import annotations

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from gitops.edits.document import Document, dashes, steps, unsupported
from gitops.edits.operations import Item
from gitops.edits.quoting import Content, Listed, plain, written
from gitops.edits.spans import Span
from gitops.edits.walk import Place

_DEFAULT_STEP = 2


def entry_added(document: Document, node: MappingNode, keys: list[str], content: Content) -> Span:
    """The lines for a new last entry of a block mapping."""
    column = document.column(document.first(node.value[0][0]))
    lines = _lines(document, keys, content, column)
    return _lines_after(document, document.last(node), lines)


def item_added(document: Document, node: SequenceNode, item: Item, style: str | None) -> Span:
    """The lines for a new last item of a block sequence."""
    dash = next(document.items(node))[0]
    lines = _item_lines(item, document.column(dash), style)
    return _lines_after(document, document.last(node), lines)


def opened(
    document: Document, place: Place, keys: list[str], content: Content
) -> tuple[tuple[Span, ...], str]:
    """The spans that give an empty value its first entry or item, and what was written in its place."""
    if place.key is None:
        raise unsupported("The empty value to extend has no key.")
    column = document.column(document.first(place.key))
    after = document.colon(place.key)
    end = after if document.is_empty(place.node) else document.last(place.node)
    opened_raw = document.text.body[after:end]
    if "\n" in opened_raw:
        raise unsupported("The empty value to extend stands in a line of its own.")
    if keys:
        lines = _lines(document, keys, content, column + _step(document))
    else:
        lines = _item_lines(_listed(content).item, column + _dash(document), None)
    added = _lines_after(document, end, lines)
    removed = (Span(after, end, ""),) if opened_raw else ()
    return (*removed, added), opened_raw


def closed(document: Document, place: Place, raw: str) -> Span:
    """The span that puts back what stood in place of a block value, its lines gone."""
    if place.key is None:
        raise unsupported("The list item to empty has no key.")
    after = document.colon(place.key)
    kept = document.text.end_of_line(after)
    end = document.end_of_block_line(document.last(place.node))
    return Span(after, end, raw + document.text.body[after:kept])


def entry_removed(document: Document, node: MappingNode, number: int) -> Span:
    """The span that takes an entry's lines away."""
    key, value = node.value[number]
    return _lines_gone(document, document.first(key), document.after(document.colon(key), value))


def item_removed(document: Document, node: SequenceNode, number: int) -> Span:
    """The span that takes an item's lines away."""
    dash, item = list(document.items(node))[number]
    return _lines_gone(document, dash, document.after(dash + 1, item))


def begun(document: Document, keys: list[str], content: Content) -> Span:
    """The lines that are the first content of a file that has none."""
    body = document.text.body
    if document.end - document.start < len(body.lstrip()):
        raise unsupported("The document is empty and stands between others.")
    lines = _lines(document, keys, content, 0)
    newline = document.text.newline_near(len(body))
    if body and not body.endswith("\n"):
        return Span(len(body), len(body), "".join(newline + line for line in lines))
    return Span(len(body), len(body), "".join(line + newline for line in lines))


def ended(document: Document, root: Node) -> Span:
    """The span that leaves a document without content."""
    return _lines_gone(document, document.first(root), document.last(root))


def _lines_gone(document: Document, first: int, last: int) -> Span:
    body = document.text.body
    start, end = document.text.start_of_line(first), document.end_of_block_line(last)
    if body[start:first].strip(" "):
        raise unsupported("The entry to remove shares its line with something else.")
    if end < len(body):
        return Span(start, body.index("\n", end) + 1, "")
    # The last line of a file that ends without a line end: the one before it goes instead.
    before = start - 1 if body[start - 2 : start] != "\r\n" else start - 2
    return Span(max(before, 0), end, "")


def _lines_after(document: Document, index: int, lines: list[str]) -> Span:
    end = document.end_of_block_line(index)
    newline = document.text.newline_near(end)
    return Span(end, end, "".join(newline + line for line in lines))


def _lines(document: Document, keys: list[str], content: Content, column: int) -> list[str]:
    """Keys down to their content, one line each."""
    step = _step(document)
    lines = [f"{' ' * (column + step * depth)}{plain(key)}:" for depth, key in enumerate(keys)]
    if isinstance(content, Listed):
        last = column + step * (len(keys) - 1)
        return lines + _item_lines(content.item, last + _dash(document), None)
    lines[-1] += f" {content.text}"
    return lines


def _item_lines(item: Item, column: int, style: str | None) -> list[str]:
    margin = " " * column
    if isinstance(item, str):
        return [f"{margin}- {written(item, style)}"]
    pairs = [f"{plain(key)}: {written(value, style)}" for key, value in item]
    return [f"{margin}{'- ' if number == 0 else '  '}{pair}" for number, pair in enumerate(pairs)]


def _listed(content: Content) -> Listed:
    if not isinstance(content, Listed):
        raise unsupported("A scalar has no key to stand under.")
    return content


def _step(document: Document) -> int:
    return _most_common(steps(document).most_common(), _DEFAULT_STEP)


def _dash(document: Document) -> int:
    return _most_common(dashes(document).most_common(), 0)


def _most_common(counted: list[tuple[int, int]], otherwise: int) -> int:
    return counted[0][0] if counted else otherwise
