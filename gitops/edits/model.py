"""What a file says, read by PyYAML's C parser: plain trees that can be compared.

This is the second reading that every edit has to agree with, so it shares no code with the first. Sizes and
depth are bounded: reading takes linear time whatever the file holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, cast

import yaml

from gitops.errors import Reason, Refused

_MAX_DEPTH = 100
_MAX_NODES = 400_000
_MAX_DOCUMENTS = 5_000
STRING = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
MERGE = "tag:yaml.org,2002:merge"
_RESOLVER = yaml.SafeLoader("")


class Scalar(NamedTuple):
    """A scalar as the parser resolves it: its tag and its text."""

    tag: str
    value: str

    @property
    def is_null(self) -> bool:
        """Whether it stands for nothing."""
        return self.tag == _NULL

    @property
    def is_string(self) -> bool:
        """Whether Kubernetes reads a string."""
        return self.tag == STRING


Key: TypeAlias = str | Scalar
Tree: TypeAlias = "Scalar | list[Tree] | dict[Key, Tree]"


def text(value: str) -> Scalar:
    """A string."""
    return Scalar(STRING, value)


def child(tree: Tree | None, *path: str | int) -> Tree | None:
    """What stands at a path, or None."""
    for step in path:
        if isinstance(step, str) and isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(step, int) and isinstance(tree, list) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree


def string(tree: Tree | None, *path: str | int) -> str | None:
    """The text of the scalar at a path; None when there is none or it is null."""
    found = child(tree, *path)
    return found.value if isinstance(found, Scalar) and not found.is_null else None


def resolved_tag(value: str, is_plain: bool = True) -> str:
    """The tag that YAML 1.1, which kustomize and Helm read, gives a scalar without one."""
    resolve = cast("Callable[[type, str, tuple[bool, bool]], str]", _RESOLVER.resolve)
    return resolve(yaml.ScalarNode, value, (is_plain, not is_plain))


def parse(body: str) -> list[Tree]:
    """Every document of a text; refused when it is no YAML, has duplicate keys, or is out of bounds."""
    try:
        return list(_documents(body))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        if "{{" in body:
            raise Refused(
                Reason.TEMPLATE,
                f"The file is a template{where}, not YAML.",
                "Set the value that the template reads, or make the change in the template by hand.",
            ) from None
        raise Refused(
            Reason.NOT_YAML, f"The file is not YAML{where}: {problem}.", "Mend the file first."
        ) from None


def _documents(body: str) -> Iterator[Tree]:
    loader = yaml.CSafeLoader(body)
    try:
        reading, count = _Reading(), 0
        while loader.check_event():
            reading.take(loader.get_event())
            if reading.finished is not None:
                yield reading.finished
                reading, count = _Reading(), count + 1
                if count > _MAX_DOCUMENTS:
                    raise _too_many()
    finally:
        loader.dispose()


def _too_many() -> Refused:
    return Refused(
        Reason.UNBOUNDED,
        f"The file has more than {_MAX_DOCUMENTS:,} documents.",
        "Move the object into a file of its own.",
    )


@dataclass
class _Open:
    """A collection whose end has not been read yet."""

    tree: list[Tree] | dict[Key, Tree]
    anchor: str | None
    line: int
    before: int
    key: Key | None = None


@dataclass
class _Reading:
    """One document while its events come in."""

    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Tree, int]] = field(default_factory=dict)
    nodes: int = 0
    finished: Tree | None = None

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            scalar = self._resolved(event)
            self._count(1)
            self._remember(event.anchor, scalar, 1)
            self._place(scalar, event)
        elif isinstance(event, yaml.AliasEvent):
            tree, size = self._aliased(event)
            self._count(size)
            self._place(tree, event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(event)

    def _resolved(self, event: Any) -> Scalar:
        tag = event.tag
        if tag is None or tag == "!":
            tag = resolved_tag(event.value, is_plain=event.implicit[0])
        return Scalar(tag, event.value)

    def _open(self, event: Any) -> None:
        if len(self.stack) >= _MAX_DEPTH:
            raise Refused(
                Reason.UNBOUNDED,
                f"The file is nested more than {_MAX_DEPTH} levels deep.",
                "Make the change by hand.",
            )
        tree: list[Tree] | dict[Key, Tree] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self.anchors.pop(event.anchor, None)
        self.stack.append(_Open(tree, event.anchor, event.start_mark.line, self.nodes))
        self._count(1)

    def _close(self, event: Any) -> None:
        done = self.stack.pop()
        self._remember(done.anchor, done.tree, self.nodes - done.before)
        self._place(done.tree, event)

    def _place(self, tree: Tree, event: Any) -> None:
        if not self.stack:
            self.finished = tree
            return
        top = self.stack[-1]
        if isinstance(top.tree, list):
            top.tree.append(tree)
        elif top.key is None:
            top.key = _key(tree, top.tree, event.start_mark.line)
        else:
            top.tree[top.key] = tree
            top.key = None

    def _aliased(self, event: Any) -> tuple[Tree, int]:
        if event.anchor not in self.anchors:
            raise Refused(
                Reason.ALIAS,
                f"The alias *{event.anchor} (line {event.start_mark.line + 1}) stands for nothing.",
                "Mend the file first.",
            )
        return self.anchors[event.anchor]

    def _remember(self, anchor: str | None, tree: Tree, size: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (tree, size)

    def _count(self, size: int) -> None:
        self.nodes += size
        if self.nodes > _MAX_NODES:
            raise Refused(
                Reason.UNBOUNDED,
                f"A document of the file has more than {_MAX_NODES:,} values once its aliases are followed.",
                "Make the change by hand.",
            )


def _key(tree: Tree, siblings: dict[Key, Tree], line: int) -> Key:
    if not isinstance(tree, Scalar):
        raise Refused(
            Reason.TEMPLATE,
            f"A key in line {line + 1} is no text; this is how an unrendered template reads.",
            "Make the change by hand.",
        )
    key: Key = tree.value if tree.is_string else tree
    if key in siblings and tree.tag != MERGE:
        raise Refused(
            Reason.DUPLICATE_KEY,
            f"The key {tree.value!r} stands twice in the same mapping (line {line + 1}).",
            "Remove one of the two first; engines disagree about which one counts.",
        )
    return key
