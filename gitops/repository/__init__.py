"""A GitOps repository on GitHub: its files by need, and proposals to change them."""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Callable
from functools import partial
from typing import Self

from gitops.errors import NotVisible, Rejected
from gitops.files import Files, Missing
from gitops.repository.access import Access, Calls
from gitops.repository.checking import check
from gitops.repository.limiter import Clock
from gitops.repository.proposing import decided, open_pull_request, state_of
from gitops.repository.reading import Objects
from gitops.repository.values import (
    AppKey,
    Checked,
    FileEdit,
    GitHubSettings,
    Head,
    NewPullRequest,
    Opened,
    PullRequestSeen,
)

__all__ = [
    "AppKey",
    "Checked",
    "FileEdit",
    "GitHubSettings",
    "Head",
    "NewPullRequest",
    "Opened",
    "PullRequestSeen",
    "Repository",
]

ROUNDS = 40
SHARES = 4
"""GitHub gives one file at a time: so many threads fetch the files of one round."""
WRITES = 4
"""Trees, commits, refs and pulls: one each for a proposal; labels and reviewers come on top."""


class Repository:
    """Repositories of one GitHub as one account; an async context.

    Every operation runs as a whole in one of a few threads, since PyGithub blocks. Raises Unavailable
    (come back after so many seconds) and Rejected (with a remedy) and nothing else of GitHub's.
    """

    def __init__(self, settings: GitHubSettings, clock: Clock) -> None:
        self._access = Access(settings, clock)
        self._objects = Objects(settings.cache_bytes)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._access.close()

    async def head(self, repository: str, branch: str) -> Head:
        """The commit at a branch's tip and its tree: one request, free when nothing changed."""

        def read(calls: Calls) -> Head:
            found = calls.get(f"/repos/{repository}/branches/{urllib.parse.quote(branch)}")["commit"]
            return Head(repository, branch, found["sha"], found["commit"]["tree"]["sha"])

        return await self._access.run(f"Reading {branch} of {repository}", read)

    async def load(self, head: Head, files: Files, missing: Missing) -> Files:
        """The files as they were, and what was missing of the head's tree; nothing is read twice."""
        doing, objects = f"Reading files of {head.repository}", self._objects
        if directories := sorted(missing.directories):
            files = await self._access.run(
                doing, lambda calls: objects.with_directories(calls, head, files, directories)
            )
        paths = sorted(missing.files)
        shares = [share for n in range(SHARES) if (share := paths[n::SHARES])]
        loaded = await asyncio.gather(
            *(self._access.run(doing, partial(objects.contents, head=head, paths=share)) for share in shares)
        )
        return files.with_files({path: text for one in loaded for path, text in one.items()})

    async def files(self, head: Head, need: Callable[[Files], Missing], files: Files | None = None) -> Files:
        """Enough of the head's tree that `need` asks for nothing more, in as many rounds as it has to ask.

        Raises Rejected when it never ends.
        """
        known = files or Files()
        for _ in range(ROUNDS):
            missing = need(known)
            if not missing:
                return known
            known = await self.load(head, known, missing)
        raise Rejected(
            f"The files of {head.repository} name ever more files.",
            "Look for a kustomization that refers to itself.",
        )

    async def open_pull_request(self, wanted: NewPullRequest, head: Head) -> Opened:
        """One commit with these edits on the head, on its branch, and the open pull request for it.

        Safe to repeat: the same proposal finds its branch and pull request again. Raises BranchTouched
        when somebody else pushed to the branch.
        """
        writes = WRITES + bool(wanted.labels) + bool(wanted.reviewers)
        return await self._access.run(
            f"Proposing {wanted.branch} to {wanted.repository}",
            lambda calls: open_pull_request(calls, wanted, head),
            writes=writes,
            key=f"{wanted.repository}:{wanted.branch}",
        )

    async def decided(self, repository: str, branch: str) -> Opened | None:
        """The branch's newest pull request, if somebody merged or closed it; None while it is open."""
        return await self._access.run(
            f"Reading the pull requests of {branch} in {repository}",
            lambda calls: decided(calls, repository, branch),
        )

    async def pull_request(self, repository: str, number: int, ours: str = "") -> PullRequestSeen:
        """The pull request as it stands; `ours` is the commit that the bot left at its head."""

        def read(calls: Calls) -> PullRequestSeen:
            found = calls.get(f"/repos/{repository}/pulls/{number}")
            state, tip = state_of(found), found["head"]["sha"]
            return PullRequestSeen(
                number=number,
                url=found["html_url"],
                state=state,
                head_sha=tip,
                merge_commit=found.get("merge_commit_sha") if state == "merged" else None,
                changed_by_people=bool(ours) and tip != ours,
            )

        return await self._access.run(f"Reading pull request {number} of {repository}", read)

    async def contains(self, repository: str, commit: str, revision: str) -> bool:
        """Whether the revision is the commit or comes after it; no when the repository lacks either."""

        def compare(calls: Calls) -> bool:
            span = f"{urllib.parse.quote(commit)}...{urllib.parse.quote(revision)}"
            found = calls.get(f"/repos/{repository}/compare/{span}", per_page=1)
            return found["status"] in ("ahead", "identical")

        if commit == revision:
            return True
        try:
            return await self._access.run(f"Comparing commits of {repository}", compare)
        except NotVisible:
            return False

    async def check(self, repository: str, branch: str) -> tuple[Checked, ...]:
        """What `bot check` says of a repository: whether it is seen, may be written to, its rules."""
        return await self._access.run(
            f"Checking {repository}", lambda calls: check(calls, repository, branch)
        )
