"""A proposal taken back after it was merged: the files as they were before, whatever else changed since."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable

from gitops import manifests
from gitops.edits import Remove, Take, apply
from gitops.errors import Refused
from gitops.files import Files, Missing, NotLoaded
from gitops.propose.values import FileEdit, Undo


def withdraw(files: Files, undo: Iterable[Undo]) -> tuple[FileEdit, ...]:
    """The edits that take a proposal back; what is gone or was changed by somebody stays as it is.

    A file that the proposal made and somebody changed since stays, and stays listed: only what the proposal
    is about goes out of it. Raises NotLoaded for the files that it needs, and Refused for a file that cannot
    be edited safely.
    """
    steps = list(undo)
    files.require(files={step.path for step in steps})
    steps = [step for step in steps if files.has(step.path)]
    kept = {step.path for step in steps if step.operation is None and not _is_as_made(files, step)}
    after: dict[str, bytes | None] = {}
    for step in steps:
        content = after.get(step.path, files.read(step.path))
        if content is not None and not _lists(step, kept):
            after[step.path] = _undone(content, step, step.path in kept)
    return tuple(
        _edit(files, path, content) for path, content in sorted(after.items()) if content != files.read(path)
    )


def needed(files: Files, undo: Iterable[Undo]) -> Missing:
    """What has to be loaded before `withdraw` can answer; ask again until it is empty."""
    try:
        files.require(files={step.path for step in undo})
    except NotLoaded as more:
        return more.missing
    return Missing()


def _is_as_made(files: Files, step: Undo) -> bool:
    return hashlib.sha256(files.read(step.path)).hexdigest() == step.made


def _lists(step: Undo, kept: set[str]) -> bool:
    """Whether a step would take a file out of a kustomization that is to stay."""
    if not isinstance(step.operation, Take):
        return False
    item = step.operation.item
    entry = item if isinstance(item, str) else str(dict(item).get("path", ""))
    return posixpath.join(posixpath.dirname(step.path), entry) in kept


def _undone(content: bytes, step: Undo, is_kept: bool) -> bytes | None:
    try:
        if step.operation is None:
            return _cleared(content, step.path) if is_kept else None
        document = _document(content, step)
        return content if document is None else apply(content, document, step.operation).content
    except Refused as refused:
        raise refused.at(step.path) from None


def _cleared(content: bytes, path: str) -> bytes:
    """A file without the annotations and the label, wherever it has them."""
    for one in manifests.read(path, content):
        keys = [("metadata", "annotations", key) for key in (manifests.CLIENT_ID, manifests.TENANT_ID)]
        for key in (*keys, manifests.label_path(one)):
            content = apply(content, one.document, Remove((*one.at, *key), created=1)).content
    return content


def _document(content: bytes, step: Undo) -> int | None:
    """Where the object stands now; None when the file no longer declares it."""
    if not step.kind:
        return step.document
    found = [
        one.document
        for one in manifests.read(step.path, content)
        if (one.kind, one.name) == (step.kind, step.name)
    ]
    return step.document if step.document in found else next(iter(found), None)


def _edit(files: Files, path: str, content: bytes | None) -> FileEdit:
    what = "Remove the file." if content is None else "Take the identity out again."
    return FileEdit(path, files.read(path), content or b"", files.modes[path], what, (), content is None)
