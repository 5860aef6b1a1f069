"""People, Apps, installations and the repository itself."""

from datetime import datetime
from typing import Any

from sandbox.github.hosting import Hosting
from sandbox.github.links import Links, node_id
from sandbox.github.options import Account, Options
from sandbox.github.pull import stamp

MADE = "2024-03-01T08:00:00Z"
REPOSITORY_ID = 742_001_337
OWNER_ID = 51_337
PARTS = {
    "archive": "{archive_format}{/ref}",
    "assignees": "{/user}",
    "blobs": "{/sha}",
    "branches": "{/branch}",
    "collaborators": "{/collaborator}",
    "comments": "{/number}",
    "commits": "{/sha}",
    "compare": "{base}...{head}",
    "contents": "{+path}",
    "git_commits": "{/sha}",
    "git_refs": "{/sha}",
    "git_tags": "{/sha}",
    "issue_comment": "{/number}",
    "issue_events": "{/number}",
    "issues": "{/number}",
    "keys": "{/key_id}",
    "labels": "{/name}",
    "milestones": "{/number}",
    "notifications": "{?since,all,participating}",
    "pulls": "{/number}",
    "releases": "{/id}",
    "statuses": "{sha}",
    "trees": "{/sha}",
    **dict.fromkeys(
        ("contributors", "deployments", "downloads", "events", "forks", "hooks", "languages"), ""
    ),
    **dict.fromkeys(("merges", "stargazers", "subscribers", "subscription", "tags", "teams"), ""),
}
"""The templates of a repository's `<name>_url` fields."""
ELSEWHERE = {
    "archive": "",
    "blobs": "git/blobs",
    "compare": "compare/",
    "contents": "contents/",
    "git_commits": "git/commits",
    "git_refs": "git/refs",
    "git_tags": "git/tags",
    "issue_comment": "issues/comments",
    "issue_events": "issues/events",
    "statuses": "statuses/",
    "trees": "git/trees",
}
"""Where such a field's path is not its name."""


def simple_user(links: Links, account: Account) -> dict[str, Any]:
    """An account as it stands in other objects (`simple-user`)."""
    mine = f"{links.api}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("User", account.id),
        "avatar_url": f"{links.html}/avatars/{account.login}",
        "gravatar_id": "",
        "url": mine,
        "html_url": f"{links.html}/{account.login}",
        "followers_url": f"{mine}/followers",
        "following_url": f"{mine}/following{{/other_user}}",
        "gists_url": f"{mine}/gists{{/gist_id}}",
        "starred_url": f"{mine}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{mine}/subscriptions",
        "organizations_url": f"{mine}/orgs",
        "repos_url": f"{mine}/repos",
        "events_url": f"{mine}/events{{/privacy}}",
        "received_events_url": f"{mine}/received_events",
        "type": "Bot" if account.is_bot else "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def owner(links: Links, options: Options) -> dict[str, Any]:
    """The organisation that the repository belongs to."""
    found = simple_user(links, Account(options.owner, options.owner, ""))
    return {**found, "id": OWNER_ID, "node_id": node_id("Organization", OWNER_ID), "type": "Organization"}


def repository(links: Links, hosting: Hosting, *, full: bool = False) -> dict[str, Any]:
    """The repository (`repository`, or `full-repository`)."""
    options = hosting.options
    here, page = links.repo(), links.page()
    open_pulls = len(hosting.open_pulls())
    parts = {f"{name}_url": f"{here}/{ELSEWHERE.get(name, name)}{tail}" for name, tail in PARTS.items()}
    body: dict[str, Any] = {
        "id": REPOSITORY_ID, "node_id": node_id("Repository", REPOSITORY_ID), "name": options.repository,
        "full_name": options.full_name, "owner": owner(links, options), "private": True,
        "visibility": "private", "html_url": page, "description": "What runs on our clusters", "fork": False,
        "url": here, **parts,
        "clone_url": f"{page}.git", "git_url": f"{page}.git", "ssh_url": f"{page}.git", "svn_url": page,
        "homepage": None, "language": None, "mirror_url": None, "license": None, "topics": [],
        "default_branch": hosting.default_branch, "size": 128, "is_template": False,
        "web_commit_signoff_required": False,
        "has_issues": True, "has_projects": False, "has_wiki": False, "has_pages": False,
        "has_downloads": True, "has_discussions": False, "archived": False, "disabled": False,
        "allow_forking": True, "forks": 0, "forks_count": 0,
        "stargazers_count": 0, "watchers": 0, "watchers_count": 0,
        "open_issues": open_pulls, "open_issues_count": open_pulls,
        "created_at": MADE, "updated_at": MADE, "pushed_at": _pushed(hosting),
        "permissions": {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True},
    }  # fmt: skip
    if not full:
        return body
    merging = {f"allow_{kind}_merge": True for kind in ("merge", "squash", "rebase")}
    return {**body, **merging, "allow_auto_merge": False, "delete_branch_on_merge": False,
            "network_count": 0, "subscribers_count": len(options.people)}  # fmt: skip


def team(links: Links, slug: str) -> dict[str, Any]:
    """A team of the organisation (`team-simple`)."""
    number = Account(slug, slug, "").id
    mine = f"{links.api}/organizations/{OWNER_ID}/team/{number}"
    return {
        "id": number,
        "node_id": node_id("Team", number),
        "url": mine,
        "html_url": f"{links.html}/orgs/{links.full_name.split('/')[0]}/teams/{slug}",
        "members_url": f"{mine}/members{{/member}}",
        "repositories_url": f"{mine}/repos",
        "name": slug,
        "slug": slug,
        "description": "",
        "permission": "push",
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "parent": None,
        "type": "organization",
        "organization_id": OWNER_ID,
    }


def installation(links: Links, options: Options) -> dict[str, Any]:
    """The App's installation in the organisation (`installation`)."""
    app = options.app
    return {
        "id": app.installation,
        "account": owner(links, options),
        "access_tokens_url": f"{links.api}/app/installations/{app.installation}/access_tokens",
        "repositories_url": f"{links.api}/installation/repositories",
        "html_url": f"{links.html}/organizations/{options.owner}/settings/installations/{app.installation}",
        "app_id": app.id,
        "app_slug": app.slug,
        "client_id": f"Iv1.{app.id:016x}",
        "target_id": OWNER_ID,
        "target_type": "Organization",
        "permissions": app.permissions,
        "events": ["pull_request"],
        "created_at": MADE,
        "updated_at": MADE,
        "single_file_name": None,
        "repository_selection": "selected",
        "suspended_by": None,
        "suspended_at": None,
    }


def app(links: Links, options: Options) -> dict[str, Any]:
    """The App itself (`integration`)."""
    mine = options.app
    return {
        "id": mine.id,
        "slug": mine.slug,
        "node_id": node_id("App", mine.id),
        "client_id": f"Iv1.{mine.id:016x}",
        "owner": owner(links, options),
        "name": mine.slug,
        "description": "",
        "external_url": links.html,
        "html_url": f"{links.html}/apps/{mine.slug}",
        "created_at": MADE,
        "updated_at": MADE,
        "permissions": mine.permissions,
        "events": ["pull_request"],
        "installations_count": 1,
    }


def access_token(
    token: str, expires: datetime, permissions: dict[str, str], repositories: list[Any]
) -> dict[str, Any]:
    """A token of the installation (`installation-token`)."""
    return {
        "token": token,
        "expires_at": stamp(expires),
        "permissions": permissions,
        "repository_selection": "selected",
        "repositories": repositories,
    }


def _pushed(hosting: Hosting) -> str:
    head = hosting.git.ref(f"refs/heads/{hosting.default_branch}")
    return stamp(hosting.git.commit(head).committer.at) if head else MADE
