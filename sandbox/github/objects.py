"""What a Git repository holds, as plain values. Object ids are 40 hexadecimal digits, times UTC."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Signature:
    """Who made a commit, and when (UTC)."""

    name: str
    email: str
    at: datetime


@dataclass(frozen=True)
class Commit:
    """One commit; `sha`, `tree` and `parents` are hexadecimal object ids."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    author: Signature
    committer: Signature

    @property
    def subject(self) -> str:
        """The message's first line."""
        return self.message.split("\n", 1)[0]


@dataclass(frozen=True)
class Entry:
    """One line of a tree: `mode` is six octal digits, `kind` blob, tree or commit (a submodule)."""

    path: str
    mode: str
    kind: str
    sha: str
    size: int | None


@dataclass(frozen=True)
class Change:
    """What a new tree has at a path; `sha` None: nothing any more."""

    path: str
    mode: str
    sha: str | None


@dataclass(frozen=True)
class FileDiff:
    """How one file differs; `patch` is the unified diff from its first `@@` on, None for binary files."""

    path: str
    previous: str | None
    status: str
    additions: int
    deletions: int
    patch: str | None
    sha: str
