"""The turn of one request: under a lease, until nothing of it is due, put off when it fails."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.errors import BotError, TryLater
from bot.store import Store, StoreDown
from bot.turns.settings import TurnSettings

Turn = Callable[[str], Awaitable[None]]
Clock = Callable[[], datetime]

log = structlog.get_logger(__name__)


@dataclass
class Numbers:
    """What the turns of this process have come to so far."""

    running: int = 0
    sweeps: int = 0
    done: int = 0
    failed: int = 0
    lost: int = 0
    """Turns that were cancelled because their lease was lost."""


class LeasedTurns:
    """The turns that run in this process. No other process runs a turn of the same requests meanwhile.

    One exception is known: a process that is frozen for longer than a lease goes on for a moment when
    it wakes. So effects are found again by their names.
    """

    def __init__(self, store: Store, turn: Turn, clock: Clock, settings: TurnSettings) -> None:
        self._store = store
        self._turn = turn
        self._clock = clock
        self._settings = settings
        self._works: dict[str, asyncio.Task[None]] = {}
        self._left: dict[str, str] = {}
        self.stopping = False
        """Set when running turns are to be the last."""
        self.numbers = Numbers()

    @property
    def running(self) -> frozenset[str]:
        """The requests whose turn runs here now."""
        return frozenset(self._works)

    async def run(self, request: str) -> None:
        """The request has had its turn, or another process is giving it one."""
        if self.stopping:
            return
        owner = self._left.pop(request, None) or secrets.token_hex(12)
        asked = _now()
        try:
            if not await self._store.lease(request, owner, self._settings.lease):
                return
            with structlog.contextvars.bound_contextvars(request=request):
                try:
                    await self._work(request, owner, asked)
                finally:
                    await self._store.release(request, owner)
        except StoreDown as error:
            # The lease may be left behind. Its owner is kept, so that here nobody waits for its end.
            self._left[request] = owner
            log.warning("a turn waits for Redis", request=request, problem=str(error))

    def cancel(self) -> None:
        """Every running turn is told to end where it is."""
        for work in self._works.values():
            work.cancel()

    async def _work(self, request: str, owner: str, asked: float) -> None:
        work = asyncio.create_task(self._until_rest(request), name=f"turn of {request}")
        keeping = asyncio.create_task(self._keep(request, owner, asked), name=f"lease of {request}")
        self._works[request] = work
        self.numbers.running = len(self._works)
        try:
            await asyncio.wait({work, keeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost = keeping.done()
            keeping.cancel()
            work.cancel()
            await asyncio.wait({work, keeping})
            del self._works[request]
            self.numbers.running = len(self._works)
        if lost:
            self.numbers.lost += 1
            log.warning("the lease was lost, so the turn was cancelled")
        elif work.cancelled() and not self.stopping:
            await self._put_off(request, RuntimeError("The turn was cancelled from within."))
        elif not work.cancelled():
            work.result()

    async def _until_rest(self, request: str) -> None:
        """Turn upon turn, until the record rests: what was saved meanwhile must not wait for a sweep."""
        version = None
        while not self.stopping:
            try:
                async with asyncio.timeout(self._settings.longest_turn):
                    await self._turn(request)
                settled = await self._store.settle(request)
            except Exception as error:
                await self._put_off(request, error)
                return
            self.numbers.done += 1
            if settled.due is None or settled.due > self._clock():
                return
            if settled.version == version:
                await self._put_off(request, RuntimeError("The turn changed nothing, and it is still due."))
                return
            version = settled.version

    async def _put_off(self, request: str, error: Exception) -> None:
        """One request that fails again and again neither keeps a process busy nor stops the others."""
        self.numbers.failed += 1
        first, longest = self._settings.first_pause, self._settings.longest_pause
        if isinstance(error, TryLater):
            first = max(first, error.after)
        try:
            failures, due = await self._store.put_off(request, first, max(first, longest))
        except StoreDown:
            log.warning("a turn failed while Redis is away", problem=str(error))
            return
        log.warning(
            "a turn failed",
            problem=str(error) or type(error).__name__,
            failures=failures,
            again_at=due.isoformat(),
            exc_info=None if isinstance(error, BotError) else error,
        )

    async def _keep(self, request: str, owner: str, asked: float) -> None:
        """Renews the lease; returns when it is lost, or so nearly over that the turn must end."""
        lease = self._settings.lease
        until = asked + lease * 0.9
        while (left := until - _now()) > 0:
            await asyncio.sleep(min(lease / 3, left))
            asked = _now()
            with suppress(StoreDown, TimeoutError):
                async with asyncio.timeout_at(until):
                    if not await self._store.renew(request, owner, lease):
                        return
                    until = asked + lease * 0.9


def _now() -> float:
    return asyncio.get_running_loop().time()
