"""What people did, written down. What it means is decided in the request's turn, by the reconciler."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain import names
from bot.domain.lifecycle import ASKING_LASTS
from bot.domain.request import IdentityRequest, Reaction, Said, Thread
from bot.domain.spec import Person
from bot.store import Store

Seen = tuple[str, ...]
Touched = Literal["edited", "deleted"]
LISTENS_TO = 500  # things said in one request; beyond, somebody plays with it


@dataclass(frozen=True)
class Words:
    """One message: where, whose, and whether it was addressed to the bot."""

    channel: str
    ts: str
    thread_ts: str | None
    person: Person
    text: str
    mention: bool = False


@dataclass(frozen=True)
class Touch:
    """One reaction put on a message or taken away; `at` is Slack's `event_ts`."""

    channel: str
    ts: str
    name: str
    added: bool
    person: Person
    at: str


@dataclass(frozen=True)
class Click:
    """One answer chosen in a thread: the question's key and the value behind the button."""

    channel: str
    thread_ts: str
    person: Person
    question: str
    value: str
    ts: str


class Workflow:
    """Every method returns once what was done is in Redis; until then Slack is not acknowledged.

    `seen` are the keys under which Slack might deliver the same thing again; a second time changes nothing.
    """

    def __init__(
        self, store: Store, hand_over: Callable[[str], Awaitable[None]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._hand_over = hand_over
        self._clock = clock

    async def say(self, words: Words, seen: Seen) -> None:
        """The words are in the request of their thread, or begin one if they are addressed to the bot."""
        thread_ts = words.thread_ts or words.ts
        known = await self._store.by_thread(words.channel, thread_ts)
        if known:
            await self._append(known, self._said(words), seen)
        elif words.mention:
            await self._begin(words, thread_ts, seen)

    async def edited(self, channel: str, ts: str, person: Person, seen: Seen) -> None:
        """If the edited message is part of a request, its author will be told that edits are not read."""
        await self._message_touched("edited", channel, ts, person, seen)

    async def deleted(self, channel: str, ts: str, person: Person, seen: Seen) -> None:
        """If the deleted message is part of a request, its author will be told that it still counts."""
        await self._message_touched("deleted", channel, ts, person, seen)

    async def react(self, touch: Touch, seen: Seen) -> None:
        """If the message is one of our cards, the reaction is in its request."""
        known = await self._store.by_card(touch.channel, touch.ts)
        if known is None:
            return
        reaction = Reaction(
            name=touch.name, person=touch.person, card=touch.ts, added=touch.added, at=touch.at
        )
        await self._store.change(
            known, lambda r: r.model_copy(update={"reactions": (*r.reactions, reaction)}), seen
        )
        await self._hand_over(known)

    async def click(self, click: Click, seen: Seen) -> None:
        """The answer is in the request of its thread."""
        known = await self._store.by_thread(click.channel, click.thread_ts)
        if known:
            said = Said(
                kind="click",
                person=click.person,
                text=click.value,
                ts=click.ts,
                at=self._clock(),
                question=click.question,
            )
            await self._append(known, said, seen)

    async def _message_touched(
        self, kind: Touched, channel: str, ts: str, person: Person, seen: Seen
    ) -> None:
        known = await self._store.by_message(channel, ts)
        if known:
            said = Said(kind=kind, person=person, text="", ts=ts, at=self._clock())
            await self._append(known, said, seen)

    async def _append(self, request: str, said: Said, seen: Seen) -> None:
        def append(record: IdentityRequest) -> IdentityRequest:
            if len(record.said) >= LISTENS_TO:
                return record.note(self._clock(), "too much said", said.person.user)
            return record.model_copy(update={"said": (*record.said, said)})

        await self._store.change(request, append, seen)
        await self._hand_over(request)

    async def _begin(self, words: Words, thread_ts: str, seen: Seen) -> None:
        now = self._clock()
        record = IdentityRequest(
            id=names.request_id(words.channel, words.ts),
            requester=words.person,
            thread=Thread(channel=words.channel, ts=thread_ts),
            opened=now,
            said=(self._said(words),),
            expires=now + ASKING_LASTS,
        )
        opened = record.note(now, "opened", words.person.user)
        if await self._store.begin(opened, seen):
            await self._hand_over(record.id)

    def _said(self, words: Words) -> Said:
        return Said(
            person=words.person, text=words.text, ts=words.ts, at=self._clock(), mention=words.mention
        )
