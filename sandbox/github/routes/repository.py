"""The repository, its branches and commits, and who the caller is."""

from aiohttp import web

from sandbox.github.call import API, answer, call, page
from sandbox.github.refusal import Refused, not_found
from sandbox.github.shapes import accounts, objects

REPO = API + "/repos/{owner}/{repo}"
routes = web.RouteTableDef()


@routes.get(REPO)
async def get_repository(request: web.Request) -> web.Response:
    """The repository."""
    known = call(request)
    return answer(request, accounts.repository(known.links, known.hosting, full=True))


@routes.get(REPO + "/branches")
async def list_branches(request: web.Request) -> web.Response:
    """Every branch, short."""
    known = call(request)
    refs = known.hosting.git.refs("refs/heads/")
    rows = [
        {
            "name": name.removeprefix("refs/heads/"),
            "commit": {"sha": sha, "url": known.links.repo("commits", sha)},
            "protected": name.removeprefix("refs/heads/") in known.hosting.options.protection,
        }
        for name, sha in refs.items()
    ]
    shown, headers = page(request, rows)
    return answer(request, shown, headers=headers)


@routes.get(REPO + "/branches/{branch:.+}/protection")
async def get_protection(request: web.Request) -> web.Response:
    """What a branch demands. 404 when it demands nothing."""
    known = call(request)
    branch = request.match_info["branch"]
    known.hosting.branch(branch)
    wanted = known.hosting.options.protected(branch)
    if wanted is None:
        raise Refused(404, "Branch not protected")
    here = known.links.repo("branches", branch, "protection")
    return answer(
        request,
        {
            "url": here,
            "required_pull_request_reviews": {
                "url": f"{here}/required_pull_request_reviews",
                "dismiss_stale_reviews": False,
                "require_code_owner_reviews": wanted.code_owners,
                "require_last_push_approval": False,
                "required_approving_review_count": wanted.reviews,
            },
            "enforce_admins": {"url": f"{here}/enforce_admins", "enabled": True},
            "allow_force_pushes": {"enabled": False},
            "allow_deletions": {"enabled": False},
        },
    )


@routes.get(REPO + "/branches/{branch:.+}")
async def get_branch(request: web.Request) -> web.Response:
    """A branch with its commit and tree."""
    known = call(request)
    name = request.match_info["branch"]
    return answer(request, objects.branch(known.links, known.hosting, name, known.hosting.branch(name)))


@routes.get(REPO + "/rules/branches/{branch:.+}")
async def get_rules(request: web.Request) -> web.Response:
    """The rules in force for a branch, whether it exists or not."""
    known = call(request)
    wanted = known.hosting.options.protected(request.match_info["branch"])
    source = {
        "ruleset_source_type": "Repository",
        "ruleset_source": known.hosting.options.full_name,
        "ruleset_id": 1,
    }
    if wanted is None:
        return answer(request, [])
    parameters = {
        "required_approving_review_count": wanted.reviews,
        "dismiss_stale_reviews_on_push": False,
        "require_code_owner_review": wanted.code_owners,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
        "allowed_merge_methods": ["merge", "squash", "rebase"],
    }
    kinds = ("deletion", "non_fast_forward")
    rules = [
        {"type": "pull_request", "parameters": parameters, **source},
        *({"type": k, **source} for k in kinds),
    ]
    return answer(request, rules)


@routes.get(REPO + "/commits")
async def list_commits(request: web.Request) -> web.Response:
    """The commits of a branch, newest first, or only those that changed a path."""
    known = call(request)
    git = known.hosting.git
    start = git.resolve(request.query.get("sha", known.hosting.default_branch))
    if start is None:
        raise not_found()
    found = list(git.log(start))
    if path := request.query.get("path", "").strip("/"):
        at = {c.sha: git.find(c.tree, path) for c in found}
        found = [c for c in found if at[c.sha] != (at.get(c.parents[0]) if c.parents else None)]
    shown, headers = page(request, found)
    return answer(request, [objects.commit(known.links, known.hosting, c) for c in shown], headers=headers)


@routes.get(REPO + "/commits/{ref:.+}")
async def get_commit(request: web.Request) -> web.Response:
    """A commit with what it changed against its first parent."""
    known = call(request)
    git, name = known.hosting.git, request.match_info["ref"]
    sha = git.resolve(name)
    if sha is None:
        raise Refused(422, f"No commit found for SHA: {name}")
    found = git.commit(sha)
    files = git.diff(found.parents[0], sha) if found.parents else []
    added, removed = sum(f.additions for f in files), sum(f.deletions for f in files)
    body = objects.commit(known.links, known.hosting, found)
    body["stats"] = {"additions": added, "deletions": removed, "total": added + removed}
    body["files"] = [objects.diff_entry(known.links, sha, f) for f in files]
    return answer(request, body)


@routes.get(REPO + "/compare/{basehead:.+}")
async def compare(request: web.Request) -> web.Response:
    """What lies between two branches, tags or commits, as `base...head`."""
    known = call(request)
    git, basehead = known.hosting.git, request.match_info["basehead"]
    base, dots, head = basehead.partition("...")
    ends = [git.resolve(name.removeprefix(f"{known.hosting.options.owner}:")) for name in (base, head)]
    if not dots or ends[0] is None or ends[1] is None:
        raise not_found()
    return answer(request, objects.comparison(known.links, known.hosting, basehead, ends[0], ends[1]))


@routes.get(API + "/user")
async def get_user(request: web.Request) -> web.Response:
    """The person whose token this is; an installation is nobody."""
    known = call(request)
    if known.caller.kind != "user":
        raise Refused(403, "Resource not accessible by integration")
    account = known.account
    more = {"name": account.name, "email": account.email, "company": None, "bio": None}
    return answer(request, {**accounts.simple_user(known.links, account), **more})


@routes.get(API + "/users/{login}")
async def get_other(request: web.Request) -> web.Response:
    """Somebody's public profile."""
    known = call(request)
    options, login = known.hosting.options, request.match_info["login"]
    if login not in (*options.people, options.bot, f"{options.app.slug}[bot]"):
        raise not_found()
    account = options.account(login)
    return answer(
        request, {**accounts.simple_user(known.links, account), "name": account.name, "email": None}
    )


@routes.get(API + "/rate_limit")
async def get_rate_limit(request: web.Request) -> web.Response:
    """What is left of this hour; asking is free."""
    known = call(request)
    return answer(request, known.limits.overview(known.caller.key))
