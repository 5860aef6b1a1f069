"""The hosted repository: its branches, pull requests and labels, and what happens when a branch moves."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pygit2

from sandbox.clock import Clock
from sandbox.github.git import Git
from sandbox.github.objects import Signature
from sandbox.github.options import Account, Options
from sandbox.github.pull import Pull, stamp
from sandbox.github.refusal import Refused, unprocessable

BRANCH = "refs/heads/"
DEFAULT_COLOR = "ededed"
MOVED = Callable[[str, Pull | None, dict[str, Any]], None]


class Hosting:
    """One repository as GitHub hosts it. `told` hears of every change: its kind, the pull and details."""

    def __init__(self, options: Options, git: Git, clock: Clock, told: MOVED) -> None:
        self.options = options
        self.git = git
        self.clock = clock
        self.told = told
        self.pulls: dict[int, Pull] = {}
        self.labels: dict[str, str] = {}
        self._last = 0
        self._mergeable: dict[tuple[str, str], str | None] = {}

    @property
    def default_branch(self) -> str:
        """The branch that pull requests go to and Argo CD follows."""
        return self.git.head_branch

    def now(self) -> datetime:
        """The present moment in whole seconds, as GitHub gives times."""
        return self.clock.now().replace(microsecond=0)

    def signature(self, account: Account) -> Signature:
        """This account as the author of a commit made now."""
        name = account.login if account.is_bot else account.name
        return Signature(name, account.email, self.now())

    def web_flow(self) -> Signature:
        """GitHub itself as committer: what it signs is verified."""
        return Signature("GitHub", "noreply@github.com", self.now())

    def next_number(self) -> int:
        """A number that no pull request, comment or review had before."""
        self._last += 1
        return self._last

    # Branches

    def branch(self, name: str) -> str:
        """What a branch points at. 404 when there is none."""
        sha = self.git.ref(BRANCH + name)
        if sha is None:
            raise Refused(404, "Branch not found")
        return sha

    def create_ref(self, name: str, sha: str) -> None:
        """The reference exists. 422 as GitHub refuses it."""
        if not name.startswith("refs/"):
            raise unprocessable("Reference name must start with 'refs/'.")
        if not re.match(r"refs/[^/]+/[^/]", name):
            raise unprocessable("Reference name must contain at least three slash-separated components.")
        if not pygit2.reference_is_valid_name(name):
            raise unprocessable(f"{name} is not a valid ref name.")
        if self.git.kind(sha) is None:
            raise unprocessable("Object does not exist")
        if self.git.ref(name) is not None:
            raise unprocessable("Reference already exists")
        self._move(name, sha)

    def update_ref(self, name: str, sha: str, *, force: bool) -> None:
        """The reference points there. 422 when it does not exist or would lose commits without force."""
        now = self.git.ref(name)
        if now is None:
            raise unprocessable("Reference does not exist")
        kind = self.git.kind(sha)
        if kind is None:
            raise unprocessable("Object does not exist")
        if name.startswith(BRANCH) and kind != "commit":
            raise unprocessable("Object is not a commit")
        self._refuse_direct(name)
        if kind == "commit" and not force and not self.git.descends(sha, now):
            raise unprocessable("Update is not a fast forward")
        self._move(name, sha)

    def delete_ref(self, name: str) -> None:
        """The reference is gone; open pull requests from or to it are closed."""
        if self.git.ref(name) is None:
            raise unprocessable("Reference does not exist")
        branch = name.removeprefix(BRANCH)
        if name.startswith(BRANCH) and branch == self.default_branch:
            raise unprocessable("Cannot delete the default branch")
        self._refuse_direct(name)
        self.git.drop(name)
        for pull in self.open_pulls():
            if branch in (pull.head, pull.base):
                self.close(pull)
        self.told("push", None, {"ref": name, "deleted": True})

    def advance(self, branch: str, sha: str) -> None:
        """The branch points at this commit, by GitHub's own hand: protection is not asked."""
        self._move(BRANCH + branch, sha)

    def _move(self, name: str, sha: str) -> None:
        before = self.git.ref(name)
        if name.startswith(BRANCH) and self.git.kind(sha) != "commit":
            raise unprocessable("Reference update failed")
        try:
            self.git.move(name, sha)
        except ValueError as error:
            raise unprocessable("Reference update failed") from error
        if name.startswith(BRANCH):
            self._follow(name.removeprefix(BRANCH), sha)
        self.told("push", None, {"ref": name, "before": before, "after": sha})

    def _refuse_direct(self, name: str) -> None:
        if name.removeprefix(BRANCH) in self.options.protection:
            rule = "Changes must be made through a pull request."
            raise unprocessable(f"Repository rule violations found\n\n{rule}\n\n")

    def _follow(self, branch: str, sha: str) -> None:
        for pull in self.open_pulls():
            if pull.head == branch and pull.head_sha != sha:
                pull.head_sha = sha
                pull.updated_at = stamp(self.now())
                self.git.move(f"refs/pull/{pull.number}/head", sha)
                self.told("synchronize", pull, {})
                if self.git.descends(pull.base_sha, sha):
                    self.close(pull)
            elif pull.base == branch:
                if self.git.descends(sha, pull.head_sha):
                    # Whoever pushed the pull request's commits to its base has merged it.
                    self.close(pull, merged_as=sha)
                else:
                    pull.base_sha = sha

    # Pull requests

    def open_pulls(self) -> list[Pull]:
        """The open ones, oldest first."""
        return [p for p in self.pulls.values() if p.state == "open"]

    def close(self, pull: Pull, *, merged_as: str | None = None, by: str | None = None) -> None:
        """The pull request is closed, or merged as this commit; its head and base stay as they were."""
        pull.state = "closed"
        pull.closed_at = pull.updated_at = stamp(self.now())
        if merged_as:
            pull.merged_at, pull.merged_by, pull.merge_sha = pull.closed_at, by, merged_as
        self.told("closed", pull, {})

    def test_merge(self, pull: Pull) -> str | None:
        """The tree of base and head together; None when they conflict."""
        key = (pull.base_sha, pull.head_sha)
        if key not in self._mergeable:
            self._mergeable[key] = self.git.merged(*key)
        return self._mergeable[key]

    def common(self, pull: Pull) -> str:
        """The commit that a pull request's difference starts from."""
        return self.git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha

    # What outlives a restart

    def snapshot(self) -> dict[str, Any]:
        """References, pull requests and labels as JSON values."""
        return {
            "refs": self.git.refs(),
            "pulls": [p.saved() for p in self.pulls.values()],
            "labels": self.labels,
            "last": self._last,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """All is as it was: also references that moved or came since."""
        for name in set(self.git.refs()) - set(saved["refs"]):
            self.git.drop(name)
        for name, sha in saved["refs"].items():
            if self.git.ref(name) != sha:
                self.git.move(name, sha)
        self.pulls = {p["number"]: Pull.loaded(p) for p in saved["pulls"]}
        self.labels = dict(saved["labels"])
        self._last = saved["last"]
