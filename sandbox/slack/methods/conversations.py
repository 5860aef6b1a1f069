"""conversations.*: channels, direct messages and what was said in them."""

from typing import Any

from sandbox.slack import wire
from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.messages import shown
from sandbox.slack.methods.arguments import Arguments
from sandbox.slack.model import Channel, Json, Message


def info(core: Core, given: Arguments) -> Json:
    """conversations.info: one conversation; private ones only where the app is a member."""
    channel = _visible(core, given.needed("channel"))
    found = wire.channel(core.workspace, channel)
    if given.flag("include_num_members"):
        found["num_members"] = len(channel.members)
    return {"channel": found}


def list_all(core: Core, given: Arguments) -> Json:
    """conversations.list: public channels, and private ones and direct messages the app is in, by `types`."""
    names = {"public_channel": "channel", "private_channel": "group", "mpim": "mpim", "im": "im"}
    wanted = given.text("types", "public_channel").split(",")
    if unknown := [name for name in wanted if name.strip() not in names]:
        raise SlackError("invalid_types", f"unknown types: {', '.join(unknown)}")
    kinds = {names[name.strip()] for name in wanted}
    rows = [
        wire.channel(core.workspace, channel)
        for channel in core.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or core.workspace.is_in(channel))
        and not (channel.is_archived and given.flag("exclude_archived"))
    ]
    return paged("channels", rows, given, default=100, most=1000)


def members(core: Core, given: Arguments) -> Json:
    """conversations.members: the ids of everybody in it."""
    channel = _visible(core, given.needed("channel"))
    return paged("members", channel.members, given, default=100, most=1000)


def history(core: Core, given: Arguments) -> Json:
    """conversations.history: newest first, without replies; metadata only with include_all_metadata."""
    channel = _member_of(core, given.needed("channel"))
    rows = [m for m in shown(channel) if m.thread_ts is None or m.broadcast]
    rows = [m for m in rows if _between(m, given)]
    page = _messages(core, channel, rows[::-1], given, default=100, most=999)
    return {**page, "pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}


def replies(core: Core, given: Arguments) -> Json:
    """conversations.replies: a message and its thread, oldest first; a reply's `ts` gives just that reply."""
    channel = _member_of(core, given.needed("channel"))
    root = channel.messages.get(given.needed("ts"))
    if root is None or root.only_for or (root.deleted and root.subtype != "tombstone"):
        raise SlackError("thread_not_found")
    # The root is there whatever the times asked for.
    rows = [root, *(m for m in channel.thread(root.ts) if _between(m, given))]
    return _messages(core, channel, rows, given, default=1000, most=1000)


def open_direct(core: Core, given: Arguments) -> Json:
    """conversations.open: the direct conversation with these people, opened if it was not there."""
    bot = core.workspace.bot.user
    if ref := given.text("channel"):
        channel = _visible(core, ref)
        if channel.kind not in ("im", "mpim"):
            raise SlackError("method_not_supported_for_channel_type")
        return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
    people = [ref.strip() for ref in given.text("users").split(",") if ref.strip()]
    if not people:
        raise SlackError("users_list_not_supplied")
    if len(people) > 8:
        raise SlackError("too_many_users")
    for ref in people:
        if core.workspace.person(ref).deleted:
            raise SlackError("user_disabled")
    there = core.workspace.existing_direct(*people, bot)
    if there is None and given.flag("prevent_creation"):
        raise SlackError("channel_not_found")
    channel = there or core.workspace.direct(*people, bot)
    shown_as = wire.channel(core.workspace, channel) if given.flag("return_im") else {"id": channel.id}
    already = {"no_op": True, "already_open": True} if there else {}
    return {**already, "channel": shown_as}


def join(core: Core, given: Arguments) -> Json:
    """conversations.join: the app is a member of a public channel."""
    channel = core.workspace.channel(given.needed("channel"))
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    bot = core.workspace.bot.user
    if bot not in channel.members:
        channel.members.append(bot)
        core.messages.notice(channel, bot, "channel_join", f"<@{bot}> has joined the channel")
        core.feed.membership("member_joined_channel", channel, bot)
    return {"channel": wire.channel(core.workspace, channel)}


def paged(name: str, rows: list[Any], given: Arguments, *, default: int, most: int) -> Json:
    """One page of rows under this name, with the next one's cursor. SlackError invalid_cursor."""
    try:
        part, cursor = wire.page(rows, given.text("cursor"), given.number("limit", default, most))
    except (ValueError, UnicodeDecodeError):
        raise SlackError("invalid_cursor") from None
    return {name: part, "response_metadata": {"next_cursor": cursor}}


def _messages(
    core: Core, channel: Channel, rows: list[Message], given: Arguments, *, default: int, most: int
) -> Json:
    """One page of messages; metadata only with include_all_metadata."""
    page = paged("messages", rows, given, default=default, most=most)
    metadata = given.flag("include_all_metadata")
    shown_as = [wire.message(core.workspace, channel, m, metadata=metadata) for m in page["messages"]]
    return {**page, "messages": shown_as, "has_more": bool(page["response_metadata"]["next_cursor"])}


def _visible(core: Core, ref: str) -> Channel:
    channel = core.workspace.channels.get(ref)
    if channel is None or (channel.kind != "channel" and not core.workspace.is_in(channel)):
        raise SlackError("channel_not_found")
    return channel


def _member_of(core: Core, ref: str) -> Channel:
    channel = _visible(core, ref)
    if not core.workspace.is_in(channel):
        raise SlackError("not_in_channel")
    return channel


def _between(message: Message, given: Arguments) -> bool:
    at = message.ts
    oldest, latest = given.text("oldest"), given.text("latest")
    if given.flag("inclusive") and at in (oldest, latest):
        return True
    after = not oldest or _time(at) > _time(oldest, "invalid_ts_oldest")
    return after and (not latest or _time(at) < _time(latest, "invalid_ts_latest"))


def _time(ts: str, wrong: str = "") -> tuple[int, int]:
    seconds, _, micros = ts.partition(".")
    try:
        return int(seconds), int(micros.ljust(6, "0")[:6] or 0)
    except ValueError:
        raise SlackError(wrong) from None
