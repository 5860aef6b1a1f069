"""The changes that can be made to one document, as values; each one made gives back its inverse."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]
Item = str | tuple[tuple[str, str | bool], ...]
"""An entry of a sequence: a string, or a mapping in the order in which it is written."""


@dataclass(frozen=True)
class Put:
    """A key holds a string; mappings on the way to it are made where there are none.

    `replaces` is the one other value that may be overwritten; without it a different value refuses.
    """

    path: Path
    value: str
    replaces: str | None = None


@dataclass(frozen=True)
class Remove:
    """A key is gone, if it holds `value` (None: whatever it holds).

    `created` says how many of the mappings above it go too once they are empty; `opened` is what stood in
    place of the innermost one that stays, as it was written.
    """

    path: Path
    value: str | None = None
    created: int = 0
    opened: str | None = None


@dataclass(frozen=True)
class Restore:
    """A key that holds `value` is written as it was before, letter for letter."""

    path: Path
    value: str
    raw: str


@dataclass(frozen=True)
class Append:
    """A sequence has an item; it is made where there is none."""

    path: Path
    item: Item


@dataclass(frozen=True)
class Take:
    """A sequence no longer has an item; `created` and `opened` as in `Remove`, from the sequence up."""

    path: Path
    item: Item
    created: int = 0
    opened: str | None = None


Simple = Put | Remove | Restore | Append | Take


@dataclass(frozen=True)
class Within:
    """An operation is done inside a string that is YAML itself (`helm.values` of an Application)."""

    path: Path
    operation: Simple


Operation = Simple | Within
