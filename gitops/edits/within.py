"""An edit inside a literal block (`values: |`): the inner text is edited as a file of its own."""

from __future__ import annotations

from collections.abc import Callable

from ruamel.yaml.nodes import ScalarNode

from gitops.edits.document import Document
from gitops.edits.operations import Operation, Simple, Within
from gitops.edits.spans import Span, differing
from gitops.edits.splice import NOTHING, Cut
from gitops.edits.walk import find, refuse_unsafe
from gitops.errors import Reason, Refused

Edit = Callable[[str, Simple], tuple[str, Simple | None]]
"""How the inner text is edited: text and operation in, text and inverse out."""


def cut(document: Document, within: Within, edit: Edit) -> Cut:
    """What an operation inside a string exchanges in the document around it."""
    place = find(document, within.path)
    node = place.node
    if place.missing or not isinstance(node, ScalarNode):
        raise _refused(within, "There is no text.")
    if node.style != "|" or node.anchor:
        raise _refused(within, "The text is not written as a plain literal block (|).")
    refuse_unsafe(document, node, within.path)
    after, inverse = edit(node.value, within.operation)
    if after == node.value:
        return NOTHING
    span = _span(document, node, node.value.split("\n"), after.split("\n"))
    return Cut((span,), None if inverse is None else _outer(within, inverse))


def _outer(within: Within, inverse: Simple) -> Operation:
    return Within(within.path, inverse)


def _span(document: Document, node: ScalarNode, old: list[str], new: list[str]) -> Span:
    """The lines of the document that stand for the inner lines that differ."""
    text, newline = document.text, document.text.newline_near(document.first(node))
    starts = [text.end_of_line(document.first(node)) + len(newline)]
    for _ in old[1:]:
        starts.append(text.end_of_line(starts[-1]) + len(newline))
    margin = _margin(document, old, starts)
    first, gone, come = differing(old, new)
    lines = [margin + line if line else "" for line in come]
    if gone and lines:
        return Span(starts[first], text.end_of_line(starts[first + len(gone) - 1]), newline.join(lines))
    if lines and first:
        end = text.end_of_line(starts[first - 1])
        return Span(end, end, "".join(newline + line for line in lines))
    if lines:
        return Span(starts[0], starts[0], "".join(line + newline for line in lines))
    end = text.end_of_line(starts[first + len(gone) - 1])
    return Span(text.end_of_line(starts[first - 1]) if first else starts[0], end, "")


def _margin(document: Document, old: list[str], starts: list[int]) -> str:
    for line, start in zip(old, starts, strict=True):
        raw = document.text.body[start : document.text.end_of_line(start)]
        if line.strip() and raw.endswith(line):
            return raw[: len(raw) - len(line)]
    raise Refused(Reason.UNSUPPORTED, "The text is empty.", "Write its first line by hand.")


def _refused(within: Within, sentence: str) -> Refused:
    where = ".".join(str(step) for step in within.path)
    return Refused(
        Reason.UNSUPPORTED, f"{where}: {sentence}", "Write it as a literal block (|) first, or use a mapping."
    )
