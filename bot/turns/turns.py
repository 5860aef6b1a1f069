"""docket runs what the due set says. Its only importer.

docket is the runner and nothing more. The due set in Redis says what is to do, so a job of docket's that
is lost, dropped or run twice costs at most a sweep or a lease that is not given.
"""

import asyncio
import os
import secrets
import socket
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any

import structlog
from docket import ConcurrencyLimit, CurrentExecution, Docket, Execution, Worker
from docket.execution import Disposition
from redis.credentials import CredentialProvider
from redis.exceptions import RedisError

from bot.store import Store
from bot.turns.leased import Clock, LeasedTurns, Numbers, Turn
from bot.turns.settings import TurnSettings

TASK = "advance"
"""The one task name of all versions: a worker counts a task that it does not know as done."""

LOOK_AGAIN = 0.05
"""Seconds until the sweep that follows a hand-over which docket dropped."""

ADD_LASTS = 5.0

log = structlog.get_logger(__name__)


class Turns:
    """Runs the turns of all requests, together with every other replica on the same Redis."""

    def __init__(
        self,
        url: str,
        store: Store,
        turn: Turn,
        clock: Clock,
        settings: TurnSettings | None = None,
        *,
        credentials: CredentialProvider | None = None,
    ) -> None:
        self._url = url
        self._store = store
        self._clock = clock
        self._settings = settings or TurnSettings()
        self._credentials = credentials
        self._leased = LeasedTurns(store, turn, clock, self._settings)
        self._handed: set[str] = set()
        self._wake = asyncio.Event()
        self._failing = False
        self.working = False
        """Whether the last sweep went well: due requests have their turns."""

    @property
    def numbers(self) -> Numbers:
        """Turns that run, ended, failed or were lost, and sweeps: for the metrics."""
        return self._leased.numbers

    async def hand_over(self, request: str) -> None:
        """The request's turn starts in a few milliseconds, here or on another replica.

        Call it after the save that made the request due. It neither waits nor fails: should the turn
        not be handed over, the sweep finds the request due.
        """
        self._handed.add(request)
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Turns run until `stop` is set; running ones then get `drain` seconds to end by themselves.

        A Redis that is away is waited for. What was not finished stays due for the next replica.
        """
        stopped = asyncio.create_task(stop.wait(), name="turns: stop")
        try:
            while not stop.is_set():
                await self._serve(stopped)
                await asyncio.wait({stopped}, timeout=self._settings.reconnection_delay)
        finally:
            stopped.cancel()

    async def _serve(self, stopped: asyncio.Task[Any]) -> None:
        """One connection of docket, until the stop or until Redis is away."""
        self._leased.stopping = False
        leave = asyncio.Event()
        session = asyncio.create_task(self._session(leave), name="turns: session")
        try:
            await asyncio.wait({session, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leased.stopping = True
            leave.set()
            await self._end(session)
            self.working = False
        error = session.exception() if session.done() and not session.cancelled() else None
        if isinstance(error, RedisError | OSError):
            log.warning("turns wait for Redis", problem=str(error))
        elif error:
            # Whatever it is, a bot that listens but never acts would be worse than one more try.
            log.error("turns ended by themselves and start again", exc_info=error)

    async def _session(self, leave: asyncio.Event) -> None:
        """docket is opened, works and is closed: all by one task, since it keeps context variables."""
        async with self._docket() as docket, self._worker(docket) as worker:

            async def advance(request: Annotated[str, ConcurrencyLimit(1)]) -> None:
                await self._leased.run(request)

            docket.register(advance, names=[TASK])
            feeding = asyncio.create_task(self._feed(docket), name="turns: sweep")
            working = asyncio.create_task(worker.run_forever(), name="turns: worker")
            leaving = asyncio.create_task(leave.wait(), name="turns: leave")
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            feeding.cancel()
        # Closing the worker has let its running turns end.
        await working

    async def _end(self, session: asyncio.Task[None]) -> None:
        """The session has ended, or is left behind with a complaint: docket's close was seen to hang."""
        await asyncio.wait({session}, timeout=self._settings.drain)
        self._leased.cancel()
        await asyncio.wait({session}, timeout=self._settings.close)
        session.cancel()
        _, pending = await asyncio.wait({session}, timeout=self._settings.close)
        if pending:
            log.error("docket does not close and is left behind")

    def _docket(self) -> Docket:
        # docket puts a hash tag around its name in a cluster; elsewhere ours makes the keys alike.
        prefix, cluster = self._settings.prefix, "+cluster" in self._url.partition("://")[0]
        name = f"{prefix.strip('{}')}:turns" if cluster else f"{prefix}:turns"
        return Docket(name, self._url, credential_provider=self._credentials)

    def _worker(self, docket: Docket) -> Worker:
        settings = self._settings
        return Worker(
            docket,
            # More than host and process: two in one process are two.
            name=f"{socket.gethostname()}#{os.getpid()}#{secrets.token_hex(4)}",
            concurrency=settings.concurrency,
            redelivery_timeout=timedelta(seconds=settings.redelivery_timeout),
            reconnection_delay=timedelta(seconds=settings.reconnection_delay),
            minimum_check_interval=timedelta(seconds=settings.minimum_check_interval),
            scheduling_resolution=timedelta(seconds=settings.scheduling_resolution),
            schedule_automatic_tasks=False,
            fallback_task=_pass_over,
        )

    async def _feed(self, docket: Docket) -> None:
        """What is handed over goes to docket at once, what is due at every sweep."""
        loop = asyncio.get_running_loop()
        sweep_at = loop.time()
        while True:
            self._wake.clear()
            try:
                async with asyncio.timeout(ADD_LASTS):
                    if await self._add_handed(docket):
                        sweep_at = min(sweep_at, loop.time() + LOOK_AGAIN)
                    if loop.time() >= sweep_at:
                        sweep_at = loop.time() + self._settings.sweep_every
                        await self._sweep(docket)
                self._complain(None)
            except Exception as error:
                self._complain(error)
                sweep_at = loop.time() + self._settings.sweep_every
            with suppress(TimeoutError):
                async with asyncio.timeout_at(sweep_at):
                    await self._wake.wait()

    def _complain(self, error: Exception | None) -> None:
        """One line when sweeps begin to fail, and one when they go on; not one each time."""
        if error and not self._failing:
            log.warning("sweeps fail and are tried again", problem=str(error) or type(error).__name__)
        if self._failing and not error:
            log.info("sweeps go on")
        self._failing = error is not None
        self.working = error is None

    async def _sweep(self, docket: Docket) -> None:
        due = await self._store.due(self._clock(), self._settings.sweep_at_most)
        await _add(docket, set(due) - self._leased.running)
        self.numbers.sweeps += 1

    async def _add_handed(self, docket: Docket) -> bool:
        """Whether docket dropped one: its turn runs, and may have looked at its record a moment ago."""
        handed, self._handed = self._handed, set()
        return await _add(docket, handed)


async def _add(docket: Docket, requests: set[str]) -> bool:
    if not requests:
        return False
    calls = [docket.call(TASK, key=request)(request) for request in requests]
    return any(e.disposition is not Disposition.SCHEDULED for e in await docket.add_many(calls))


async def _pass_over(
    *_args: Any,
    execution: Execution = CurrentExecution(),  # noqa: B008 - docket's way to give it
    **_more: Any,
) -> None:
    """A job of another version of the bot: what it was for is still due, and is handed over again."""
    log.warning("a job of another version was passed over", task=execution.function_name)
