"""A repository's files as far as they are known: a read-only tree that is filled by need.

Nothing here reads a disk or a network. Whoever owns one asks `gitops.propose.missing` what to load next,
loads it, and asks again; the rounds are as many as the kustomization is deep, whatever the repository holds.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from gitops.errors import GitopsError, Reason, Refused

REGULAR, EXECUTABLE, SYMLINK, DIRECTORY = "100644", "100755", "120000", "040000"


@dataclass(frozen=True)
class Missing:
    """Directories whose entries, and files whose contents, are needed and not known yet."""

    directories: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.directories or self.files)


class NotLoaded(GitopsError):
    """Something is needed that has not been loaded; `missing` says what."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(f"not loaded: {sorted(missing.directories | missing.files)}")
        self.missing = missing


@dataclass(frozen=True)
class Files:
    """Paths (POSIX, relative to the repository's root; "" is the root) with contents and Git modes.

    `listed` are the directories whose direct entries are all in `modes`; `is_whole` says that everything
    there is stands here.
    """

    contents: Mapping[str, bytes] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    is_whole: bool = False

    @classmethod
    def whole(cls, contents: Mapping[str, bytes], modes: Mapping[str, str] | None = None) -> Files:
        """A tree that is completely known from the contents of its files."""
        known = dict.fromkeys(contents, REGULAR) | dict(modes or {})
        directories = {parent for path in known for parent in _parents(path)} | {""}
        known |= {directory: DIRECTORY for directory in directories if directory}
        return cls(dict(contents), known, frozenset(directories), is_whole=True)

    def with_directory(self, directory: str, entries: Mapping[str, str]) -> Files:
        """This tree knowing a directory's direct entries, name to Git mode; none if it does not exist."""
        modes = {posixpath.join(directory, name): mode for name, mode in entries.items()}
        return replace(self, modes={**self.modes, **modes}, listed=self.listed | {directory})

    def with_files(self, contents: Mapping[str, bytes]) -> Files:
        """This tree knowing the contents of some files more."""
        modes = {path: REGULAR for path in contents if path not in self.modes}
        return replace(self, contents={**self.contents, **contents}, modes={**self.modes, **modes})

    def entries(self, directory: str) -> list[str]:
        """The paths directly in a directory, sorted; none if it does not exist."""
        if not self.is_whole and directory not in self.listed:
            raise NotLoaded(Missing(directories=frozenset({directory})))
        return sorted(path for path in self.modes if path and posixpath.dirname(path) == directory)

    def require(self, directories: Iterable[str] = (), files: Iterable[str] = ()) -> None:
        """Everything named is known, or all that is not is asked for at once."""
        if self.is_whole:
            return
        wanted = {path for path in files if path not in self.contents}
        unlisted = set(directories) - self.listed
        unlisted |= {posixpath.dirname(path) for path in wanted if path not in self.modes} - self.listed
        loadable = {path for path in wanted if self.modes.get(path) in (REGULAR, EXECUTABLE)}
        if unlisted or loadable:
            raise NotLoaded(Missing(frozenset(unlisted), frozenset(loadable)))

    def has(self, path: str) -> bool:
        """Whether a file of that name exists; its directory has to be listed."""
        if not self.is_whole and path not in self.modes:
            directory = posixpath.dirname(path)
            if directory not in self.listed:
                raise NotLoaded(Missing(directories=frozenset({directory})))
        return self.modes.get(path, DIRECTORY) != DIRECTORY

    def read(self, path: str) -> bytes:
        """A file's contents; a symbolic link is refused, since what it leads to is not in the tree."""
        if not self.has(path):
            raise Refused(Reason.NOT_FOUND, "There is no such file.", "Look at what names it.", path)
        if self.modes[path] == SYMLINK:
            raise Refused(
                Reason.SYMLINK,
                "The file is a symbolic link.",
                "Give the path of the application that it leads to.",
                path,
            )
        if path not in self.contents:
            raise NotLoaded(Missing(files=frozenset({path})))
        return self.contents[path]


def _parents(path: str) -> Iterable[str]:
    while path:
        path = posixpath.dirname(path)
        yield path
