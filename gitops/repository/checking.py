"""Whether a repository is ready for the bot's proposals."""

from __future__ import annotations

import urllib.parse
from typing import Any

from gitops.repository.access import Calls, Refusal
from gitops.repository.values import Checked

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
    return (_rights(about, found), _branch(calls, repository, branch), _rules(calls, repository, branch))


def _unseen(about: str, refusal: Refusal) -> Checked:
    if refusal.status == 401:
        return Checked(about, "wrong", "GitHub does not accept the token.", "Give the bot a new one.")
    return Checked(
        about,
        "wrong",
        "The token does not see it.",
        "Correct the name in the catalog, or give the token or the App this repository.",
    )


def _rights(about: str, found: dict[str, Any]) -> Checked:
    if found.get("archived"):
        return Checked(about, "wrong", "It is archived.", "Unarchive it, or correct the catalog.")
    rights = found.get("permissions")
    if rights is None:
        return Checked(about, "unknown", "GitHub does not say what the token may do.")
    if not rights.get("push"):
        return Checked(
            about,
            "wrong",
            "The token may read it and not write to it.",
            "Give it contents and pull requests, read and write.",
        )
    return Checked(about, "ok")


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


def _rules(calls: Calls, repository: str, branch: str) -> Checked:
    """The rules for the bot's own branches are not those of the base; a sample name tells."""
    about = f"rules of {repository}"
    sample = urllib.parse.quote("azure-identity/sample")
    try:
        rules = calls.once(f"/repos/{repository}/rules/branches/{sample}")
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
