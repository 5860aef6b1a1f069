"""Turns that lose their lease, their process, their Redis, or are told to stop."""

import asyncio
import signal
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store import Store
from bot.turns import TurnSettings
from scripts.valkey import Valkey
from tests.adapters.store_bench import Clock, opened, raw, request
from tests.adapters.turns_bench import (
    QUICK,
    Desk,
    at_rest,
    go,
    hear_when_told,
    lost,
    nobody_but_one_waits,
    running,
    soon,
    told,
    until,
    worker,
)


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
        worker(valkey, "frozen", lease=3) as frozen,
        raw(valkey.url) as redis,
    ):
        await store.begin(request())
        assert await told(valkey, 2) == ["frozen runs", "frozen begins"]
        async with worker(valkey, "second", lease=3):
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
