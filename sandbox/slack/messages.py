"""Messages and reactions: every change to them, each told to the app as Slack tells it."""

import uuid
from typing import Any

from sandbox.slack import emoji, wire
from sandbox.slack.errors import SlackError
from sandbox.slack.feed import Feed
from sandbox.slack.model import Channel, Message
from sandbox.slack.workspace import Workspace

# The limits of distinct emoji on a message and of one person's; Slack does not document the numbers.
EMOJI_ON_A_MESSAGE = 50
EMOJI_OF_A_PERSON = 23


class Messages:
    """Who may do something is decided by the callers; what then happens is here."""

    def __init__(self, workspace: Workspace, feed: Feed) -> None:
        self._workspace = workspace
        self._feed = feed

    def post(
        self, channel: Channel, *, user: str | None, text: str, thread_ts: str | None = None, **more: Any
    ) -> Message:
        """A message stands at the end of its channel; `more` are further fields of Message.

        A person's message has a `client_msg_id`, the app's its `bot_id`; an ephemeral one causes no event.
        """
        self._check_thread(channel, thread_ts)
        if user in (None, self._workspace.bot.user):
            more["bot_id"] = self._workspace.bot.bot
        elif self._workspace.people[user].is_bot:
            more["bot_id"] = f"B{user[1:]}"
        else:
            more["client_msg_id"] = str(uuid.UUID(int=self._workspace.rng.getrandbits(128), version=4))
        ts = self._workspace.next_ts(channel)
        message = Message(ts, user, text, thread_ts=thread_ts, **more)
        if message.broadcast and message.subtype is None:
            message.subtype = "thread_broadcast"
        channel.keep(message)
        if not message.only_for:
            self._feed.said(channel, message)
        self._workspace.changed()
        return message

    def notice(
        self, channel: Channel, user: str, subtype: str, text: str, inviter: str | None = None
    ) -> None:
        """Slack itself noted in the channel that somebody came or went."""
        message = Message(self._workspace.next_ts(channel), user, text, subtype=subtype, inviter=inviter)
        channel.keep(message)
        self._feed.said(channel, message)
        self._workspace.changed()

    def find(self, channel: Channel, ts: str, *, seen_by: str | None = None) -> Message:
        """The message at this `ts`; ephemeral ones only for `seen_by`. SlackError message_not_found."""
        message = channel.messages.get(ts)
        if message is None or message.deleted or message.only_for not in (None, seen_by):
            raise SlackError("message_not_found")
        return message

    def change(self, channel: Channel, message: Message, *, by: str, edited: bool, **fields: Any) -> None:
        """The message has these fields now; `edited` marks it so for people."""
        before = wire.message(self._workspace, channel, message)
        for name, value in fields.items():
            setattr(message, name, value)
        if edited:
            message.edited = {"user": by, "ts": self._workspace.stamp()}
        if not message.only_for:
            self._feed.edited(channel, before, message)
        self._workspace.changed()

    def remove(self, channel: Channel, message: Message) -> None:
        """The message is gone; where it has replies, a tombstone stays in its place."""
        before = wire.message(self._workspace, channel, message)
        message.deleted = True
        if channel.thread(message.ts):
            message.bury()
            self._feed.buried(channel, before, message)
        elif not message.only_for:
            self._feed.deleted(channel, before)
        self._workspace.changed()

    def react(self, channel: Channel, message: Message, user: str, name: str) -> None:
        """The person's reaction is on the message. SlackError invalid_name, already_reacted, too_many_…"""
        if not emoji.known(name):
            raise SlackError("invalid_name")
        users = message.reactions.get(name, [])
        if user in users:
            raise SlackError("already_reacted")
        if name not in message.reactions and len(message.reactions) >= EMOJI_ON_A_MESSAGE:
            raise SlackError("too_many_emoji")
        if sum(user in others for others in message.reactions.values()) >= EMOJI_OF_A_PERSON:
            raise SlackError("too_many_reactions")
        message.reactions[name] = [*users, user]
        self._feed.reacted("reaction_added", channel, message, user, name)
        self._workspace.changed()

    def unreact(self, channel: Channel, message: Message, user: str, name: str) -> None:
        """The person's reaction is off the message. SlackError invalid_name, no_reaction."""
        if not emoji.known(name):
            raise SlackError("invalid_name")
        users = message.reactions.get(name, [])
        if user not in users:
            raise SlackError("no_reaction")
        users.remove(user)
        if not users:
            del message.reactions[name]
        self._feed.reacted("reaction_removed", channel, message, user, name)
        self._workspace.changed()

    def _check_thread(self, channel: Channel, thread_ts: str | None) -> None:
        """Only a message that is no reply itself starts a thread; a deleted one only if it has replies.

        What real Slack answers to a wrong `thread_ts` is not documented: here it is refused, not guessed.
        """
        if thread_ts is None:
            return
        root = channel.messages.get(thread_ts)
        if root is None or (root.deleted and root.subtype != "tombstone"):
            raise SlackError("thread_not_found")
        if root.thread_ts or root.only_for:
            raise SlackError("cannot_reply_to_message")


def shown(channel: Channel, seen_by: str | None = None) -> list[Message]:
    """The channel's messages in order, tombstones with them, ephemeral ones only for `seen_by`."""
    return [
        message
        for message in channel.messages.values()
        if (not message.deleted or message.subtype == "tombstone") and message.only_for in (None, seen_by)
    ]
