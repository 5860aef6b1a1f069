"""Pull requests, their comments, reviews and labels."""

from typing import Any

from sandbox.github import reviewing
from sandbox.github.hosting import DEFAULT_COLOR, Hosting
from sandbox.github.links import Links, node_id
from sandbox.github.merging import mergeability
from sandbox.github.options import Account
from sandbox.github.pull import Comment, Pull, Review
from sandbox.github.shapes.accounts import owner, repository, simple_user, team


def label(links: Links, hosting: Hosting, name: str) -> dict[str, Any]:
    """A label (`label`)."""
    return {
        "id": Account(name, name, "").id,
        "node_id": node_id("Label", name),
        "url": links.repo("labels", name),
        "name": name,
        "color": hosting.labels.get(name, DEFAULT_COLOR),
        "default": False,
        "description": "",
    }


def comment(links: Links, hosting: Hosting, pull: Pull, made: Comment) -> dict[str, Any]:
    """A comment under a pull request (`issue-comment`)."""
    return {
        "id": made.id,
        "node_id": node_id("IssueComment", made.id),
        "url": links.repo("issues/comments", made.id),
        "html_url": f"{links.page('pull', pull.number)}#issuecomment-{made.id}",
        "issue_url": links.repo("issues", pull.number),
        "body": made.body,
        "user": simple_user(links, hosting.options.account(made.login)),
        "created_at": made.at,
        "updated_at": made.at,
        "author_association": association(hosting, made.login),
        "performed_via_github_app": None,
    }


def review(links: Links, hosting: Hosting, pull: Pull, made: Review) -> dict[str, Any]:
    """A review (`pull-request-review`)."""
    page = f"{links.page('pull', pull.number)}#pullrequestreview-{made.id}"
    mine = links.repo("pulls", pull.number)
    return {
        "id": made.id,
        "node_id": node_id("PullRequestReview", made.id),
        "user": simple_user(links, hosting.options.account(made.login)),
        "body": made.body,
        "state": made.state,
        "html_url": page,
        "pull_request_url": mine,
        "_links": {"html": {"href": page}, "pull_request": {"href": mine}},
        "submitted_at": made.at,
        "commit_id": made.sha,
        "author_association": association(hosting, made.login),
    }


def association(hosting: Hosting, login: str) -> str:
    """What somebody is to the repository."""
    return "MEMBER" if login in hosting.options.people else "CONTRIBUTOR"


def simple_pull(links: Links, hosting: Hosting, pull: Pull) -> dict[str, Any]:
    """A pull request as lists show it (`pull-request-simple`)."""
    here, issue, page = (
        links.repo("pulls", pull.number),
        links.repo("issues", pull.number),
        links.page("pull", pull.number),
    )
    statuses = links.repo("statuses", pull.head_sha)
    addresses = {
        "self": here, "html": page, "issue": issue, "comments": f"{issue}/comments",
        "review_comments": f"{here}/comments", "review_comment": f"{links.repo('pulls')}/comments{{/number}}",
        "commits": f"{here}/commits", "statuses": statuses,
    }  # fmt: skip
    return {
        "url": here, "id": 9_000_000 + pull.number, "node_id": node_id("PullRequest", pull.number),
        "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch", "issue_url": issue,
        "commits_url": addresses["commits"], "review_comments_url": addresses["review_comments"],
        "review_comment_url": addresses["review_comment"], "comments_url": addresses["comments"],
        "statuses_url": statuses, "number": pull.number, "state": pull.state, "locked": False,
        "title": pull.title, "body": pull.body,
        "user": simple_user(links, hosting.options.account(pull.author)),
        "labels": [label(links, hosting, name) for name in pull.labels], "milestone": None,
        "active_lock_reason": None, "created_at": pull.created_at, "updated_at": pull.updated_at,
        "closed_at": pull.closed_at, "merged_at": pull.merged_at, "merge_commit_sha": pull.merge_sha,
        "assignee": None, "assignees": [],
        "requested_reviewers": [simple_user(links, hosting.options.account(p)) for p in pull.reviewers],
        "requested_teams": [team(links, slug) for slug in pull.teams],
        "head": _side(links, hosting, pull.head, pull.head_sha),
        "base": _side(links, hosting, pull.base, pull.base_sha),
        "_links": {name: {"href": href} for name, href in addresses.items()},
        "author_association": association(hosting, pull.author), "auto_merge": None, "draft": pull.draft,
    }  # fmt: skip


def pull(links: Links, hosting: Hosting, found: Pull, *, judged: bool = True) -> dict[str, Any]:
    """A pull request alone (`pull-request`). Not `judged`: whether it can be merged is null yet."""
    common = hosting.common(found)
    files = hosting.git.diff(common, found.head_sha)
    mergeable, state = mergeability(hosting, found) if judged else (None, "unknown")
    by = found.merged_by
    return {
        **simple_pull(links, hosting, found),
        "merged": found.merged_at is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": state,
        "merged_by": simple_user(links, hosting.options.account(by)) if by else None,
        "comments": len(found.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(reviewing.commits_of(hosting, found)),
        "additions": sum(f.additions for f in files),
        "deletions": sum(f.deletions for f in files),
        "changed_files": len(files),
    }


def _side(links: Links, hosting: Hosting, branch: str, sha: str) -> dict[str, Any]:
    return {
        "label": f"{hosting.options.owner}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": owner(links, hosting.options),
        "repo": repository(links, hosting),
    }
