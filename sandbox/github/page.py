"""What the sandbox's page shows of the repository; README.md beside this file describes it."""

from dataclasses import asdict
from typing import Any

from sandbox.github import reviewing
from sandbox.github.hosting import BRANCH, DEFAULT_COLOR, Hosting
from sandbox.github.merging import mergeability
from sandbox.github.objects import Commit
from sandbox.github.pull import Pull, stamp
from sandbox.github.shapes.objects import verification


def view(hosting: Hosting) -> dict[str, Any]:
    """The repository, its branches, people and pull requests."""
    options, git = hosting.options, hosting.git
    branches = git.refs(BRANCH)
    return {
        "owner": options.owner,
        "repository": options.repository,
        "full_name": options.full_name,
        "default_branch": hosting.default_branch,
        "head": branches.get(BRANCH + hosting.default_branch),
        "url": f"/github/{options.full_name}",
        "people": [{"login": login, "name": name} for login, name in options.people.items()],
        "branches": [_branch(hosting, name.removeprefix(BRANCH), sha) for name, sha in branches.items()],
        "pulls": [pull_view(hosting, p) for p in sorted(hosting.pulls.values(), key=lambda p: -p.number)],
    }


def pull_view(hosting: Hosting, pull: Pull) -> dict[str, Any]:
    """One pull request."""
    author = hosting.options.account(pull.author)
    files = hosting.git.diff(hosting.common(pull), pull.head_sha)
    mergeable, word = mergeability(hosting, pull)
    return {
        "number": pull.number,
        "title": pull.title,
        "body": pull.body or "",
        "state": pull.stage,
        "draft": pull.draft,
        "url": f"/github/{hosting.options.full_name}/pull/{pull.number}",
        "author": {"login": author.login, "name": author.name, "bot": author.is_bot},
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": pull.closed_at,
        "merged_at": pull.merged_at,
        "merged_by": pull.merged_by,
        "merge_sha": pull.merge_sha,
        "head": {
            "branch": pull.head,
            "sha": pull.head_sha,
            "exists": hosting.git.ref(BRANCH + pull.head) is not None,
        },
        "base": {"branch": pull.base, "sha": pull.base_sha},
        "mergeable": mergeable,
        "mergeable_state": word,
        "labels": [{"name": name, "color": hosting.labels.get(name, DEFAULT_COLOR)} for name in pull.labels],
        "reviewers": pull.reviewers,
        "teams": pull.teams,
        "reviews": [{k: v for k, v in asdict(r).items() if k != "sha"} for r in pull.reviews],
        "comments": [asdict(c) for c in pull.comments],
        "additions": sum(f.additions for f in files),
        "deletions": sum(f.deletions for f in files),
        "files": [{k: v for k, v in asdict(f).items() if k != "sha"} for f in files],
        "commits": [_commit(c) for c in reviewing.commits_of(hosting, pull)],
    }


def _commit(commit: Commit) -> dict[str, Any]:
    return {
        "sha": commit.sha,
        "subject": commit.subject,
        "message": commit.message,
        "author": commit.author.name,
        "email": commit.author.email,
        "at": stamp(commit.author.at),
        "verified": verification(commit)["verified"],
    }


def _branch(hosting: Hosting, name: str, sha: str) -> dict[str, Any]:
    commit = hosting.git.commit(sha)
    return {
        "name": name,
        "sha": sha,
        "subject": commit.subject,
        "author": commit.author.name,
        "at": stamp(commit.committer.at),
        "protected": name in hosting.options.protection,
    }
