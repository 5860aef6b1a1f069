"""What goes out to people: notices from the record's outbox, and cards drawn from its latest state.

It runs beside the turn and never holds up a step: redraws that come while one is under way are joined.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot import views
from bot.domain.approval import APPROVE, REJECT
from bot.domain.catalog import Catalog
from bot.domain.request import Card, IdentityRequest, Notice
from bot.errors import BotError, TryLater
from bot.messenger import CardLost, Messenger
from bot.store import Store

log = structlog.get_logger()
PAUSE = timedelta(seconds=5)


class Pen:
    """What a turn holds to have its request drawn."""

    def __init__(self, deliver: Callable[[], Awaitable[None]]) -> None:
        self._deliver = deliver
        self._wanted = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._failure: Exception | None = None
        self._closed = False

    def redraw(self) -> None:
        """What is new will be shown soon; the caller does not wait for it."""
        self._idle.clear()
        self._wanted.set()

    async def finish(self) -> None:
        """Everything that was known at the call has been shown, or put off."""
        if self._failure is None:
            self.redraw()
            await self._idle.wait()
        if self._failure is not None:
            raise self._failure

    async def run(self) -> None:
        """Draws whenever something is wanted, until it is closed or cannot go on."""
        try:
            while not self._closed:
                await self._wanted.wait()
                self._wanted.clear()
                if not self._closed:
                    await self._deliver()
                if not self._wanted.is_set():
                    self._idle.set()
        except Exception as failure:
            self._failure = failure
            self._idle.set()

    def close(self) -> None:
        """Nothing more is begun; a delivery that is under way ends by itself.

        It is not left to a cancellation alone: libraries were seen to swallow one.
        """
        self._closed = True
        self._wanted.set()


class Courier:
    """Delivers what waits in records."""

    def __init__(
        self, store: Store, messenger: Messenger, catalog: Catalog, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._catalog = catalog
        self._clock = clock

    @contextlib.asynccontextmanager
    async def following(self, request: str) -> AsyncIterator[Pen]:
        """While the block runs, what changes in the record is shown; at its end everything is."""
        pen = Pen(lambda: self._deliver_or_put_off(request))
        drawing = asyncio.create_task(pen.run())
        try:
            yield pen
            pen.close()
            await drawing
        finally:
            pen.close()
            drawing.cancel()
            await asyncio.wait({drawing})

    async def _deliver_or_put_off(self, request: str) -> None:
        try:
            await self.deliver(request)
        except BotError as error:
            after = timedelta(seconds=error.after) if isinstance(error, TryLater) else PAUSE
            log.warning("messages wait", problem=error.problem)
            await self._keep(request, tell_at=self._clock() + after)
        except Exception:
            log.exception("messages wait")
            await self._keep(request, tell_at=self._clock() + PAUSE)

    async def deliver(self, request: str) -> None:
        """Every notice of the outbox is out and every card shows what the record says.

        Nothing is sent before the time that Slack asked to wait for, however much changes meanwhile.
        """
        record = await self._store.load(request)
        if record is None or (record.tell_at and self._clock() < record.tell_at):
            return
        for notice in record.outbox:
            await self._send(record, notice)
        for place, card in enumerate(record.cards):
            if not card.void:
                await self._draw(record, place, card)
            elif card.ts and not card.void_shown:
                with contextlib.suppress(CardLost):
                    await self._update(record, card)
                await self._mark(request, place, void_shown=True)
        if record.tell_at:
            await self._keep(request, tell_at=None)

    async def _send(self, record: IdentityRequest, notice: Notice) -> None:
        shown = views.notice(notice, record, self._catalog)
        channel, thread = record.thread.channel, record.thread.ts
        if notice.only_for:
            await self._sent(record.id, notice)
            await self._messenger.post_private(
                channel, notice.only_for, shown.blocks, shown.text, thread_ts=thread
            )
            return
        if not await self._already_out(record, notice.key, notice.tried):
            await self._tried(record.id, notice)
            await self._messenger.post(channel, shown.blocks, shown.text, thread_ts=thread, key=notice.key)
        await self._sent(record.id, notice)

    async def _already_out(self, record: IdentityRequest, key: str, tried: bool) -> str | None:
        """The message of this key, looked for only where an earlier try may have sent it."""
        if not tried:
            return None
        return await self._messenger.find_posted(record.thread.channel, record.thread.ts, key)

    async def _draw(self, record: IdentityRequest, place: int, card: Card) -> None:
        """The card shows what the record says; one that somebody deleted will be posted anew.

        Nobody can approve what cannot be seen, so with the message its approvals are gone.
        """
        try:
            if card.ts is None:
                ts = await self._post_card(record, place, card)
                await self._mark(record.id, place, ts=ts, drawn=record.revision)
                card = card.model_copy(update={"ts": ts, "drawn": record.revision})
            elif card.drawn < record.revision:
                await self._update(record, card)
                await self._mark(record.id, place, drawn=record.revision)
            if not card.seeded:
                await self._seed(record, card)
                await self._mark(record.id, place, seeded=True)
        except CardLost:
            await self._mark(
                record.id, place, ts=None, tried=False, seeded=False, drawn=0, posted=card.posted + 1
            )

    async def _seed(self, record: IdentityRequest, card: Card) -> None:
        assert card.ts is not None
        for name in (APPROVE, REJECT):
            await self._messenger.react(record.thread.channel, card.ts, name)

    async def _post_card(self, record: IdentityRequest, place: int, card: Card) -> str:
        channel, thread = record.thread.channel, record.thread.ts
        key = f"{record.id}:card:{place}:{card.posted}"
        if found := await self._already_out(record, key, card.tried):
            return found
        await self._mark(record.id, place, tried=True)
        for number, more in enumerate(views.overflow(record, self._catalog)):
            if await self._already_out(record, f"{key}:{number}", card.tried):
                continue
            await self._messenger.post(
                channel, more.blocks, more.text, thread_ts=thread, key=f"{key}:{number}"
            )
        shown = views.card(record, self._catalog, self._clock())
        return await self._messenger.post(channel, shown.blocks, shown.text, thread_ts=thread, key=key)

    async def _update(self, record: IdentityRequest, card: Card) -> None:
        shown = views.card(record, self._catalog, self._clock(), card)
        assert card.ts is not None
        await self._messenger.update(record.thread.channel, card.ts, shown.blocks, shown.text)

    # Bookkeeping of deliveries: none of it is a change that a person could see.

    async def _mark(self, request: str, place: int, **changes: Any) -> None:
        """The card at this place has these changes: cards are only ever added, so its place stays."""

        def mark(latest: IdentityRequest) -> IdentityRequest:
            cards = tuple(
                c.model_copy(update=changes) if i == place else c for i, c in enumerate(latest.cards)
            )
            return latest.model_copy(update={"cards": cards})

        await self._store.change(request, mark)

    async def _tried(self, request: str, notice: Notice) -> None:
        await self._outbox(request, notice, lambda n: (n.model_copy(update={"tried": True}),))

    async def _sent(self, request: str, notice: Notice) -> None:
        await self._outbox(request, notice, lambda _: ())

    async def _outbox(
        self, request: str, notice: Notice, become: Callable[[Notice], tuple[Notice, ...]]
    ) -> None:
        def changed(latest: IdentityRequest) -> IdentityRequest:
            kept = (become(n) if n.key == notice.key else (n,) for n in latest.outbox)
            return latest.model_copy(update={"outbox": tuple(n for some in kept for n in some)})

        await self._store.change(request, changed)

    async def _keep(self, request: str, **changes: Any) -> None:
        await self._store.change(request, lambda latest: latest.model_copy(update=changes))
