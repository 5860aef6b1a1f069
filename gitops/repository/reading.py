"""A repository's trees and blobs, kept by their hash: what did not change is not read again."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Iterable
from typing import Any

from gitops.errors import NotVisible, Rejected
from gitops.files import Files
from gitops.repository.access import Calls
from gitops.repository.cache import Bounded
from gitops.repository.values import Head

MAX_FILE = 5 * 1024 * 1024
ENTRY_SIZE = 200
"""About what one entry of a tree holds in memory, in bytes."""
AROUND = 2
"""A directory is read with its cousins: kustomize's bases are mostly two levels up and down again."""

Entry = tuple[str, str]
"""Git mode and object id."""
Tree = dict[str, Entry]


class Objects:
    """The Git objects of all repositories that were read, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._trees: Bounded[Tree] = Bounded(most // 4)
        self._blobs: Bounded[bytes] = Bounded(most // 2)
        self._large: Bounded[bool] = Bounded(1024 * 1024)

    def with_directories(self, calls: Calls, head: Head, files: Files, directories: Iterable[str]) -> Files:
        """The files with these directories listed; one that does not exist has no entries."""
        for directory in directories:
            tree = self._directory(calls, head, directory)
            files = files.with_directory(directory, {name: mode for name, (mode, _) in tree.items()})
        return files

    def contents(self, calls: Calls, head: Head, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of these files. Raises Rejected when one is gone or too big."""
        return {path: self._content(calls, head, path) for path in paths}

    def _directory(self, calls: Calls, head: Head, directory: str) -> Tree:
        names = directory.split("/") if directory else []
        sha = head.tree
        for depth, name in enumerate(names):
            tree = self._tree(calls, head.repository, sha, deep=depth >= max(2, len(names) - AROUND))
            mode, sha = tree.get(name, ("", ""))
            if mode != "040000":
                return {}
        return self._tree(calls, head.repository, sha, deep=len(names) >= 2)

    def _tree(self, calls: Calls, repository: str, sha: str, deep: bool) -> Tree:
        """One directory's entries; a deep read learns those of all below, unless GitHub cuts them off."""
        known = self._trees.get(sha)
        if known is not None:
            return known
        url = f"/repos/{repository}/git/trees/{sha}"
        if deep and not self._large.get(sha):
            answer = calls.once(url, recursive="1")
            if not answer.get("truncated"):
                return self._keep(sha, answer["tree"])
            self._large.put(sha, True, 1)
        answer = calls.once(url)
        return self._keep(sha, answer["tree"])

    def _keep(self, sha: str, rows: Iterable[dict[str, Any]]) -> Tree:
        """Every directory of the answer is kept on its own; the tree of `sha` itself is returned."""
        trees: dict[str, Tree] = {"": {}}
        ids = {"": sha}
        for row in rows:
            above, name = posixpath.split(row["path"])
            trees.setdefault(above, {})[name] = (row["mode"], row["sha"])
            if row["type"] == "tree":
                ids[row["path"]] = row["sha"]
        for path, tree in trees.items():
            self._trees.put(ids[path], tree, ENTRY_SIZE * (len(tree) + 1))
        return trees[""]

    def _content(self, calls: Calls, head: Head, path: str) -> bytes:
        above, name = posixpath.split(path)
        _, sha = self._directory(calls, head, above).get(name, ("", ""))
        if not sha:
            raise NotVisible(f"{head.repository} has no file {path}.", "Look at what names it.")
        known = self._blobs.get(sha)
        if known is None:
            known = _decoded(calls.once(f"/repos/{head.repository}/git/blobs/{sha}"), path)
            self._blobs.put(sha, known, len(known) + 100)
        return known


def _decoded(blob: dict[str, Any], path: str) -> bytes:
    if blob.get("size", 0) > MAX_FILE:
        raise Rejected(f"{path} has {blob['size']} bytes.", "Edit it by hand, or split it.")
    content = blob["content"]
    return base64.b64decode(content) if blob.get("encoding") == "base64" else content.encode()
