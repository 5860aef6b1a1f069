"""The records in Redis. `change` is the only way that a record becomes another."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from bot.domain.request import ENDED, Entry, IdentityRequest
from bot.errors import BotError, Conflict
from bot.store import saving
from bot.store.connection import Client
from bot.store.keys import Keys
from bot.store.wire import Wire

Clock = Callable[[], datetime]
Due = Callable[[IdentityRequest, datetime], datetime | None]

LONGEST_PAUSE = 0.02
"""Seconds between two tries at a record that others change too."""

SEEN_LASTS = timedelta(hours=26)
"""Slack sends an event again for up to an hour, but a client of its may be a day behind."""

WRITE_LASTS = timedelta(minutes=2)
"""Longer than any client sends one command again."""

FAILURES_LAST = timedelta(days=1)


class Claimed(Exception):
    """Another request, `by`, holds a workload of this one; nothing was saved."""

    def __init__(self, by: str) -> None:
        super().__init__(f"Request {by} holds a workload of this one.")
        self.by = by


class UnknownRequest(BotError):
    """There is no such request."""


class Settled(NamedTuple):
    """A record's version, and when that version wants its next turn."""

    version: int
    due: datetime | None


class Store:
    """All records under one prefix of one Redis."""

    def __init__(
        self,
        redis: Client,
        clock: Clock,
        due: Due,
        prefix: str = "{identity-bot}",
        *,
        conflicts_last: float = 2.0,
    ) -> None:
        self._clock = clock
        self._due = due
        self._conflicts_last = conflicts_last
        self._keys = Keys(prefix)
        self._wire = Wire(redis)
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def begin(self, record: IdentityRequest, seen: tuple[str, ...] = ()) -> bool:
        """A new request is stored and due; False, and nothing is, when one of `seen` was seen before.

        Raises Conflict when its thread has a request already that has not ended.
        """
        thread_was = await self._ended_in(record)
        stored, save = saving.first_save(record, self._due(record, self._clock()))
        more = {"thread_was": thread_was} if thread_was else {}
        outcome, _ = await self._save(stored.id, save, _new_write(), seen, **more)
        if outcome in ("conflict", "taken"):
            raise Conflict(f"The thread or the id of request {record.id} is in use already.")
        return outcome == "done"

    async def load(self, request: str) -> IdentityRequest | None:
        """The record as it is stored, or None."""
        text = await self._wire.ask(lambda r: r.hget(self._keys.record(request), "json"))
        return None if text is None else saving.read_record(request, text)

    async def change(
        self,
        request: str,
        fn: Callable[[IdentityRequest], IdentityRequest],
        seen: tuple[str, ...] = (),
    ) -> IdentityRequest:
        """`fn` of the latest record is stored, with its history, due time, claims and seen keys.

        Returns what is stored now; when one of `seen` was seen before, that is the record unchanged.
        Raises Claimed, UnknownRequest, TooLarge, and Conflict when others are faster for 2 s. `fn` may be
        called several times. A StoreDown leaves open whether it was saved: what stands being done again
        may be, all else needs a seen key.
        """
        deadline = asyncio.get_running_loop().time() + self._conflicts_last
        async with self._in_line(request, deadline):
            return await self._change(request, fn, seen, deadline)

    async def by_thread(self, channel: str, ts: str) -> str | None:
        """The latest request of that thread."""
        return await self._look_up(self._keys.threads, f"{channel}:{ts}")

    async def by_card(self, channel: str, ts: str) -> str | None:
        """The request that the card shows."""
        return await self._look_up(self._keys.cards, f"{channel}:{ts}")

    async def by_message(self, channel: str, ts: str) -> str | None:
        """The request in which that message was said."""
        return await self._look_up(self._keys.messages, f"{channel}:{ts}")

    async def claim_holder(self, workload: str) -> str | None:
        """The request that holds the workload of that key."""
        return await self._look_up(self._keys.claims, workload)

    async def saw(self, seen: tuple[str, ...]) -> bool:
        """All of `seen` count as seen from now on; True when none did before."""
        if not seen:
            return True
        keys = [self._keys.seen(key) for key in seen]
        return bool(await self._wire.run("see", keys, _new_write(), _ms(SEEN_LASTS)))

    async def history(self, request: str) -> list[Entry]:
        """Everything that happened to the request, oldest first."""
        lines = await self._wire.ask(lambda r: r.lrange(self._keys.history(request), 0, -1))
        return [saving.read_line(line) for line in lines]

    async def all_ids(self) -> list[str]:
        """Every request, in the order they were opened."""
        return [_text(i) for i in await self._wire.ask(lambda r: r.zrange(self._keys.requests, 0, -1))]

    async def due(self, now: datetime, limit: int = 200) -> list[str]:
        """The requests that want a turn by now, those that wait longest first."""
        until = saving.due_text(now)
        ids = await self._wire.ask(lambda r: r.zrangebyscore(self._keys.due, "-inf", until, 0, limit))
        return [_text(i) for i in ids]

    async def next_due(self) -> datetime | None:
        """When the first request wants a turn."""
        first = await self._wire.ask(lambda r: r.zrange(self._keys.due, 0, 0, withscores=True))
        return datetime.fromtimestamp(float(first[0][1]), UTC) if first else None

    async def settle(self, request: str) -> Settled:
        """The due time is what the record as it is says; at rest its failed turns are forgotten."""
        while True:
            record = await self.load(request)
            version = record.version if record else 0
            now = self._clock()
            due = self._due(record, now) if record else None
            rests = "1" if due is None or due > now else ""
            keys = [self._keys.record(request), self._keys.due, self._keys.failures(request)]
            if await self._wire.run("settle", keys, request, str(version), saving.due_text(due), rests):
                return Settled(version, due)

    async def put_off(self, request: str, first: float, longest: float) -> tuple[int, datetime]:
        """A failed turn is counted, and the request due again after `first` seconds, doubled each time.

        Returns how many turns failed in a row, and when it is due.
        """
        keys = [self._keys.due, self._keys.failures(request)]
        now = saving.due_text(self._clock())
        count, due = await self._wire.run(
            "put_off", keys, request, now, str(first), str(longest), _new_write(), _ms(FAILURES_LAST)
        )
        return int(count), datetime.fromtimestamp(float(due), UTC)

    async def lease(self, request: str, owner: str, ttl_seconds: float) -> bool:
        """The owner holds the request's turn for that long, unless another does."""
        return await self._lease(request, owner, ttl_seconds, "take")

    async def renew(self, request: str, owner: str, ttl_seconds: float) -> bool:
        """The owner's lease lasts that long from now; False when it has lost it."""
        return await self._lease(request, owner, ttl_seconds, "renew")

    async def release(self, request: str, owner: str) -> bool:
        """The owner's lease has ended; False when it held none."""
        return bool(await self._wire.run("release", [self._keys.lease(request)], owner))

    async def remember(self, key: str, value: str, ttl: float) -> None:
        """The value can be recalled for `ttl` seconds."""
        await self._wire.ask(lambda r: r.set(self._keys.cache(key), value, px=max(1, int(ttl * 1000))))

    async def recall(self, key: str) -> str | None:
        """What was remembered under the key, while it is."""
        value = await self._wire.ask(lambda r: r.get(self._keys.cache(key)))
        return None if value is None else _text(value)

    async def ping(self) -> None:
        """Redis answers; StoreDown is raised when it does not."""
        await self._wire.ask(lambda r: r.ping())

    async def _change(
        self,
        request: str,
        fn: Callable[[IdentityRequest], IdentityRequest],
        seen: tuple[str, ...],
        deadline: float,
    ) -> IdentityRequest:
        latest = await self._known(request)
        write = _new_write()
        while True:
            changed = fn(latest)
            stored, save = saving.next_save(latest, changed, self._due(changed, self._clock()))
            if save.is_empty and not seen:
                return stored
            outcome, found = await self._save(request, save, write, seen)
            if outcome == "done":
                return stored
            if found is None:
                raise UnknownRequest(f"There is no request {request} any more.")
            latest = saving.read_record(request, found)
            if outcome == "seen":
                return latest
            if asyncio.get_running_loop().time() > deadline:
                raise Conflict(f"Request {request} is being changed by too many at once.")
            await asyncio.sleep(random.uniform(0, LONGEST_PAUSE))

    @asynccontextmanager
    async def _in_line(self, request: str, deadline: float) -> AsyncIterator[None]:
        """Changes of one record by this process stand in line and so never conflict with each other.

        Who has waited until the deadline goes on without: a Redis that hangs must not make each wait
        for all before it.
        """
        line = self._lines.setdefault(request, asyncio.Lock())
        try:
            async with asyncio.timeout_at(deadline):
                await line.acquire()
        except TimeoutError:
            yield
            return
        try:
            yield
        finally:
            line.release()

    async def _known(self, request: str) -> IdentityRequest:
        record = await self.load(request)
        if record is None:
            raise UnknownRequest(f"There is no request {request}.")
        return record

    async def _ended_in(self, record: IdentityRequest) -> str | None:
        """The request that had the thread before, if it has ended; a live one keeps it."""
        holder = await self.by_thread(record.thread.channel, record.thread.ts)
        before = await self.load(holder) if holder else None
        return before.id if before and before.state in ENDED else None

    async def _save(
        self, request: str, save: saving.Save, write: str, seen: Sequence[str], **more: Any
    ) -> tuple[str, Any]:
        k = self._keys
        keys = [k.record(request), k.history(request), k.due, k.requests, k.threads, k.cards, k.messages]
        keys += [k.claims, k.write(write), *(k.seen(key) for key in seen)]
        rest = save.rest_as_json(write=write, write_ms=_ms(WRITE_LASTS), seen_ms=_ms(SEEN_LASTS), **more)
        said = await self._wire.run("save", keys, request, save.record, rest)
        outcome = _text(said[0])
        if outcome == "claimed":
            raise Claimed(_text(said[1]))
        return outcome, said[1] if len(said) > 1 else None

    async def _look_up(self, key: str, field: str) -> str | None:
        value = await self._wire.ask(lambda r: r.hget(key, field))
        return None if value is None else _text(value)

    async def _lease(self, request: str, owner: str, ttl_seconds: float, how: str) -> bool:
        ms = _ms(timedelta(seconds=ttl_seconds))
        return bool(await self._wire.run("lease", [self._keys.lease(request)], owner, ms, how))


def _new_write() -> str:
    return secrets.token_hex(12)


def _ms(span: timedelta) -> str:
    return str(max(1, int(span / timedelta(milliseconds=1))))


def _text(value: Any) -> str:
    """A client may be set to decode answers, or not."""
    return value.decode() if isinstance(value, bytes) else str(value)
