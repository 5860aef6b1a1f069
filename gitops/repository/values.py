"""What goes to a Git host and comes from it, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

REGULAR = "100644"


@dataclass(frozen=True)
class Head:
    """The commit at a branch's tip, and its tree."""

    repository: str
    branch: str
    commit: str
    tree: str


@dataclass(frozen=True)
class FileEdit:
    """A file as it will be; None removes it. `mode` is Git's, kept from the file that was read."""

    path: str
    content: bytes | None
    mode: str = REGULAR


@dataclass(frozen=True)
class NewPullRequest:
    """One commit on one branch and the pull request that asks for it.

    `repository` is `owner/name`. A reviewer is a login, or `team:slug` for a team of the owner.
    """

    repository: str
    base: str
    branch: str
    title: str
    body: str
    message: str
    edits: tuple[FileEdit, ...]
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()


State = Literal["open", "merged", "closed"]


@dataclass(frozen=True)
class Opened:
    """The pull request as it stands now. `complaints` say which label or reviewer could not be set, and why.

    It can be `closed` or `merged` when the same proposal was made before and somebody decided on it.
    """

    number: int
    url: str
    head_sha: str
    state: State = "open"
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True)
class PullRequestSeen:
    """A pull request as it was when looked at; `merge_commit` only once it is merged."""

    number: int
    url: str
    state: State
    head_sha: str
    merge_commit: str | None = None
    changed_by_people: bool = False


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at: how it stands, and what to do when it is not well."""

    about: str
    verdict: Literal["ok", "wrong", "unknown"]
    problem: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class AppKey:
    """A GitHub App's installation and the private key (PEM) that it signs with."""

    id: str
    installation: int
    private_key: str = field(repr=False)


@dataclass(frozen=True)
class GitHubSettings:
    """Which GitHub, as whom, and the bounds: of one request, of one operation, of writes and of caches.

    Give a `token` or an `app`. `ca_file` is a PEM file; None means the system's authorities.
    `operation_seconds` ends a row of requests, so that it stays inside a lease.
    """

    base_url: str = "https://api.github.com"
    token: str | None = field(default=None, repr=False)
    app: AppKey | None = None
    ca_file: str | None = None
    seconds: int = 10
    operation_seconds: float = 40.0
    threads: int = 8
    writes_per_minute: int = 80
    cache_bytes: int = 64 * 1024 * 1024
