"""Whether a repository is ready for the bot's proposals."""

from __future__ import annotations

import urllib.parse
from typing import Any

from gitops.repository.access import Calls, Refusal
from gitops.repository.values import Checked

SAMPLE = "azure-identity/sample"
"""A branch name like the bot's own; no such branch exists."""
FORBIDDING = {
    "creation": "no branch may be made",
    "update": "no branch may be changed",
    "required_signatures": "commits must be signed: only a GitHub App's, or a signing instance's, are",
    "non_fast_forward": "no branch may be force-pushed: a second version is put on top of the first",
}


def check(calls: Calls, repository: str, branch: str) -> tuple[Checked, ...]:
    """Every line on one repository and the branch that proposals go to."""
    about = f"repository {repository}"
    try:
        found = calls.once(f"/repos/{repository}")
    except Refusal as refusal:
        if refusal.status not in (401, 403, 404):
            raise
        return (_unseen(about, refusal),)
    if found.get("archived"):
        return (Checked(about, "wrong", "It is archived.", "Unarchive it, or correct the catalog."),)
    return (
        Checked(about, "ok"),
        _may(calls, repository, "contents", "git/refs", {"ref": f"refs/heads/{SAMPLE}", "sha": "0" * 40}),
        _may(calls, repository, "pull requests", "pulls", {"title": "-", "head": SAMPLE, "base": branch}),
        _branch(calls, repository, branch),
        _rules(calls, repository),
    )


def _unseen(about: str, refusal: Refusal) -> Checked:
    if refusal.status == 401:
        return Checked(about, "wrong", "GitHub does not accept the token.", "Give the bot a new one.")
    return Checked(
        about,
        "wrong",
        "The token does not see it.",
        "Correct the name in the catalog, or give the token or the App this repository.",
    )


def _may(calls: Calls, repository: str, what: str, path: str, impossible: dict[str, Any]) -> Checked:
    """Whether a write would be let through: one that cannot succeed is refused for its content, or for us."""
    about = f"{what} of {repository}"
    try:
        calls.post(f"/repos/{repository}/{path}", impossible)
    except Refusal as refusal:
        if refusal.status == 422:
            return Checked(about, "ok")
        if refusal.status not in (403, 404):
            raise
        return Checked(
            about,
            "wrong",
            "The token may not write them.",
            "Give it contents and pull requests, read and write, on this repository.",
        )
    return Checked(about, "unknown", "GitHub took a write that it should have refused.")


def _branch(calls: Calls, repository: str, branch: str) -> Checked:
    about = f"branch {branch} of {repository}"
    try:
        calls.get(f"/repos/{repository}/branches/{urllib.parse.quote(branch)}")
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        return Checked(
            about, "wrong", "There is no such branch.", "Correct the cluster's branch in the catalog."
        )
    return Checked(about, "ok")


def _rules(calls: Calls, repository: str) -> Checked:
    """The rules for the bot's own branches are not those of the base; a sample name tells."""
    about = f"rules of {repository}"
    try:
        rules = calls.once(f"/repos/{repository}/rules/branches/{urllib.parse.quote(SAMPLE)}")
    except Refusal as refusal:
        if refusal.status not in (403, 404):
            raise
        return Checked(about, "unknown", "The token may not read the rulesets.", "Give it metadata, read.")
    kinds = {rule.get("type") for rule in rules}
    told = [words for kind, words in FORBIDDING.items() if kind in kinds]
    if "creation" in kinds:
        return Checked(
            about,
            "wrong",
            f"For branches called azure-identity/…: {'; '.join(told)}.",
            "Let the bot's account bypass this rule.",
        )
    return Checked(about, "ok", "; ".join(told))
