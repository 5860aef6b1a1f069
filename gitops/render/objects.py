"""Two renderings compared object by object. Pure."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from gitops.edits import Tree, parse
from gitops.manifests import Manifest, objects

Name = tuple[str, str, str, str]
"""API group, kind, namespace and name."""


@dataclass(frozen=True)
class Difference:
    """The objects that differ, before and after by name (None where there was or is none), and a diff."""

    changed: dict[Name, tuple[Tree | None, Tree | None]]
    text: str


def compare(before: tuple[str, ...], after: tuple[str, ...]) -> Difference:
    """What differs between two renderings; objects whose text is the same are not looked at."""
    old, new = Counter(before), Counter(after)
    gone, come = list((old - new).elements()), list((new - old).elements())
    was, now = _by_name(gone), _by_name(come)
    changed = {name: (was.get(name), now.get(name)) for name in sorted({*was, *now})}
    return Difference({name: pair for name, pair in changed.items() if pair[0] != pair[1]}, _diff(gone, come))


def find(texts: tuple[str, ...], kind: str, name: str) -> list[Manifest]:
    """The rendered objects of a kind and a name."""
    likely = [text for text in texts if kind in text and name in text]
    return [one for one in all_of(likely) if one.kind == kind and one.name == name]


def all_of(texts: Iterable[str]) -> list[Manifest]:
    """Every rendered object."""
    return [one for text in texts for tree in parse(text) for one in objects("", 0, tree)]


def _by_name(texts: list[str]) -> dict[Name, Tree]:
    named: dict[Name, Tree] = {}
    for one in all_of(texts):
        name, number = (one.group, one.kind, one.namespace or "", one.name), 1
        while name in named:
            number += 1
            name = (*name[:3], f"{one.name} #{number}")
        named[name] = one.tree
    return named


def _diff(before: list[str], after: list[str]) -> str:
    """The objects that differ as one unified diff, each under its kind and name."""
    was, now = _by_title(before), _by_title(after)
    lines: list[str] = []
    for title in sorted({*was, *now}):
        old, new = was.get(title, []), now.get(title, [])
        lines += difflib.unified_diff(old, new, f"before/{title}", f"after/{title}", lineterm="")
    return "\n".join(lines)


def _by_title(texts: list[str]) -> dict[str, list[str]]:
    titled: dict[str, list[str]] = {}
    for text in texts:
        title = " and ".join(f"{one.kind}/{one.name}" for one in all_of([text])) or "text"
        titled.setdefault(title, []).extend(text.splitlines())
    return titled
