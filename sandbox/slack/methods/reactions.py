"""reactions.*: emoji on messages."""

import re

from sandbox.slack import wire
from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.methods.arguments import Arguments
from sandbox.slack.methods.chat import link
from sandbox.slack.model import Channel, Json, Message

TS = re.compile(r"\d+\.\d+")


def add(core: Core, given: Arguments) -> Json:
    """reactions.add: the app's reaction is on the message."""
    name = given.needed("name")
    channel, message = _item(core, given)
    core.messages.react(channel, message, core.workspace.bot.user, name)
    return {}


def remove(core: Core, given: Arguments) -> Json:
    """reactions.remove: the app's reaction is off the message."""
    name = given.needed("name")
    channel, message = _item(core, given)
    core.messages.unreact(channel, message, core.workspace.bot.user, name)
    return {}


def get(core: Core, given: Arguments) -> Json:
    """reactions.get: a message's reactions; only with `full` everybody is named."""
    channel, message = _item(core, given)
    shown = wire.message(core.workspace, channel, message, full=given.flag("full"))
    address = link(core, channel, message.ts)
    return {"type": "message", "channel": channel.id, "message": {**shown, "permalink": address}}


def _item(core: Core, given: Arguments) -> tuple[Channel, Message]:
    ref, ts = given.text("channel"), given.text("timestamp")
    if not ref or not ts:
        raise SlackError("no_item_specified")
    if not TS.fullmatch(ts):
        raise SlackError("bad_timestamp")
    channel = core.workspace.channels.get(ref)
    if channel is None or (channel.kind != "channel" and not core.workspace.is_in(channel)):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if not core.workspace.is_in(channel):
        raise SlackError("not_in_channel")
    return channel, core.messages.find(channel, ts)
