"""Turns in this process and in others, for tests that look at when they run."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from bot.store import Store
from bot.turns import Turns, TurnSettings
from scripts.valkey import Valkey
from tests.adapters.store_bench import Clock, heard_all

ROOT = Path(__file__).parents[2]
ONLY_HAND_OVER = TurnSettings(sweep_every=3600, reconnection_delay=0.05)
QUICK = TurnSettings(sweep_every=0.05, reconnection_delay=0.05, redelivery_timeout=0.5)
SOON = 20.0
LOOK_EVERY = 0.003


class Desk:
    """The turns of one process: `turn` is what a turn does, and `done` counts them by request."""

    def __init__(self, store: Store, turn: Callable[["Desk", str], Awaitable[None]] | None = None) -> None:
        self.store = store
        self.done: Counter[str] = Counter()
        self.began: asyncio.Queue[str] = asyncio.Queue()
        self.may_end = asyncio.Event()
        self._turn = turn or hear

    async def turn(self, name: str) -> None:
        self.done[name] += 1
        self.began.put_nowait(name)
        await self._turn(self, name)


async def hear(desk: Desk, name: str) -> None:
    await desk.store.change(name, heard_all)


async def hear_when_told(desk: Desk, name: str) -> None:
    record = await desk.store.load(name)
    assert record is not None
    await desk.may_end.wait()
    await desk.store.change(name, lambda r: r.evolve(heard=len(record.said)))


@asynccontextmanager
async def running(
    url: str, desk: Desk, clock: Clock, settings: TurnSettings = QUICK
) -> AsyncIterator[tuple[Turns, asyncio.Event]]:
    """Turns that run until the test leaves, and the event that stops them sooner."""
    turns, stop = Turns(url, desk.store, desk.turn, clock, settings), asyncio.Event()
    running = asyncio.create_task(turns.run(stop))
    try:
        yield turns, stop
    finally:
        stop.set()
        await running


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Returns as soon as it holds; a condition in Redis or in counters can only be looked at again."""
    async with asyncio.timeout(SOON):
        while not await answer(holds()):  # noqa: ASYNC110 - Redis sets no event
            await asyncio.sleep(LOOK_EVERY)


async def answer(held: bool | Awaitable[bool]) -> bool:
    return held if isinstance(held, bool) else await held


def at_rest(store: Store) -> Callable[[], Awaitable[bool]]:
    async def rests() -> bool:
        return await store.next_due() is None

    return rests


async def soon(what: Awaitable[Any]) -> Any:
    async with asyncio.timeout(SOON):
        return await what


async def due_at(store: Store, at: float) -> bool:
    due = await store.next_due()
    return due is not None and due.timestamp() == pytest.approx(at, abs=0.001)


def swept(turns: Turns, times: int) -> bool:
    return turns.numbers.sweeps >= times


def failed(turns: Turns, times: int) -> bool:
    return turns.numbers.failed >= times


def lost(turns: Turns, times: int) -> bool:
    return turns.numbers.lost >= times


async def nobody_but_one_waits(redis: Any) -> bool:
    clients = await redis.client_list()
    return sum("b" in client["flags"] and client["cmd"] == "blpop" for client in clients) == 1


@asynccontextmanager
async def worker(valkey: Valkey, name: str, lease: float) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that runs turns; ended by SIGKILL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.adapters.turn_worker",
        valkey.url,
        str(lease),
        name,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def told(valkey: Valkey, count: int) -> list[str]:
    """The next words that workers report."""

    def read() -> list[str]:
        with Redis.from_url(valkey.url, decode_responses=True, socket_timeout=None) as redis:
            answers = [redis.blpop(["told"], timeout=20) for _ in range(count)]
            return [answer[1] if answer else "nothing within 20 s" for answer in answers]

    return await asyncio.to_thread(read)


def go(valkey: Valkey) -> None:
    """One waiting turn may end."""
    with Redis.from_url(valkey.url) as redis:
        redis.rpush("go", "go")
