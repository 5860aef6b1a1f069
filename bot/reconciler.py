"""What time does: one due request, one move at a time, each outcome written down before the next.

`lifecycle.next_move` decides from the record alone; here the move is performed. Crash anywhere: the
next turn reads the record again and goes on from there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot import views
from bot.apply import Apply
from bot.courier import Courier, Pen
from bot.domain import approval, conversation, lifecycle, outcome, plan, policy
from bot.domain.catalog import Catalog
from bot.domain.lifecycle import Carry, Claim, Confirm, Expire, Follow, Hear, Move, Rest, Review, Tell, Weigh
from bot.domain.plan import Plan, Step
from bot.domain.request import IdentityRequest, Progress, State, Trouble
from bot.errors import AskAgain, BotError, NeedsOperator, Obstacle, TryLater, WorldChanged
from bot.observe import Observe
from bot.store import Claimed, Store

log = structlog.get_logger()
Perform = Callable[[IdentityRequest, Any], Awaitable[None]]
PATIENCE = 5  # times that an error nobody foresaw is tried again before an operator is asked


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
        around = await self._observe.around(heard.draft) if looks else conversation.Around()
        await self._claiming(
            record.id,
            lambda latest: conversation.hear(latest, said, heard, around, self._catalog, self._clock()),
        )

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
            await self._store.change(request, lambda latest: _queued(fn(latest), by, holder))

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
                return _blocked(seen, self._clock())
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
        begun = await self._store.change(record.id, lambda latest: _begun(latest, move.steps, self._clock()))
        results = await asyncio.gather(*(self._take(begun, step) for step in move.steps))
        for error in results:
            if error is not None:
                raise error

    async def _take(self, record: IdentityRequest, step: Step) -> BotError | None:
        try:
            done = await self._apply.take(step, record)
        except TryLater as error:
            await self._step_put_off(record.id, step, error)
        except (WorldChanged, NeedsOperator) as error:
            return await self._step_stopped(record.id, step, error)
        else:
            await self._store.change(
                record.id, lambda latest: _ended(latest, step, done.outputs, done.opened, self._clock())
            )
        return None

    async def _step_put_off(self, request: str, step: Step, error: TryLater) -> None:
        again_at = self._clock() + timedelta(seconds=error.after)

        def put_off(latest: IdentityRequest) -> IdentityRequest:
            waits = latest.progress[step.key].model_copy(
                update={"again_at": again_at, "problem": error.problem}
            )
            return latest.evolve(progress={**latest.progress, step.key: waits}).note(
                self._clock(), "step put off", step=step.key, problem=error.problem
            )

        await self._store.change(request, put_off)

    async def _step_stopped(self, request: str, step: Step, error: BotError) -> BotError | None:
        if isinstance(error, WorldChanged):
            await self._store.change(request, lambda latest: _back_to_review(latest, error, self._clock()))
            return None
        await self._store.change(request, lambda latest: _failed(latest, error, self._clock(), step.key))
        return None

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
        await self._store.change(record.id, lambda latest: _failed(latest, error, self._clock()))


def _queued(record: IdentityRequest, behind: str, holder: IdentityRequest | None) -> IdentityRequest:
    who = holder.requester.user if holder else None
    thread = holder.thread.model_dump() if holder else None
    return record.evolve(behind=behind).tell("queued_behind", by=who, thread=thread)


def _blocked(record: IdentityRequest, now: datetime) -> IdentityRequest:
    void = tuple(c.model_copy(update={"void": True}) for c in record.cards)
    back = record.evolve(state=State.ASKING, spec=None, cards=void, approvals=())
    rules = [f.rule for f in record.findings if f.blocks]
    return back.note(now, "blocked by policy", rules=rules).tell(
        "blocked_by_policy", findings=[f.model_dump(mode="json") for f in record.findings if f.blocks]
    )


def _begun(record: IdentityRequest, steps: tuple[Step, ...], now: datetime) -> IdentityRequest:
    progress = dict(record.progress)
    for step in steps:
        before = progress.get(step.key)
        attempts = before.attempts + 1 if before else 1
        progress[step.key] = Progress(begun=before.begun if before else now, attempts=attempts)
        record = record.note(now, "intent", step=step.key, digest=_digest(record.plan))
    return record.evolve(progress=progress)


def _ended(
    record: IdentityRequest, step: Step, outputs: dict[str, str], opened: tuple[Any, ...], now: datetime
) -> IdentityRequest:
    """An outcome is a fact: it is merged into whatever the record says by now."""
    done = record.progress[step.key].model_copy(
        update={"ended": now, "outputs": outputs, "again_at": None, "problem": None}
    )
    merged = record.evolve(
        progress={**record.progress, step.key: done}, pull_requests=(*record.pull_requests, *opened)
    )
    return outcome.landed(merged.note(now, "done", step=step.key, outputs=outputs), now)


def _failed(
    record: IdentityRequest, error: BotError, now: datetime, step: str | None = None
) -> IdentityRequest:
    obstacle = error.obstacle if isinstance(error, NeedsOperator) else Obstacle.UNEXPECTED
    trouble = Trouble(problem=error.problem, remedy=error.remedy, obstacle=obstacle, step=step)
    failed = record.evolve(state=State.FAILED, trouble=trouble)
    noted = failed.note(now, "failed", step=step, problem=error.problem, obstacle=obstacle)
    return noted.tell("failed", mention=(record.requester.user,))


def _back_to_review(record: IdentityRequest, error: BotError, now: datetime) -> IdentityRequest:
    before = _digest(record.plan)
    back = record.evolve(state=State.ASKING)
    return back.note(now, "world changed while provisioning", problem=error.problem).tell(
        "digest_changed", before=before, problem=error.problem
    )


def _digest(built: Plan | None) -> str:
    return built.digest if built else ""


MOVES: tuple[type[Move], ...] = (Hear, Claim, Review, Weigh, Confirm, Carry, Follow, Expire, Tell, Rest)
