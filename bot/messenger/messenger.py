"""What the bot says in Slack and what it looks up there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.people import PersonSeen
from bot.errors import BotError, TryLater
from bot.messenger.calls import AGAIN_AFTER, TRIES, Busy, Expected, Line, call

Blocks = list[dict[str, Any]]
EVENT = "identity_bot"
PAGE = 200
LOST = frozenset(
    {"cant_update_message", "channel_not_found", "edit_window_closed", "is_inactive", "message_not_found"}
)
"""A message of ours can no longer be read or updated (slack.md 1.5)."""
UNSEEN = frozenset({"user_not_found", "user_not_visible"})
UNREACHED = frozenset({"channel_not_found", "not_in_channel", "user_not_found", "user_not_in_channel"})
SEEDED = frozenset({"already_reacted", "too_many_emoji", "too_many_reactions"})
NO_THREAD = frozenset({"message_not_found", "thread_not_found"})


class CardLost(BotError):
    """The message is gone, or no longer ours to update: trying again is of no use."""


class Messenger:
    """Slack in our words. Every method raises TryLater or NeedsOperator; those on a card also CardLost.

    `me` is the bot's own user id: any app can write metadata, so only our own messages are believed.
    """

    def __init__(self, client: AsyncWebClient, me: str) -> None:
        self._client = client
        self._me = me
        self._lines: dict[tuple[str, str], Line] = {}

    async def post(
        self, channel: str, blocks: Blocks, text: str, thread_ts: str | None = None, key: str | None = None
    ) -> str:
        """The message is in the channel, or in the thread; its `ts`.

        With a key it can be found again: after TryLater it may be there all the same.
        """
        mark = {"event_type": EVENT, "event_payload": {"key": key}} if key else None
        answer = await self._call(
            self._client.chat_postMessage,
            channel=channel,
            blocks=blocks,
            text=text,
            thread_ts=thread_ts,
            metadata=mark,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(answer["ts"])

    async def find_posted(self, channel: str, thread_ts: str, key: str) -> str | None:
        """The `ts` of our own message of this key in the thread; None when there is none."""
        async for message in self._replies(channel, thread_ts):
            mark = message.get("metadata") or {}
            ours = message.get("user") == self._me and mark.get("event_type") == EVENT
            if ours and mark.get("event_payload", {}).get("key") == key:
                return str(message["ts"])
        return None

    async def update(self, channel: str, ts: str, blocks: Blocks, text: str) -> None:
        """The message shows this. Slack notifies nobody of it."""
        try:
            await self._call(self._client.chat_update, LOST, channel=channel, ts=ts, blocks=blocks, text=text)
        except Expected as refused:
            raise _lost(refused) from refused

    async def post_private(
        self, channel: str, user: str, blocks: Blocks, text: str, thread_ts: str | None = None
    ) -> bool:
        """Only this person sees the message; False when Slack says that they cannot, not being there.

        Slack promises no delivery, keeps no copy and cannot update it (slack.md 4).
        """
        try:
            await self._call(
                self._client.chat_postEphemeral,
                UNREACHED,
                channel=channel,
                user=user,
                blocks=blocks,
                text=text,
                thread_ts=thread_ts,
            )
        except Expected:
            return False
        return True

    async def react(self, channel: str, ts: str, name: str) -> None:
        """Our own reaction stands on the message, unless it has as many as Slack allows."""
        try:
            await self._call(
                self._client.reactions_add, SEEDED | LOST, channel=channel, timestamp=ts, name=name
            )
        except Expected as refused:
            if refused.code in LOST:
                raise _lost(refused) from refused

    async def read_reactions(self, channel: str, ts: str) -> tuple[tuple[str, str], ...]:
        """Every reaction on the message as (name, user), complete; TryLater when Slack tells only a part."""
        try:
            answer = await self._call(
                self._client.reactions_get, LOST, channel=channel, timestamp=ts, full=True
            )
        except Expected as refused:
            raise _lost(refused) from refused
        reactions = answer.get("message", {}).get("reactions", [])
        if any(len(reaction["users"]) < reaction["count"] for reaction in reactions):
            raise TryLater("Slack told only some of the reactions.", AGAIN_AFTER)
        return tuple((reaction["name"], user) for reaction in reactions for user in reaction["users"])

    async def read_person(self, user: str) -> PersonSeen:
        """The account as Slack describes it; one that Slack does not show counts as a stranger's."""
        try:
            answer = await self._call(self._client.users_info, UNSEEN, user=user)
        except Expected:
            return PersonSeen(user=user, team="", stranger=True)
        return _person(answer["user"])

    async def read_group(self, group: str) -> frozenset[str]:
        """The members of a user group. What keeps it from being read is raised: nobody is in it then."""
        answer = await self._call(self._client.usergroups_users_list, usergroup=group)
        return frozenset(answer["users"])

    async def name_of(self, user: str) -> str:
        """What the person is called; the user id where Slack does not say."""
        try:
            return (await self.read_person(user)).name or user
        except BotError:
            return user

    async def permalink(self, channel: str, ts: str) -> str:
        """An address that leads to the message."""
        try:
            answer = await self._call(self._client.chat_getPermalink, LOST, channel=channel, message_ts=ts)
        except Expected as refused:
            raise _lost(refused) from refused
        return str(answer["permalink"])

    async def words_of(self, user: str, channel: str, thread_ts: str) -> tuple[tuple[str, str], ...]:
        """What this person wrote in the thread after its first message, as (ts, text), oldest first."""
        words = [
            (str(message["ts"]), str(message.get("text", "")))
            async for message in self._replies(channel, thread_ts)
            if message.get("user") == user and message["ts"] != thread_ts and "subtype" not in message
        ]
        return tuple(words)

    async def _call(
        self,
        method: Callable[..., Awaitable[AsyncSlackResponse]],
        expected: frozenset[str] = frozenset(),
        **arguments: Any,
    ) -> dict[str, Any]:
        """Slack's answer; who is too early is told to wait behind the others who are."""
        line = self._lines.setdefault((method.__name__, arguments.get("channel", "")), Line())
        try:
            answer = await call(method, expected, TRIES if line.is_free else 1, **arguments)
        except Busy as busy:
            raise line.join(busy) from busy
        line.advance()
        return answer

    async def _replies(self, channel: str, thread_ts: str) -> AsyncIterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            try:
                answer = await self._call(
                    self._client.conversations_replies,
                    NO_THREAD,
                    channel=channel,
                    ts=thread_ts,
                    include_all_metadata=True,
                    limit=PAGE,
                    cursor=cursor,
                )
            except Expected:
                return
            for message in answer["messages"]:
                yield message
            cursor = answer.get("response_metadata", {}).get("next_cursor")
            if not cursor:
                return


def _lost(refused: Expected) -> CardLost:
    return CardLost(f"The message is out of reach: {refused.code}.")


def _person(user: dict[str, Any]) -> PersonSeen:
    profile, organisation = user.get("profile", {}), user.get("enterprise_user", {})
    return PersonSeen(
        user=user["id"],
        team=user.get("team_id") or "",
        teams=tuple(organisation.get("teams", ())),
        enterprise=organisation.get("enterprise_id"),
        name=profile.get("real_name") or user.get("real_name") or user.get("name") or "",
        tz=user.get("tz") or "UTC",
        is_bot=user.get("is_bot", False) or user["id"] == "USLACKBOT",
        deleted=user.get("deleted", False),
        guest=user.get("is_restricted", False) or user.get("is_ultra_restricted", False),
        stranger=user.get("is_stranger", False),
    )
