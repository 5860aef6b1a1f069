"""Answers through a response URL, or in the acknowledgement of a command.

Rules: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

import json

from aiohttp import web

from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.methods.arguments import Arguments
from sandbox.slack.methods.chat import read_content, read_metadata
from sandbox.slack.model import Json
from sandbox.slack.passes import Hook

GONE = ("expired_url", "used_url")


def url(core: Core, word: str) -> str:
    """The address that takes the answers to one command or click."""
    return f"{core.origin}/response/{word}"


def route(core: Core, app: web.Application) -> None:
    """The application answers `/response/WORD`."""

    async def answer(request: web.Request) -> web.Response:
        try:
            body = await _body(request)
            respond(core, core.passes.answer(request.match_info["word"]), body)
        except SlackError as error:
            return web.json_response(error.body(), status=404 if error.code in GONE else 400)
        return web.Response(text="ok")

    app.router.add_post("/response/{word}", answer)


def respond(core: Core, hook: Hook, body: Json) -> None:
    """The original is replaced or deleted, or a new message is there, for one person unless `in_channel`.

    SlackError where the content is wrong or the original is gone.
    """
    given = Arguments(body)
    channel = core.workspace.channel(hook.channel)
    if given.flag("delete_original") or given.flag("replace_original"):
        if hook.ts is None:
            raise SlackError("message_not_found")
        original = core.messages.find(channel, hook.ts, seen_by=hook.user)
        if given.flag("delete_original"):
            core.messages.remove(channel, original)
            return
        content = read_content(core, given)
        edited = not content["blocks"]
        core.messages.change(channel, original, by=core.workspace.bot.user, edited=edited, **content)
        return
    core.messages.post(
        channel,
        user=None,
        subtype="bot_message",
        only_for=None if given.text("response_type") == "in_channel" else hook.user,
        thread_ts=given.text("thread_ts") or None,
        metadata=read_metadata(given) or None,
        **read_content(core, given),
    )


async def _body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    return body
