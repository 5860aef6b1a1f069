"""What people do with messages, channels and groups."""

from collections.abc import Sequence

from sandbox.slack import emoji, persons
from sandbox.slack.core import Core
from sandbox.slack.errors import Refused
from sandbox.slack.model import Channel
from sandbox.slack.persons import refusals
from sandbox.slack.text import typed

LONGEST = 12_000


class Hands:
    """Each method is one thing a person does; Refused says what Slack does not allow, and what to do."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._workspace = core.workspace

    async def say(
        self, user: str, channel: str, text: str, *, thread_ts: str | None = None, broadcast: bool = False
    ) -> str:
        """The person's message stands in the conversation; the result is its ts.

        `text` is what they type: `@identity`, `@ann`, `@platform-approvers`, `#random`, web addresses, emoji.
        `channel` is an id, `#name`, or the id of the person or bot to write to directly.
        """
        place = persons.writable(self._core, user, channel)
        encoded = self._typed(text)
        with refusals():
            message = self._core.messages.post(
                place, user=user, text=encoded, thread_ts=thread_ts, broadcast=bool(thread_ts) and broadcast
            )
        return message.ts

    async def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """The person's own message says something else now."""
        place, message = persons.message(self._core, user, channel, ts)
        if message.user != user:
            raise Refused("cant_update_message", "people can edit only their own messages")
        self._core.messages.change(place, message, by=user, edited=True, text=self._typed(text))

    async def delete(self, user: str, channel: str, ts: str) -> None:
        """A message is gone: the person's own or seen only by them; an administrator's choice is free."""
        place, message = persons.message(self._core, user, channel, ts)
        mine = user in (message.user, message.only_for)
        if not mine and not self._workspace.people[user].is_admin:
            raise Refused("cant_delete_message", "people can delete only their own messages")
        self._core.messages.remove(place, message)

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        """The person's reaction is on the message; `name` is an emoji, or its name with or without colons."""
        place, message = persons.message(self._core, user, channel, ts)
        if message.only_for:
            raise Refused("not_reactable", "messages that only one person sees cannot be reacted to")
        with refusals():
            self._core.messages.react(place, message, user, _emoji_name(name))

    async def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        """The person's reaction is off the message."""
        place, message = persons.message(self._core, user, channel, ts)
        with refusals():
            self._core.messages.unreact(place, message, user, _emoji_name(name))

    async def join_channel(self, user: str, channel: str) -> None:
        """The person is a member of a public channel."""
        person = persons.person(self._core, user)
        with refusals():
            place = self._workspace.channel(channel)
        if place.kind != "channel":
            raise Refused("channel_not_found", "private channels are entered by invitation: invite")
        if person.is_restricted or person.is_ultra_restricted:
            raise Refused("user_is_restricted", "guests are brought into channels by others: invite")
        self._enter(place, user, None)

    async def invite(self, user: str, channel: str, who: str) -> None:
        """Somebody, person or bot, is a member of a channel the inviting person is in."""
        place = persons.writable(self._core, user, channel)
        if place.kind not in ("channel", "group"):
            raise Refused(
                "method_not_supported_for_channel_type", "nobody can be invited into a direct message"
            )
        with refusals():
            invited = self._workspace.person(who)
        if invited.deleted:
            raise Refused("user_disabled", f"{invited.name} is deactivated")
        self._enter(place, who, user)

    async def leave_channel(self, user: str, channel: str) -> None:
        """The person is no longer a member."""
        await self.kick(user, channel, user)

    async def kick(self, user: str, channel: str, who: str) -> None:
        """Somebody, person or bot, is no longer a member of a channel the acting person is in."""
        place = persons.place(self._core, user, channel)
        if place.kind not in ("channel", "group"):
            raise Refused("method_not_supported_for_channel_type", "direct messages cannot be left")
        if who not in place.members:
            raise Refused("user_not_in_channel", f"{who} is no member of #{place.name}")
        # Told first: the bot hears that it was removed itself.
        self._core.feed.membership("member_left_channel", place, who)
        place.members.remove(who)
        self._core.messages.notice(place, who, "channel_leave", f"<@{who}> has left the channel")

    async def join_group(self, user: str, group: str) -> None:
        """The person is in the user group (id or handle)."""
        self.set_group(group, added=[persons.person(self._core, user).id])

    async def leave_group(self, user: str, group: str) -> None:
        """The person is not in the user group."""
        self.set_group(group, removed=[user])

    def set_group(self, ref: str, *, added: Sequence[str] = (), removed: Sequence[str] = ()) -> None:
        """These people are in the user group and those are not; the app is told what changed."""
        with refusals():
            group = self._workspace.group(ref)
            came = [self._workspace.person(user).id for user in added if user not in group.users]
        went = [user for user in removed if user in group.users]
        if not came and not went:
            return
        group.users[:] = [user for user in [*group.users, *came] if user not in went]
        before, group.updated = group.updated, int(self._workspace.now())
        self._core.feed.group_members(group, before, came, went)
        self._workspace.changed()

    def _enter(self, place: Channel, user: str, inviter: str | None) -> None:
        if user in place.members:
            raise Refused("already_in_channel", f"{user} is a member of #{place.name} already")
        place.members.append(user)
        text = f"<@{user}> has joined the channel"
        self._core.messages.notice(place, user, "channel_join", text, inviter)
        self._core.feed.membership("member_joined_channel", place, user, inviter)

    def _typed(self, text: str) -> str:
        if not text.strip():
            raise Refused("no_text", "there is nothing to send")
        if len(text) > LONGEST:
            raise Refused("msg_too_long", f"a message has at most {LONGEST} characters")
        return typed(text, self._workspace)


def _emoji_name(name: str) -> str:
    return emoji.named(name).strip(":")
