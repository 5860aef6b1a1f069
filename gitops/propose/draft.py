"""A proposal while it is put together: contents after each operation, and what was done."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import Any

from gitops.edits import Append, Operation, Path, Put, apply
from gitops.errors import Refused
from gitops.files import REGULAR, Files
from gitops.manifests import CLIENT_ID, Manifest
from gitops.propose.values import FileEdit, Undo


@dataclass
class Draft:
    """The files of a repository with the edits that have been decided so far."""

    files: Files
    _after: dict[str, bytes] = field(default_factory=dict)
    _what: dict[str, list[str]] = field(default_factory=dict)
    _undo: dict[str, list[Undo]] = field(default_factory=dict)
    _operations: list[dict[str, Any]] = field(default_factory=list)

    def put(self, manifest: Manifest, path: Path, value: str, replaces: str | None = None) -> bool:
        """An object holds a string at a path; False when it does already."""
        operation = Put((*manifest.at, *path), value, replaces)
        done = self._apply(manifest.path, manifest.document, operation, (manifest.kind, manifest.name))
        if done:
            self._say(manifest.path, f"Set {path[-1]} on {manifest.title}.")
            shown = "the client id" if path[-1] == CLIENT_ID else value
            self._note("put", manifest.path, manifest.title, at=list(path), value=shown)
        return done

    def append(self, path: str, key: str, item: str | tuple[tuple[str, str], ...], what: str) -> None:
        """A kustomization lists an item."""
        if self._apply(path, 0, Append((key,), item), ("", "")):
            self._say(path, what)
            self._note("append", path, key, value=item if isinstance(item, str) else dict(item))

    def create(self, path: str, text: str, title: str, value: dict[str, Any]) -> None:
        """A new file stands at a path; `value` is what it says apart from the client id."""
        self._after[path] = text.encode()
        self._undo[path] = [Undo(path, "", "", 0, None)]
        self._say(path, f"Add {title}.")
        self._note("create", path, title, value=value)

    def is_taken(self, path: str) -> bool:
        """Whether something stands at a path already."""
        self.files.entries(posixpath.dirname(path))
        return path in self.files.modes or path in self._after

    def edits(self) -> tuple[FileEdit, ...]:
        """Every file that differs, by path."""
        return tuple(self._edit(path) for path in sorted(self._after))

    @property
    def operations(self) -> tuple[dict[str, Any], ...]:
        """What was done, in an order that does not depend on how it was found."""
        return tuple(sorted(self._operations, key=lambda one: (one["path"], one["object"], str(one))))

    def _apply(self, path: str, document: int, operation: Operation, named: tuple[str, str]) -> bool:
        before = self._after[path] if path in self._after else self.files.read(path)
        try:
            made = apply(before, document, operation)
        except Refused as refused:
            raise refused.at(path) from None
        if not made.is_change(before):
            return False
        self._after[path] = made.content
        self._undo.setdefault(path, []).insert(0, Undo(path, *named, document, made.inverse))
        return True

    def _edit(self, path: str) -> FileEdit:
        is_new = path not in self.files.modes
        return FileEdit(
            path,
            None if is_new else self.files.read(path),
            self._after[path],
            self.files.modes.get(path, REGULAR),
            " ".join(self._what[path]),
            tuple(self._undo[path]),
        )

    def _say(self, path: str, what: str) -> None:
        self._what.setdefault(path, []).append(what)

    def _note(self, do: str, path: str, title: str, **more: Any) -> None:
        self._operations.append({"do": do, "path": path, "object": title, **more})
