"""Turns on a real Valkey and the real docket: each due request has its turn, and never two at a time."""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from docket import Docket
from redis import Redis

from bot.errors import TryLater
from bot.store import Store
from bot.turns import Turns, TurnSettings
from scripts.valkey import Valkey
from tests.adapters.store_bench import Clock, heard_all, opened, raw, request, saying

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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(valkey: Valkey, clock: Clock) -> AsyncIterator[Store]:
    async with opened(valkey.url, clock) as store:
        yield store


# Delivery


async def test_a_request_that_is_handed_over_has_its_turn_without_a_sweep(
    valkey: Valkey, store: Store, clock: Clock
) -> None:
    desk = Desk(store)
    async with running(valkey.url, desk, clock, ONLY_HAND_OVER) as (turns, _):
        await until(lambda: swept(turns, 1))
        await store.begin(request())
        await turns.hand_over("r1")

        await until(at_rest(store))

    assert desk.done["r1"] == 1
    assert turns.numbers.done == 1


async def test_a_request_that_nobody_hands_over_is_found_by_the_sweep(
    valkey: Valkey, store: Store, clock: Clock
) -> None:
    await store.begin(request())
    desk = Desk(store)
    async with running(valkey.url, desk, clock):
        await until(at_rest(store))

    assert desk.done["r1"] == 1


async def test_what_is_said_while_the_turn_runs_has_its_turn_at_once(
    valkey: Valkey, store: Store, clock: Clock
) -> None:
    desk = Desk(store, hear_when_told)
    async with running(valkey.url, desk, clock, ONLY_HAND_OVER) as (turns, _):
        await store.begin(request())
        await turns.hand_over("r1")
        await soon(desk.began.get())
        await store.change("r1", saying("prod-weu", "2.1"))
        await turns.hand_over("r1")
        desk.may_end.set()

        await until(at_rest(store))

    assert desk.done["r1"] == 2


async def test_two_replicas_share_the_work_and_never_one_request(
    valkey: Valkey, store: Store, clock: Clock
) -> None:
    inside: Counter[str] = Counter()
    together: list[str] = []

    async def hear_alone(desk: Desk, name: str) -> None:
        inside[name] += 1
        if inside[name] > 1:
            together.append(name)
        await hear(desk, name)
        inside[name] -= 1

    desks = [Desk(store, hear_alone), Desk(store, hear_alone)]
    names = [f"r{i}" for i in range(20)]
    async with (
        running(valkey.url, desks[0], clock) as (one, _),
        running(valkey.url, desks[1], clock) as (two, _),
    ):
        for name in names:
            await store.begin(request(name))

        async def talk(name: str) -> None:
            for n in range(10):
                await store.change(name, saying("more", f"{name}.{n}"))
                await (one if n % 2 else two).hand_over(name)

        await asyncio.gather(*(talk(name) for name in names))
        await until(at_rest(store))

    assert together == []
    assert set(desks[0].done) | set(desks[1].done) == set(names)
    for name in names:
        record = await store.load(name)
        assert record is not None and record.heard == len(record.said) == 11


async def test_a_job_of_another_version_is_passed_over(valkey: Valkey, store: Store, clock: Clock) -> None:
    async def invented_later(name: str) -> None:
        raise AssertionError("an old worker does not know this task")

    await store.begin(request())
    async with Docket("{identity-bot}:turns", valkey.url) as docket:
        await docket.add(invented_later, key="r1")("r1")
    desk = Desk(store)
    async with running(valkey.url, desk, clock):
        await until(at_rest(store))

    assert desk.done["r1"] == 1


# Failures


async def test_a_request_whose_turn_always_fails_pauses_and_stops_no_other(
    valkey: Valkey, store: Store, clock: Clock
) -> None:
    async def fail_for_r1(desk: Desk, name: str) -> None:
        if name == "r1":
            raise ZeroDivisionError("poisoned")
        await hear(desk, name)

    for name in ("r1", "r2", "r3"):
        await store.begin(request(name))
    desk = Desk(store, fail_for_r1)
    async with running(valkey.url, desk, clock) as (turns, _):
        for seconds in (1, 2, 4):
            expected = clock().timestamp() + seconds
            await until(lambda expected=expected: due_at(store, expected))
            await until(lambda more=turns.numbers.sweeps + 3: swept(turns, more))
            clock.move(seconds=seconds)

        await until(lambda: failed(turns, 4))

    assert desk.done["r2"] == desk.done["r3"] == 1
    assert desk.done["r1"] == turns.numbers.failed == 4


async def test_a_turn_that_asks_to_be_tried_later_is_left_alone_until_then(
    valkey: Valkey, store: Store, clock: Clock
) -> None:
    async def wait_for_azure(desk: Desk, name: str) -> None:
        raise TryLater("Azure says 429.", after=90)

    await store.begin(request())
    desk = Desk(store, wait_for_azure)
    async with running(valkey.url, desk, clock):
        await until(lambda: due_at(store, clock().timestamp() + 90))

    assert desk.done["r1"] == 1


async def test_a_turn_that_changes_nothing_does_not_run_hot(
    valkey: Valkey, store: Store, clock: Clock
) -> None:
    async def idle(desk: Desk, name: str) -> None:
        pass

    await store.begin(request())
    desk = Desk(store, idle)
    async with running(valkey.url, desk, clock) as (turns, _):
        await until(lambda: failed(turns, 1))
        await until(lambda more=turns.numbers.sweeps + 5: swept(turns, more))

    assert desk.done["r1"] == 2
    assert await store.next_due() > clock()


async def test_a_turn_that_hangs_gives_its_place_back(valkey: Valkey, store: Store, clock: Clock) -> None:
    async def hang_on_r1(desk: Desk, name: str) -> None:
        if name == "r1":
            await asyncio.Event().wait()
        await hear(desk, name)

    settings = TurnSettings(sweep_every=0.05, concurrency=1, longest_turn=0.1)
    desk = Desk(store, hang_on_r1)
    await store.begin(request("r1"))
    async with running(valkey.url, desk, clock, settings):
        await soon(desk.began.get())
        await store.begin(request("r2"))
        await until(lambda: due_at(store, clock().timestamp() + 1))

    assert desk.done == {"r1": 1, "r2": 1}


async def test_a_request_that_recovers_starts_with_the_short_pause_again(
    valkey: Valkey, store: Store, clock: Clock
) -> None:
    broken = True

    async def fail_while_broken(desk: Desk, name: str) -> None:
        if broken:
            raise ZeroDivisionError
        await hear(desk, name)

    await store.begin(request())
    desk = Desk(store, fail_while_broken)
    async with running(valkey.url, desk, clock) as (turns, _):
        await until(lambda: failed(turns, 1))
        broken = False
        clock.move(seconds=1)
        await until(lambda: turns.numbers.done == 1)
        broken = True
        await store.change("r1", saying("more", "2.1"))
        await until(lambda: failed(turns, 2))
        await until(lambda: due_at(store, clock().timestamp() + 1))


# Leases


async def test_a_turn_that_loses_its_lease_is_cancelled(valkey: Valkey, store: Store, clock: Clock) -> None:
    ended: asyncio.Queue[str] = asyncio.Queue()

    async def stay(desk: Desk, name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.put_nowait(name)

    await store.begin(request())
    desk = Desk(store, stay)
    settings = TurnSettings(lease=0.3, sweep_every=0.05)
    async with running(valkey.url, desk, clock, settings) as (turns, _), raw(valkey.url) as redis:
        await soon(desk.began.get())
        await redis.set("{identity-bot}:lease:r1", "somebody else", px=60_000)

        assert await soon(ended.get()) == "r1"
        await until(lambda: lost(turns, 1))
        assert await redis.get("{identity-bot}:lease:r1") == "somebody else"
        assert desk.done["r1"] == 1


async def test_a_long_turn_keeps_its_lease(valkey: Valkey, store: Store, clock: Clock) -> None:
    await store.begin(request())
    desk = Desk(store, hear_when_told)
    async with running(valkey.url, desk, clock, TurnSettings(lease=0.2, sweep_every=0.05)) as (turns, _):
        await soon(desk.began.get())
        lives_until = asyncio.get_running_loop().time() + 0.8

        async def four_leases_later() -> bool:
            assert not await store.lease("r1", "a thief", 0.001)
            return asyncio.get_running_loop().time() > lives_until

        await until(four_leases_later)
        desk.may_end.set()
        await until(at_rest(store))

    assert desk.done["r1"] == 1
    assert turns.numbers.lost == 0


async def test_the_next_process_goes_on_where_a_killed_one_stopped(valkey: Valkey, clock: Clock) -> None:
    """The second worker waits for the lease, so that two turns never overlap, and then takes over."""
    async with (
        opened(valkey.url) as store,
        worker(valkey, "first", lease=1.5) as first,
        raw(valkey.url) as redis,
    ):
        await store.begin(request())
        assert await told(valkey, 2) == ["first runs", "first begins"]
        async with worker(valkey, "second", lease=1.5):
            assert await told(valkey, 1) == ["second runs"]

            first.kill()
            await first.wait()
            left, killed = await redis.pttl("{identity-bot}:lease:r1"), time.monotonic()

            assert await told(valkey, 1) == ["second begins"]
            assert time.monotonic() - killed > left / 1000 - 0.05
            go(valkey)
            assert await told(valkey, 1) == ["second ends"]
            await until(at_rest(store))


async def test_a_process_frozen_past_its_lease_is_too_late_when_it_wakes(valkey: Valkey) -> None:
    async with (
        opened(valkey.url) as store,
        worker(valkey, "frozen", lease=0.6) as frozen,
        raw(valkey.url) as redis,
    ):
        await store.begin(request())
        assert await told(valkey, 2) == ["frozen runs", "frozen begins"]
        async with worker(valkey, "second", lease=0.6):
            assert await told(valkey, 1) == ["second runs"]
            frozen.send_signal(signal.SIGSTOP)
            assert await told(valkey, 1) == ["second begins"]
            frozen.send_signal(signal.SIGCONT)
            # What it waited for was one word; it must not take the second's.
            await until(lambda: nobody_but_one_waits(redis))
            go(valkey)
            assert await told(valkey, 1) == ["second ends"]
            await until(at_rest(store))


# Ends and outages


async def test_a_stop_lets_the_running_turn_end(valkey: Valkey, store: Store, clock: Clock) -> None:
    await store.begin(request())
    desk = Desk(store, hear_when_told)
    async with running(valkey.url, desk, clock) as (_, stop):
        await soon(desk.began.get())
        stop.set()
        desk.may_end.set()

    record = await store.load("r1")
    assert record is not None and record.heard == 1
    assert await store.lease("r1", "the next replica", 1)


async def test_a_turn_that_does_not_end_is_cut_and_stays_due(
    valkey: Valkey, store: Store, clock: Clock
) -> None:
    await store.begin(request())
    desk = Desk(store, hear_when_told)
    settings = TurnSettings(sweep_every=0.05, drain=0.1)
    async with running(valkey.url, desk, clock, settings) as (_, stop):
        await soon(desk.began.get())
        stop.set()

    assert await store.due(clock()) == ["r1"]
    assert await store.lease("r1", "the next replica", 1)


async def test_turns_go_on_when_redis_crashes_and_comes_back(clock: Clock) -> None:
    with TemporaryDirectory(prefix="valkey-") as folder, Valkey(Path(folder)) as server:
        async with opened(server.url, clock) as store:
            desk = Desk(store, hear_when_told)
            async with running(server.url, desk, clock):
                await store.begin(request())
                await soon(desk.began.get())
                server.kill()
                server.start()
                desk.may_end.set()
                await until(at_rest(store))
                await store.begin(request("r2"))
                await until(at_rest(store))

    assert desk.done["r2"] == 1


async def test_a_lease_that_could_not_be_given_back_does_not_hold_up_its_own_process(clock: Clock) -> None:
    with TemporaryDirectory(prefix="valkey-") as folder, Valkey(Path(folder)) as server:
        async with opened(server.url, clock) as store:
            desk = Desk(store, hear_when_told)
            settings = replace(QUICK, lease=3600)
            async with running(server.url, desk, clock, settings) as (turns, _):
                await store.begin(request())
                await soon(desk.began.get())
                server.kill()
                desk.may_end.set()
                await until(lambda: turns.numbers.failed == 1 and turns.numbers.running == 0)
                server.start()

                await until(at_rest(store))


async def test_turns_wait_for_a_redis_that_is_not_there_yet(clock: Clock) -> None:
    with TemporaryDirectory(prefix="valkey-") as folder:
        server = Valkey(Path(folder))
        async with opened(server.url, clock) as store:
            desk = Desk(store)
            async with running(server.url, desk, clock) as (turns, _):
                with server:
                    await until(lambda: turns.working)
                    await store.begin(request())
                    await until(at_rest(store))
                await until(lambda: not turns.working)


# How the tests see


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
