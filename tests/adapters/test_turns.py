"""Turns on a real Valkey and the real docket: each due request has its turn, and never two at a time."""

import asyncio
from collections import Counter

from docket import Docket

from bot.errors import TryLater
from bot.store import Store
from bot.turns import TurnSettings
from scripts.valkey import Valkey
from tests.adapters.store_bench import Clock, request, saying
from tests.adapters.turns_bench import (
    ONLY_HAND_OVER,
    Desk,
    at_rest,
    due_at,
    failed,
    hear,
    hear_when_told,
    running,
    soon,
    swept,
    until,
)


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
