"""The App: itself, its installation, and the tokens that it gets by its signed word."""

from aiohttp import web

from sandbox.github.call import API, Call, answer, body, call, optional, page
from sandbox.github.refusal import Refused, not_found
from sandbox.github.routes.repository import REPO
from sandbox.github.shapes import accounts

ONLY_JWT = "A JSON web token could not be decoded"
routes = web.RouteTableDef()


def _as_app(request: web.Request) -> Call:
    known = call(request)
    if known.caller.kind != "app":
        raise Refused(401, ONLY_JWT)
    return known


@routes.get(API + "/app")
async def get_app(request: web.Request) -> web.Response:
    """The App that signed the request."""
    known = _as_app(request)
    return answer(request, accounts.app(known.links, known.hosting.options))


@routes.get(API + "/app/installations")
async def list_installations(request: web.Request) -> web.Response:
    """Where the App is installed."""
    known = _as_app(request)
    rows, headers = page(request, [accounts.installation(known.links, known.hosting.options)])
    return answer(request, rows, headers=headers)


@routes.get(REPO + "/installation")
@routes.get(API + "/orgs/{org}/installation")
@routes.get(API + r"/app/installations/{installation:\d+}")
async def get_installation(request: web.Request) -> web.Response:
    """The installation in this organisation."""
    known = _as_app(request)
    options = known.hosting.options
    named = request.match_info.get("installation", str(options.app.installation))
    if (
        named != str(options.app.installation)
        or request.match_info.get("org", options.owner) != options.owner
    ):
        raise not_found()
    return answer(request, accounts.installation(known.links, options))


@routes.post(API + r"/app/installations/{installation:\d+}/access_tokens")
async def create_access_token(request: web.Request) -> web.Response:
    """A token of the installation for an hour, with no more permissions than were asked for."""
    known = _as_app(request)
    options = known.hosting.options
    if int(request.match_info["installation"]) != options.app.installation:
        raise not_found()
    sent = await body(request)
    names = optional(sent, "repositories", list)
    if names is not None and names != [options.repository]:
        raise Refused(
            422,
            "There is at least one repository that does not exist or is not accessible to the "
            "parent installation.",
        )
    token, expires, permissions = known.callers.issue(optional(sent, "permissions", dict))
    shown = [accounts.repository(known.links, known.hosting)]
    known.hosting.told("token", None, {})
    return answer(request, accounts.access_token(token, expires, permissions, shown), 201)


@routes.get(API + "/installation/repositories")
async def list_repositories(request: web.Request) -> web.Response:
    """What the installation's token reaches."""
    known = call(request)
    if known.caller.kind != "installation":
        raise Refused(
            403,
            "You must authenticate with an installation access token in order to list repositories "
            "for an installation.",
        )
    shown = [accounts.repository(known.links, known.hosting)]
    return answer(request, {"total_count": 1, "repository_selection": "selected", "repositories": shown})
