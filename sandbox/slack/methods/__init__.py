"""The Web API: every method, who may call it, how often, and how it is answered.

Tiers and scopes: https://docs.slack.dev/reference/methods
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.methods import arguments, chat, conversations, people, reactions, views
from sandbox.slack.methods.arguments import Arguments
from sandbox.slack.model import Json

READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
OPEN = ("channels:manage", "groups:write", "im:write", "mpim:write")


@dataclass(frozen=True)
class Method:
    """One method; any one of `scopes` is enough."""

    call: Callable[[Core, Arguments], Json]
    tier: str
    scopes: tuple[str, ...] = ()
    token: Literal["bot", "app"] = "bot"


def _connect(core: Core, given: Arguments) -> Json:
    """apps.connections.open: an address that opens one Socket Mode connection."""
    address = core.origin.replace("http", "ws", 1)
    ticket = core.deliveries.connections.ticket()
    return {"url": f"{address}/socket?ticket={ticket}&app_id={core.workspace.bot.app}"}


METHODS = {
    "apps.connections.open": Method(_connect, "T3", token="app"),
    "auth.test": Method(people.auth_test, "special"),
    "bots.info": Method(people.bot_info, "T3", ("users:read",)),
    "chat.delete": Method(chat.delete, "T3", ("chat:write",)),
    "chat.getPermalink": Method(chat.permalink, "special"),
    "chat.postEphemeral": Method(chat.post_ephemeral, "T4", ("chat:write",)),
    "chat.postMessage": Method(chat.post, "post", ("chat:write",)),
    "chat.update": Method(chat.update, "T3", ("chat:write",)),
    "conversations.history": Method(conversations.history, "T3", HISTORY),
    "conversations.info": Method(conversations.info, "T3", READ),
    "conversations.join": Method(conversations.join, "T3", ("channels:join",)),
    "conversations.list": Method(conversations.list_all, "T2", READ),
    "conversations.members": Method(conversations.members, "T4", READ),
    "conversations.open": Method(conversations.open_direct, "T3", OPEN),
    "conversations.replies": Method(conversations.replies, "T3", HISTORY),
    "reactions.add": Method(reactions.add, "T3", ("reactions:write",)),
    "reactions.get": Method(reactions.get, "T3", ("reactions:read",)),
    "reactions.remove": Method(reactions.remove, "T2", ("reactions:write",)),
    "usergroups.list": Method(people.groups, "T2", ("usergroups:read",)),
    "usergroups.users.list": Method(people.group_users, "T2", ("usergroups:read",)),
    "users.info": Method(people.info, "T4", ("users:read",)),
    "users.list": Method(people.list_all, "T2", ("users:read",)),
    "users.lookupByEmail": Method(people.by_email, "T3", ("users:read.email",)),
    "views.open": Method(views.open_modal, "T4"),
    "views.publish": Method(views.publish, "T4"),
    "views.push": Method(views.push, "T4"),
    "views.update": Method(views.update, "T4"),
}


def route(core: Core, app: web.Application) -> None:
    """The application answers `/api/METHOD`."""

    async def answer(request: web.Request) -> web.Response:
        return await _answer(core, request)

    app.router.add_route("*", "/api/{method}", answer)


async def _answer(core: Core, request: web.Request) -> web.Response:
    """What Slack answers: always 200, but for 429 when there were too many calls."""
    name = request.match_info["method"]
    try:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        given = await arguments.read(request)
        _authorise(core, method, _token(request, given))
        channel = given.text("channel") if method.tier == "post" else ""
        if wait := core.limits.retry_after(name, method.tier, channel):
            body = SlackError("ratelimited").body()
            return web.json_response(body, status=429, headers={"Retry-After": str(wait)})
        core.origin = str(request.url.origin()) + request.path.rsplit("/api/", 1)[0]
        return web.json_response({"ok": True, **method.call(core, given)}, headers=_scopes(core, method))
    except SlackError as error:
        return web.json_response(error.body())


def _token(request: web.Request, given: Arguments) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else given.text("token")


def _authorise(core: Core, method: Method, token: str) -> None:
    bot = core.workspace.bot
    if not token:
        raise SlackError("not_authed")
    if token not in (bot.token, bot.app_token):
        raise SlackError("invalid_auth")
    if token != (bot.token if method.token == "bot" else bot.app_token):
        raise SlackError("not_allowed_token_type")
    if method.token == "bot" and not core.workspace.manifest.grants(method.scopes):
        provided = ",".join(sorted(core.workspace.manifest.scopes or ()))
        raise SlackError("missing_scope", needed=method.scopes[0], provided=provided)


def _scopes(core: Core, method: Method) -> dict[str, str]:
    granted = core.workspace.manifest.scopes
    headers = {"X-Accepted-OAuth-Scopes": ",".join(method.scopes)}
    return headers if granted is None else {**headers, "X-OAuth-Scopes": ",".join(sorted(granted))}
