"""One document as ruamel.yaml composes it: nodes, and where in the text each of them ends."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import StringMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gitops.edits.text import Text
from gitops.errors import Reason, Refused

Entry = tuple[Node, Node]
_BLANK = re.compile(r"(?:[ \t\r\n]|(?<![^ \t\r\n])#[^\n]*)*")
_ALIAS = re.compile(r"[ \t\r\n]*\*[^\s,\[\]{}]+")
_REST = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\n]*)?\r?(?=\n|\Z)")
_TABS = re.compile(r"[ \t]*\t[ \t]*(?=#|\r?\n|\Z)")
_PROPERTIES = re.compile(r"(?:[&!][^\s]*\s*)*")


@dataclass(frozen=True)
class Document:
    """A document's nodes over the whole file's text; all positions are indices into that text."""

    text: Text
    start: int
    end: int
    root: Node

    @classmethod
    def compose(cls, text: Text, number: int) -> Document:
        """The document of that number; refused when the file has no such document or it cannot be read."""
        sections = text.sections()
        if number >= len(sections):
            raise Refused(
                Reason.NOT_FOUND,
                f"The file has {len(sections)} documents, not {number + 1}.",
                "Look again.",
            )
        start, end = sections[number]
        roots = _composed(text.body[start:end])
        if len(roots) > 1:
            raise Refused(
                Reason.UNSUPPORTED,
                "Two documents stand between the same markers.",
                "Separate them by `---`.",
            )
        return cls(text, start, end, roots[0] if roots else _nothing())

    @property
    def is_blank(self) -> bool:
        """Whether the document says nothing: comments at most, or an empty document."""
        return isinstance(self.root, ScalarNode) and self.is_empty(self.root)

    def first(self, node: Node) -> int:
        """Where a node starts."""
        return self.start + int(node.start_mark.index)

    def last(self, node: Node) -> int:
        """Where a node that is neither empty nor an alias ends: after its last visible character."""
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            return self._end_of_block_scalar(node)
        if isinstance(node, MappingNode) and not node.flow_style:
            key, value = node.value[-1]
            return self.after(self.colon(key), value)
        if isinstance(node, SequenceNode) and not node.flow_style:
            return self._end_of_items(node)
        return self.start + int(node.end_mark.index)

    def colon(self, key: Node) -> int:
        """The position just after a key's colon."""
        end = self.first(key) if self.is_empty(key) else self.last(key)
        found = re.compile(r"\s*:").match(self.text.body, end, self.end)
        if found is None:
            raise unsupported("A key has no colon of its own.")
        return found.end()

    def after(self, indicator: int, value: Node) -> int:
        """Where a value ends that follows an indicator (`:` or `-`) ending at that index."""
        if self.is_empty(value):
            return indicator
        if self.first(value) < indicator:
            alias = _ALIAS.match(self.text.body, indicator, self.end)
            if alias is None:
                raise unsupported("A value stands before its key.")
            return alias.end()
        return self.last(value)

    def items(self, node: SequenceNode) -> Iterator[tuple[int, Node]]:
        """Each item of a block sequence with the index of its dash."""
        position = self.first(node)
        position = _matched(_PROPERTIES, self.text.body, position)
        for item in node.value:
            dash = _matched(_BLANK, self.text.body, position)
            if self.text.body[dash : dash + 1] != "-":
                raise unsupported("An item has no dash of its own.")
            yield dash, item
            position = self.after(dash + 1, item)

    def is_empty(self, node: Node) -> bool:
        """Whether nothing is written for a node (a key or dash with nothing behind it)."""
        return isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index

    def is_alias(self, key: Node, value: Node) -> bool:
        """Whether a value is an alias of a node further up."""
        return not self.is_empty(value) and self.first(value) < self.last(key)

    def is_shared(self, node: Node) -> bool:
        """Whether an alias elsewhere in the document stands for a node too."""
        anchor = node.anchor
        if not anchor:
            return False
        use = re.compile(rf"\*{re.escape(anchor)}(?=[\s,\[\]{{}}]|\Z)")
        return use.search(self.text.body, self.start, self.end) is not None

    def column(self, index: int) -> int:
        """How many characters stand before an index in its line."""
        return index - self.text.start_of_line(index)

    def end_of_block_line(self, index: int) -> int:
        """Where the line of a block entry's end ends; refused when something else follows in it."""
        # A block scalar ends at the start of the next line, or where a line ends.
        if index > 0 and self.text.body[index - 1] == "\n":
            index = self.text.end_of_line(self.text.start_of_line(index - 1))
        if _REST.match(self.text.body, index) is None:
            raise unsupported("Something else follows in the line where the new text belongs.")
        return self.text.end_of_line(index)

    def _end_of_items(self, node: SequenceNode) -> int:
        position = self.first(node)
        for dash, item in self.items(node):
            position = self.after(dash + 1, item)
        return position

    def _end_of_block_scalar(self, node: ScalarNode) -> int:
        first, end = self.first(node), self.start + int(node.end_mark.index)
        header = self.text.body[first : self.text.end_of_line(first)].partition("#")[0]
        # The end mark may stand behind the next line's indentation.
        end = end if end == len(self.text.body) else self.text.start_of_line(end)
        if "+" in header:
            return end
        return first + len(self.text.body[first:end].rstrip(" \t\r\n"))


def steps(document: Document) -> Counter[int]:
    """How far nested block mappings are indented in a document, each width with its count."""
    counted: Counter[int] = Counter()
    for parent, node in _nested(document.root):
        if isinstance(parent, MappingNode) and isinstance(node, MappingNode) and node.value:
            step = int(node.value[0][0].start_mark.column) - int(parent.value[0][0].start_mark.column)
            if not node.flow_style and not parent.flow_style and step > 0:
                counted[step] += 1
    return counted


def dashes(document: Document) -> Counter[int]:
    """How far block sequences are indented from their keys in a document, each width with its count."""
    counted: Counter[int] = Counter()
    for parent, node in _nested(document.root):
        if isinstance(parent, MappingNode) and isinstance(node, SequenceNode) and not node.flow_style:
            step = int(node.start_mark.column) - int(parent.value[0][0].start_mark.column)
            if not parent.flow_style and step >= 0 and not node.anchor:
                counted[step] += 1
    return counted


def scalars(node: Node) -> Iterator[ScalarNode]:
    """Every scalar of a tree that is no key."""
    if isinstance(node, ScalarNode):
        yield node
    yield from (child for _, child in _nested(node) if isinstance(child, ScalarNode))


def _nested(root: Node) -> Iterator[tuple[Node, Node]]:
    """Every value or item of a tree with its parent, each node once however many aliases stand for it."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, ScalarNode):
            continue
        seen.add(id(node))
        children: list[Any] = (
            [value for _, value in node.value] if isinstance(node, MappingNode) else list(node.value)
        )
        yield from ((node, child) for child in children)
        waiting.extend(reversed(children))


def unsupported(sentence: str) -> Refused:
    """A refusal for a document that is written in a way that the splice does not know."""
    return Refused(Reason.UNSUPPORTED, sentence, "Make the change by hand; the snippet says what is wanted.")


def _composed(body: str) -> list[Node]:
    try:
        return _roots(body)
    except Refused:
        # ruamel.yaml stumbles over tabs before a comment or a line end, which YAML allows. Spaces in their
        # place keep every position, and the gate reads the real text.
        spaced = _TABS.sub(lambda match: " " * len(match.group()), body)
        if spaced == body:
            raise
        return _roots(spaced)


def _roots(body: str) -> list[Node]:
    try:
        return list(YAML(typ="safe", pure=True).compose_all(body))
    except (YAMLError, RecursionError, ValueError) as error:
        raise Refused(
            Reason.NOT_YAML, f"The document cannot be read: {_problem(error)}.", "Mend the file first."
        ) from None


def _nothing() -> ScalarNode:
    mark = StringMark("", 0, 0, 0, "", 0)
    return ScalarNode("tag:yaml.org,2002:null", "", mark, mark)


def _matched(pattern: re.Pattern[str], body: str, position: int) -> int:
    match = pattern.match(body, position)
    return match.end() if match else position


def _problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or type(error).__name__
    return f"{said} in line {mark.line + 1} of the document" if mark else str(said)
