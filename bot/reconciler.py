"""What time does: one due request, one move at a time, each outcome written down before the next.

`lifecycle.next_move` decides from the record alone; here the move is performed. Crash anywhere: the
next turn reads the record again and goes on from there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot import views
from bot.apply import Apply
from bot.courier import Courier, Pen
from bot.domain import approval, conversation, lifecycle, names, outcome, plan, policy, progress
from bot.domain.catalog import Catalog
from bot.domain.lifecycle import Carry, Claim, Confirm, Expire, Follow, Hear, Rest, Review, Tell, Weigh
from bot.domain.plan import Step
from bot.domain.request import IdentityRequest, State
from bot.errors import AskAgain, BotError, NeedsOperator, TryLater, WorldChanged
from bot.observe import Observe
from bot.store import Claimed, Store

log = structlog.get_logger()
Perform = Callable[[IdentityRequest, Any], Awaitable[None]]


class Reconciler:
    """Brings requests on. One turn of one request runs at a time; `bot.turns` sees to that."""

    def __init__(
        self,
        store: Store,
        observe: Observe,
        apply: Apply,
        courier: Courier,
        catalog: Catalog,
        clock: Callable[[], datetime],
        look_every: timedelta,
        stop: asyncio.Event,
    ) -> None:
        self._stop = stop
        self._look_every = look_every
        self._store = store
        self._observe = observe
        self._apply = apply
        self._courier = courier
        self._catalog = catalog
        self._clock = clock
        self._performers: dict[type[Any], Perform] = {
            Hear: self._hear,
            Claim: self._claim,
            Review: self._review,
            Weigh: self._weigh,
            Confirm: self._confirm,
            Carry: self._carry,
            Follow: self._follow,
            Expire: self._expire,
        }

    async def turn(self, request: str) -> None:
        """The request has been brought as far as it goes now, and its messages are out.

        Once the bot is told to stop, the move that was begun is finished and no other begun.
        """
        with structlog.contextvars.bound_contextvars(request=request):
            async with self._courier.following(request) as pen:
                while not self._stop.is_set() and await self._one_move(request, pen):
                    pen.redraw()

    async def _one_move(self, request: str, pen: Pen) -> bool:
        record = await self._store.load(request)
        if record is None:
            return False
        move = lifecycle.next_move(record, self._clock())
        if isinstance(move, Rest):
            return False
        if isinstance(move, Tell):
            await pen.finish()
            return True
        log.info("move", move=type(move).__name__, state=record.state)
        try:
            await self._performers[type(move)](record, move)
        except TryLater as error:
            await self._put_off(record, error.after, error)
        except AskAgain as error:
            await self._ask_again(record, error)
        except NeedsOperator as error:
            await self._fail(record, error)
        return True

    # What each move does. Looking comes first, then one pure function on the latest record.

    async def _hear(self, record: IdentityRequest, move: Hear) -> None:
        said = record.said[record.heard]
        heard = conversation.understand(record, said, self._catalog)
        looks = conversation.wants_looking(record, said, heard, self._catalog)
        try:
            if record.heard == 0 and conversation.came_late(said):
                await self._catch_up(record)
            around = await self._observe.around(heard.draft) if looks else conversation.Around()
        except (TryLater, NeedsOperator) as error:
            waits = partial(progress.unheard, error=error)
            await self._store.change(record.id, lambda latest: waits(latest, now=self._clock()))
            return
        await self._claiming(
            record.id,
            lambda latest: conversation.hear(latest, said, heard, around, self._catalog, self._clock()),
        )

    async def _catch_up(self, record: IdentityRequest) -> None:
        """Replies that Slack delivered before there was a request are in it now.

        Each is saved with the key under which Slack may send it again.
        """
        for missed in await self._observe.missed(record):
            key = names.message_key(record.thread.channel, missed.ts)
            await self._store.change(record.id, partial(conversation.append, said=missed), (key,))

    async def _claim(self, record: IdentityRequest, move: Claim) -> None:
        again_at = self._clock() + lifecycle.CLAIM_EVERY
        try:
            await self._store.change(
                record.id, lambda latest: latest.evolve(behind=None).tell("claim_free", first=record.behind)
            )
        except Claimed:
            await self._store.change(
                record.id, lambda latest: latest.model_copy(update={"again_at": again_at})
            )

    async def _claiming(self, request: str, fn: Callable[[IdentityRequest], IdentityRequest]) -> None:
        """The change is saved; where another request holds one of its workloads, this one is queued."""
        try:
            await self._store.change(request, fn)
        except Claimed as claimed:
            by = claimed.by
            holder = await self._store.load(by)
            await self._store.change(request, lambda latest: progress.queued(fn(latest), by, holder))

    async def _review(self, record: IdentityRequest, move: Review) -> None:
        assert record.spec is not None
        spec = record.spec
        observed = await self._observe.world(spec)
        findings = policy.check(spec, observed, self._catalog)

        def reviewed(latest: IdentityRequest) -> IdentityRequest:
            if latest.spec != spec:
                return latest
            seen = latest.evolve(observed=observed, findings=findings, attempts=0)
            if any(f.blocks for f in findings):
                return progress.blocked(seen, self._clock())
            built = plan.build(spec, observed, self._catalog, latest.id)
            noted = seen.note(self._clock(), "reviewed", digest=built.digest)
            shown = approval.show(noted, built, self._clock())
            # What is approved is never cut: a plan too large to be shown whole raises AskAgain here.
            views.overflow(shown, self._catalog)
            return shown

        await self._store.change(record.id, reviewed)

    async def _weigh(self, record: IdentityRequest, move: Weigh) -> None:
        people = await self._observe.people(record, self._catalog)
        await self._store.change(
            record.id, lambda latest: approval.decide(latest, people, self._catalog, self._clock())
        )

    async def _confirm(self, record: IdentityRequest, move: Confirm) -> None:
        assert record.spec is not None
        spec = record.spec
        observed, reactions, people = await asyncio.gather(
            self._observe.world(spec, again=True),
            self._observe.reactions(record),
            self._observe.people(record, self._catalog),
        )
        blocked = any(f.blocks for f in policy.check(spec, observed, self._catalog))
        now_planned = plan.build(spec, observed, self._catalog, record.id)

        def confirmed(latest: IdentityRequest) -> IdentityRequest:
            if blocked and latest.state is State.APPROVED:
                return latest.evolve(state=State.ASKING, hold_until=None)
            return approval.confirm(latest, reactions, people, now_planned, self._catalog, self._clock())

        await self._store.change(record.id, confirmed)

    async def _carry(self, record: IdentityRequest, move: Carry) -> None:
        """Intent first, then the effects, together; each outcome is merged as it comes."""
        begun = await self._store.change(
            record.id, lambda latest: progress.begun(latest, move.steps, self._clock())
        )
        await asyncio.gather(*(self._take(begun, step) for step in move.steps))

    async def _take(self, record: IdentityRequest, step: Step) -> None:
        """The step is done, put off, or what stands in its way is written down."""
        try:
            done = await self._apply.take(step, record)
            after = partial(progress.ended, step=step, outputs=done.outputs, opened=done.opened)
        except TryLater as error:
            after = partial(progress.put_off, step=step, error=error)
        except WorldChanged as error:
            after = partial(progress.back_to_review, error=error)
        except NeedsOperator as error:
            after = partial(progress.failed, error=error, step=step.key)
        except Exception as error:
            log.exception("a step failed in a way that nobody foresaw", step=step.key)
            after = partial(progress.surprised, step=step, error=error)
        await self._store.change(record.id, lambda latest: after(latest, now=self._clock()))

    async def _follow(self, record: IdentityRequest, move: Follow) -> None:
        seen = await self._observe.proposed(record)
        await self._store.change(
            record.id, lambda latest: outcome.followed(latest, seen, self._clock(), self._look_every)
        )

    async def _expire(self, record: IdentityRequest, move: Expire) -> None:
        await self._store.change(record.id, lambda latest: outcome.expired(latest, self._clock()))

    # What an error leads to.

    async def _put_off(self, record: IdentityRequest, after: float, error: BotError) -> None:
        again_at = self._clock() + timedelta(seconds=after)
        log.warning("put off", problem=error.problem, after=after)
        await self._store.change(
            record.id,
            lambda latest: latest.model_copy(
                update={"again_at": again_at, "attempts": latest.attempts + 1}
            ).note(self._clock(), "put off", problem=error.problem),
        )

    async def _ask_again(self, record: IdentityRequest, error: AskAgain) -> None:
        await self._store.change(
            record.id,
            lambda latest: latest.evolve(state=State.ASKING, spec=None).tell(
                "problem", problems=(str(error),), fields=(), leftovers=()
            ),
        )

    async def _fail(self, record: IdentityRequest, error: NeedsOperator) -> None:
        await self._store.change(record.id, lambda latest: progress.failed(latest, error, self._clock()))
