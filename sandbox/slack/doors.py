"""The HTTP side of what people and operators do, for the page and for tests in other processes."""

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.slack import emoji, persons
from sandbox.slack.clicks import Clicks
from sandbox.slack.core import Core
from sandbox.slack.errors import Refused
from sandbox.slack.forms import Forms
from sandbox.slack.hands import Hands
from sandbox.slack.model import Json
from sandbox.slack.operator import Operator

Verb = Callable[..., Awaitable[Any]]
# Names that Python would not like as parameters.
RENAMED = {"all": "everything"}


@dataclass(frozen=True)
class Actors:
    """Who can do something from outside the app."""

    hands: Hands
    clicks: Clicks
    forms: Forms
    operator: Operator


def route(core: Core, app: web.Application, actors: Actors) -> None:
    """The application answers `/people/{user}/VERB`, `/control/VERB` and `/emoji`."""
    verbs = _people(core, actors.hands, actors.clicks, actors.forms)
    switches = _switches(actors.operator)

    async def act(request: web.Request) -> web.Response:
        return await _call(verbs, request, request.match_info["user"])

    async def switch(request: web.Request) -> web.Response:
        return await _call(switches, request)

    async def signs(request: web.Request) -> web.Response:
        return web.json_response(emoji.characters())

    app.router.add_post("/people/{user}/{verb}", act)
    app.router.add_post("/control/{verb}", switch)
    app.router.add_get("/emoji", signs)


def _people(core: Core, hands: Hands, clicks: Clicks, forms: Forms) -> dict[str, Verb]:
    async def say(
        user: str, channel: str, text: str, thread_ts: str | None = None, broadcast: bool = False
    ) -> Json:
        ts = await hands.say(user, channel, text, thread_ts=thread_ts, broadcast=broadcast)
        return {"channel": persons.place(core, user, channel).id, "ts": ts}

    async def command(user: str, channel: str, command: str, text: str = "") -> Json:
        return {"channel": await clicks.command(user, channel, command, text)}

    async def home(user: str, tab: str = "home") -> Json:
        return {"channel": await forms.home(user, tab)}

    return {
        "say": say,
        "command": command,
        "home": home,
        "edit": hands.edit,
        "delete": hands.delete,
        "react": hands.react,
        "unreact": hands.unreact,
        "join_channel": hands.join_channel,
        "leave_channel": hands.leave_channel,
        "invite": hands.invite,
        "kick": hands.kick,
        "join_group": hands.join_group,
        "leave_group": hands.leave_group,
        "click": clicks.click,
        "suggest": clicks.suggest,
        "shortcut": clicks.shortcut,
        "submit": forms.submit,
        "close": forms.close,
    }


def _switches(operator: Operator) -> dict[str, Verb]:
    return {
        "disconnect": operator.disconnect,
        "person": operator.person,
        "channel": operator.channel,
        "unfurl": operator.unfurl,
        "group": operator.group,
        "options": operator.options,
    }


async def _call(verbs: dict[str, Verb], request: web.Request, *who: str) -> web.Response:
    try:
        verb = verbs.get(request.match_info["verb"])
        if verb is None:
            raise Refused("unknown_verb", f"there are: {', '.join(verbs)}")
        given = await _body(request)
        _check(verb, who, given)
        return web.json_response({"ok": True, **(await verb(*who, **given) or {})})
    except Refused as refused:
        body = {"ok": False, "error": refused.code, "detail": refused.detail}
        return web.json_response(body, status=400)


def _check(verb: Verb, who: tuple[str, ...], given: Json) -> None:
    """Every argument the verb needs is there and of its kind."""
    signature = inspect.signature(verb)
    try:
        signature.bind(*who, **given)
    except TypeError as error:
        raise Refused("invalid_arguments", str(error)) from None
    for name, value in given.items():
        kind = signature.parameters[name].annotation if name in signature.parameters else Any
        if kind in (str, bool, str | None) and not isinstance(value, kind):
            raise Refused("invalid_arguments", f"{name} cannot be {value!r}")


async def _body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise Refused("invalid_json", "the body must be a JSON object") from None
    if not isinstance(body, dict):
        raise Refused("invalid_json", "the body must be a JSON object")
    return {RENAMED.get(str(name), str(name)): value for name, value in body.items()}
