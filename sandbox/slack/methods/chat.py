"""chat.*: messages of the app."""

import re
from typing import Any

from sandbox.slack import blockkit
from sandbox.slack.blockkit.normal import completed
from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.methods.arguments import Arguments
from sandbox.slack.model import Channel, Json, Message
from sandbox.slack.text import posted
from sandbox.slack.wire import message as shown

TEXT = 40_000
UPDATED_TEXT = 4_000
MARKDOWN = 12_000
METADATA_BYTES = 8_000
EVENT_TYPE = re.compile(r"[A-Za-z0-9_-]+")


def post(core: Core, given: Arguments) -> Json:
    """chat.postMessage: a message of the app, in a channel it is in or to a person."""
    channel = place(core, given.needed("channel"))
    content = read_content(core, given)
    thread_ts = given.text("thread_ts") or None
    message = core.messages.post(
        channel,
        user=core.workspace.bot.user,
        thread_ts=thread_ts,
        broadcast=bool(thread_ts) and given.flag("reply_broadcast"),
        metadata=read_metadata(given) or None,
        **content,
    )
    answer = shown(core.workspace, channel, message, metadata=True, full=True)
    return {"channel": channel.id, "ts": message.ts, "message": answer}


def post_ephemeral(core: Core, given: Arguments) -> Json:
    """chat.postEphemeral: a message that one member sees."""
    channel = place(core, given.needed("channel"))
    user = given.needed("user")
    if user not in core.workspace.people or user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = read_content(core, given)
    if len(content["text"]) > TEXT:
        raise SlackError("msg_too_long")
    message = core.messages.post(
        channel,
        user=core.workspace.bot.user,
        only_for=user,
        thread_ts=given.text("thread_ts") or None,
        **content,
    )
    return {"message_ts": message.ts}


def update(core: Core, given: Arguments) -> Json:
    """chat.update: text without blocks takes the blocks away; metadata stays unless it is given."""
    channel, message = _own(core, given, "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    if len(given.text("text")) > UPDATED_TEXT:
        raise SlackError("msg_too_long")
    fields = read_content(core, given)
    if "text" not in given and "markdown_text" not in given:
        fields["text"] = message.text
    if "blocks" not in given and "text" not in given:
        fields["blocks"] = message.blocks
    if "attachments" not in given:
        fields["attachments"] = message.attachments
    metadata = read_metadata(given)
    if metadata is not None:
        fields["metadata"] = metadata or None
    core.messages.change(channel, message, by=core.workspace.bot.user, edited=not fields["blocks"], **fields)
    answer = shown(core.workspace, channel, message, metadata=True, full=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": answer}


def delete(core: Core, given: Arguments) -> Json:
    """chat.delete: one of the app's own messages is gone."""
    channel, message = _own(core, given, "cant_delete_message")
    core.messages.remove(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def permalink(core: Core, given: Arguments) -> Json:
    """chat.getPermalink: the message's address in Slack."""
    channel = core.workspace.channel(given.needed("channel"))
    return {"channel": channel.id, "permalink": link(core, channel, given.needed("message_ts"))}


def link(core: Core, channel: Channel, ts: str) -> str:
    """The address of a message in Slack. SlackError message_not_found."""
    message = core.messages.find(channel, ts)
    address = f"https://{core.workspace.team.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return f"{address}?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else address


def place(core: Core, ref: str) -> Channel:
    """Where the app may post: a conversation it is in, or a person. SlackError where it may not."""
    if ref in core.workspace.people:
        if ref == core.workspace.bot.user or core.workspace.people[ref].is_bot:
            raise SlackError("channel_not_found")
        return core.workspace.direct(ref, core.workspace.bot.user)
    channel = core.workspace.channel(ref)
    if not core.workspace.is_in(channel):
        raise SlackError("not_in_channel" if channel.kind == "channel" else "channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def read_content(core: Core, given: Arguments) -> Json:
    """Text, blocks and attachments as they are stored. SlackError invalid_blocks, no_text and others."""
    blocks = given.value("blocks", "invalid_blocks_format") or []
    attachments = given.value("attachments", "invalid_attachments") or []
    text = given.text("text")
    if markdown := given.text("markdown_text"):
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        blocks, text = [{"type": "markdown", "text": markdown[:MARKDOWN]}], markdown
    check_blocks(blocks)
    if not isinstance(attachments, list):
        raise SlackError("invalid_attachments")
    if len(attachments) > 100:
        raise SlackError("too_many_attachments")
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    return {
        "text": posted(text[:TEXT]),
        "blocks": completed(blocks, core.workspace),
        "attachments": [
            {"id": n + 1, "fallback": "[no preview available]", **a} for n, a in enumerate(attachments)
        ],
    }


def check_blocks(blocks: Any) -> None:
    """A message can have these blocks; else SlackError invalid_blocks, msg_blocks_too_long and others."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if wrong := blockkit.wrong_in_message(blocks):
        raise SlackError("invalid_blocks", *wrong)
    if blockkit.too_long(blocks):
        raise SlackError("msg_blocks_too_long")


def read_metadata(given: Arguments) -> Json | None:
    """The metadata that was given; an empty object takes it away, None leaves it."""
    metadata = given.value("metadata", "invalid_metadata_format")
    if metadata is None or metadata == {}:
        return metadata if metadata is None else {}
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(kind, str) or not EVENT_TYPE.fullmatch(kind) or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_schema")
    if len(str(payload)) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return {"event_type": kind, "event_payload": payload}


def _own(core: Core, given: Arguments, not_own: str) -> tuple[Channel, Message]:
    channel = core.workspace.channels.get(given.needed("channel"))
    if channel is None:
        raise SlackError("channel_not_found")
    message = core.messages.find(channel, given.needed("ts"))
    if message.bot_id != core.workspace.bot.bot:
        raise SlackError(not_own)
    return channel, message
