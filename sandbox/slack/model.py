"""What a workspace consists of: people, groups, channels, messages."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
TOMBSTONE = "This message was deleted."
Kind = Literal["channel", "group", "im", "mpim"]


@dataclass
class Person:
    """An account. `team` is its home workspace; a stranger's is another one than ours."""

    id: str
    name: str
    real_name: str = ""
    title: str = ""
    email: str = ""
    tz: str = "Europe/Berlin"
    team: str = ""
    is_admin: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_email_confirmed: bool = True
    deleted: bool = False


@dataclass
class Group:
    """A user group, mentioned by its handle."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    disabled: bool = False
    created: int = 0
    updated: int = 0


@dataclass
class Message:
    """One message; `only_for` makes it ephemeral, `user` is None for what came through a response URL."""

    ts: str
    user: str | None
    text: str
    bot_id: str | None = None
    subtype: str | None = None
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited: Json | None = None
    deleted: bool = False
    only_for: str | None = None
    metadata: Json | None = None
    client_msg_id: str | None = None
    inviter: str | None = None

    def bury(self) -> None:
        """All that is left of it is Slack's note that it was deleted."""
        self.subtype, self.text = "tombstone", TOMBSTONE
        self.blocks, self.attachments, self.reactions = [], [], {}
        self.edited = self.metadata = None

    def saved(self) -> Json:
        """Its state as JSON values that later changes do not touch."""
        return {**vars(self), "reactions": {name: list(users) for name, users in self.reactions.items()}}


@dataclass
class Channel:
    """A conversation of any kind with its messages by `ts`, oldest first."""

    id: str
    name: str
    kind: Kind = "channel"
    members: list[str] = field(default_factory=list)
    creator: str = ""
    created: int = 0
    topic: str = ""
    purpose: str = ""
    is_ext_shared: bool = False
    is_archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    replies: dict[str, list[Message]] = field(default_factory=dict)

    def keep(self, message: Message) -> None:
        """The message is the newest of the channel and, if it is a reply, of its thread."""
        self.messages[message.ts] = message
        if message.thread_ts and not message.only_for:
            self.replies.setdefault(message.thread_ts, []).append(message)

    def thread(self, root: str) -> list[Message]:
        """The replies to a message that are still there, oldest first."""
        return [reply for reply in self.replies.get(root, []) if not reply.deleted]

    def saved(self) -> Json:
        """Its state as JSON values that later changes do not touch."""
        plain = {name: value for name, value in vars(self).items() if name not in ("messages", "replies")}
        messages = [message.saved() for message in self.messages.values()]
        return {**plain, "members": list(self.members), "messages": messages}

    @classmethod
    def restored(cls, saved: Json) -> "Channel":
        """The channel whose state this is."""
        channel = cls(**{**saved, "messages": {}})
        for message in saved["messages"]:
            channel.keep(Message(**message))
        return channel
