"""One commit on one branch and its pull request, by as few requests as GitHub allows, and safe to repeat."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gitops.errors import BranchTouched, Rejected, Unavailable
from gitops.repository.access import Calls, Refusal
from gitops.repository.values import FileEdit, Head, NewPullRequest, Opened, State

TITLE = 255
BODY = 65_536
TEAM = "team:"


@dataclass(frozen=True)
class Commit:
    """A commit and its tree; `author` is whom GitHub takes its maker for."""

    sha: str
    tree: str
    author: tuple[str, str]


def open_pull_request(calls: Calls, wanted: NewPullRequest, head: Head) -> Opened:
    """The pull request is open with exactly these edits on this head; one that was decided on is left alone.

    POST trees, commits, refs, pulls; then labels and reviewers, whose failure is only a complaint.
    """
    commit = _commit(calls, wanted, head)
    try:
        calls.post(_at(wanted, "git/refs"), {"ref": f"refs/heads/{wanted.branch}", "sha": commit.sha})
    except Refusal as refusal:
        if not refusal.says("already exists"):
            raise
        if earlier := decided(calls, wanted.repository, wanted.branch):
            return earlier
        commit = _settle(calls, wanted, head, commit)
    pull = _pull(calls, wanted)
    return Opened(
        pull["number"], pull["html_url"], commit.sha, "open", _decorate(calls, wanted, pull["number"])
    )


def decided(calls: Calls, repository: str, branch: str) -> Opened | None:
    """The branch's newest pull request, when somebody merged or closed it."""
    pull = _latest(calls, repository, branch)
    if pull is None or state_of(pull) == "open":
        return None
    return Opened(pull["number"], pull["html_url"], pull["head"]["sha"], state_of(pull))


def state_of(pull: dict[str, Any]) -> State:
    """The state of a pull request, as a person says it."""
    if pull.get("merged_at"):
        return "merged"
    return "open" if pull["state"] == "open" else "closed"


def _commit(calls: Calls, wanted: NewPullRequest, head: Head) -> Commit:
    entries = [_entry(calls, wanted, edit) for edit in wanted.edits]
    tree = calls.post(_at(wanted, "git/trees"), {"base_tree": head.tree, "tree": entries})["sha"]
    if tree == head.tree:
        raise Rejected(
            f"{wanted.base} holds these edits already.",
            "There is nothing to propose: look at the base branch.",
        )
    return _new_commit(calls, wanted, tree, [head.commit])


def _new_commit(calls: Calls, wanted: NewPullRequest, tree: str, parents: list[str]) -> Commit:
    """Made without an author: GitHub then takes, and signs for, whoever the token belongs to."""
    body = {"message": wanted.message, "tree": tree, "parents": parents}
    return _as_commit(calls.post(_at(wanted, "git/commits"), body))


def _entry(calls: Calls, wanted: NewPullRequest, edit: FileEdit) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": edit.path, "mode": edit.mode, "type": "blob"}
    if edit.content is None:
        return {**entry, "sha": None}
    try:
        return {**entry, "content": edit.content.decode("utf-8")}
    except UnicodeDecodeError:
        body = {"content": base64.b64encode(edit.content).decode(), "encoding": "base64"}
        return {**entry, "sha": calls.post(_at(wanted, "git/blobs"), body)["sha"]}


def _settle(calls: Calls, wanted: NewPullRequest, head: Head, commit: Commit) -> Commit:
    """The branch, which exists, has our tree; the commit at its tip. BranchTouched if others pushed."""
    ref = calls.get(_at(wanted, f"git/ref/heads/{urllib.parse.quote(wanted.branch)}"))
    tip = _as_commit(calls.once(_at(wanted, f"git/commits/{ref['object']['sha']}")))
    if people := _strangers(calls, wanted, commit.author):
        raise BranchTouched(wanted.branch, people)
    if tip.tree == commit.tree:
        return tip
    where = _at(wanted, f"git/refs/heads/{urllib.parse.quote(wanted.branch)}")
    try:
        calls.patch(where, {"sha": commit.sha, "force": True})
    except Refusal as refusal:
        if refusal.status not in (403, 422):
            raise
        # A rule forbids force-pushing: a merge of the tip and the head holds the same files.
        commit = _new_commit(calls, wanted, commit.tree, [tip.sha, head.commit])
        calls.patch(where, {"sha": commit.sha, "force": False})
    return commit


def _strangers(calls: Calls, wanted: NewPullRequest, own: tuple[str, str]) -> tuple[str, ...]:
    """Who else than the bot made a commit that is on the branch and not on its base."""
    span = f"{urllib.parse.quote(wanted.base)}...{urllib.parse.quote(wanted.branch)}"
    commits = calls.get(_at(wanted, f"compare/{span}"))["commits"]
    authors = [_as_author(one["commit"]["author"]) for one in commits]
    return tuple(dict.fromkeys(name for name, email in authors if (name, email) != own))


def _pull(calls: Calls, wanted: NewPullRequest) -> dict[str, Any]:
    """The branch's open pull request, with this title and body."""
    text = {"title": wanted.title[:TITLE], "body": wanted.body[:BODY]}
    try:
        made: dict[str, Any] = calls.post(
            _at(wanted, "pulls"), {**text, "head": wanted.branch, "base": wanted.base}
        )
        return made
    except Refusal as refusal:
        if not refusal.says("pull request already exists"):
            raise
        found = _latest(calls, wanted.repository, wanted.branch)
        if found is None:
            raise
    if {key: found.get(key) for key in text} != text:
        calls.patch(_at(wanted, f"pulls/{found['number']}"), text)
    return found


def _latest(calls: Calls, repository: str, branch: str) -> dict[str, Any] | None:
    owner = repository.partition("/")[0]
    found = calls.get(
        f"/repos/{repository}/pulls",
        head=f"{owner}:{branch}",
        state="all",
        sort="created",
        direction="desc",
    )
    return next((pull for pull in found if pull["head"]["ref"] == branch), None)


def _decorate(calls: Calls, wanted: NewPullRequest, number: int) -> tuple[str, ...]:
    people = [one for one in wanted.reviewers if not one.startswith(TEAM)]
    teams = [one.removeprefix(TEAM) for one in wanted.reviewers if one.startswith(TEAM)]
    complaints: list[str] = []
    if wanted.labels:
        body: dict[str, Any] = {"labels": list(wanted.labels)}
        complaints += _tried("labels", lambda: calls.post(_at(wanted, f"issues/{number}/labels"), body))
    if wanted.reviewers:
        asked = {"reviewers": people, "team_reviewers": teams}
        where = _at(wanted, f"pulls/{number}/requested_reviewers")
        complaints += _tried("reviewers", lambda: calls.post(where, asked))
    return tuple(complaints)


def _tried(what: str, attempt: Callable[[], Any]) -> list[str]:
    """Nothing, or the complaint: a pull request without its labels is still the pull request."""
    try:
        attempt()
    except Refusal as refusal:
        return [f"{what}: {refusal.words}"]
    except Unavailable as busy:
        return [f"{what}: {busy.problem}"]
    return []


def _as_commit(answer: dict[str, Any]) -> Commit:
    return Commit(answer["sha"], answer["tree"]["sha"], _as_author(answer["author"]))


def _as_author(signature: dict[str, Any]) -> tuple[str, str]:
    return str(signature.get("name") or ""), str(signature.get("email") or "")


def _at(wanted: NewPullRequest, path: str) -> str:
    return f"/repos/{wanted.repository}/{path}"
