"""What waits in the store: workloads claimed, requests due, leases, what was remembered."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.request import State
from bot.store import Claimed, Store
from tests.adapters.store_bench import (
    NOON,
    PAYMENTS,
    Clock,
    heard_all,
    request,
    spec,
    stored,
)


async def test_a_workload_is_held_by_one_request(store: Store) -> None:
    for name in ("r1", "r2"):
        await store.begin(request(name))
    await store.change("r1", lambda r: r.evolve(spec=spec(PAYMENTS)))

    with pytest.raises(Claimed) as claimed:
        await store.change("r2", lambda r: r.evolve(spec=spec(PAYMENTS)), seen=("event:E1",))

    assert claimed.value.by == "r1"
    assert (await stored(store, "r2")).spec is None
    assert await store.saw(("event:E1",)), "what was refused can be said again"
    assert await store.claim_holder(PAYMENTS.key) == "r1"


async def test_a_request_that_ends_lets_go_of_its_workloads(store: Store) -> None:
    for name in ("r1", "r2"):
        await store.begin(request(name))
    await store.change("r1", lambda r: r.evolve(spec=spec(PAYMENTS)))

    await store.change("r1", lambda r: r.evolve(state=State.WITHDRAWN))
    await store.change("r2", lambda r: r.evolve(spec=spec(PAYMENTS)))

    assert await store.claim_holder(PAYMENTS.key) == "r2"


async def test_a_changed_request_holds_only_what_it_asks_for_now(store: Store) -> None:
    other = PAYMENTS.model_copy(update={"namespace": "billing"})
    await store.begin(request())
    await store.change("r1", lambda r: r.evolve(spec=spec(PAYMENTS)))

    await store.change("r1", lambda r: r.evolve(spec=spec(other)))

    assert await store.claim_holder(PAYMENTS.key) is None
    assert await store.claim_holder(other.key) == "r1"


# Due times


async def test_who_waits_longest_comes_first(store: Store, clock: Clock) -> None:
    for name in ("r1", "r2", "r3"):
        await store.begin(request(name))
        clock.move(seconds=10)

    assert await store.due(clock()) == ["r1", "r2", "r3"]
    assert await store.due(clock(), 2) == ["r1", "r2"]
    assert await store.next_due() == NOON


async def test_a_request_at_rest_is_not_due(store: Store, clock: Clock) -> None:
    await store.begin(request())
    await store.change("r1", heard_all)

    assert await store.due(clock()) == []
    assert await store.next_due() is None


async def test_a_request_is_due_again_when_it_said_so(store: Store, clock: Clock) -> None:
    await store.begin(request())
    later = NOON + timedelta(seconds=30, microseconds=123)
    await store.change("r1", lambda r: heard_all(r).evolve(again_at=later))

    assert await store.due(clock()) == []
    assert await store.next_due() == later
    clock.at = later
    assert await store.due(clock()) == ["r1"]


async def test_failed_turns_pause_longer_each_time_up_to_the_longest(store: Store, clock: Clock) -> None:
    await store.begin(request())

    put_off = [await store.put_off("r1", first=1, longest=5) for _ in range(5)]

    assert [count for count, _ in put_off] == [1, 2, 3, 4, 5]
    assert [(due - NOON).total_seconds() for _, due in put_off] == [1, 2, 4, 5, 5]
    assert await store.due(clock()) == []


async def test_settling_puts_the_due_time_right(store: Store, clock: Clock) -> None:
    await store.begin(request())
    await store.put_off("r1", first=1, longest=5)

    assert (await store.settle("r1")).due == NOON
    assert await store.due(clock()) == ["r1"]

    await store.change("r1", heard_all)
    await store.put_off("r1", first=1, longest=5)
    settled = await store.settle("r1")

    assert (settled.version, settled.due) == (2, None)
    assert await store.next_due() is None
    assert await store.put_off("r1", first=1, longest=5) == (1, NOON + timedelta(seconds=1))


async def test_a_due_time_without_a_record_is_cleared(store: Store, clock: Clock) -> None:
    await store.put_off("gone", first=1, longest=5)

    assert (await store.settle("gone")).due is None
    assert await store.next_due() is None


# Leases


async def test_a_lease_has_one_owner(store: Store) -> None:
    assert await store.lease("r1", "one", 30)
    assert not await store.lease("r1", "two", 30)
    assert await store.renew("r1", "one", 30)
    assert not await store.renew("r1", "two", 30)
    assert not await store.release("r1", "two")
    assert await store.release("r1", "one")
    assert await store.lease("r1", "two", 30)


async def test_a_lease_that_is_not_renewed_ends(store: Store) -> None:
    await store.lease("r1", "one", 0.05)

    async with asyncio.timeout(5):
        while not await store.lease("r1", "two", 30):
            pass

    assert not await store.renew("r1", "one", 30)


async def test_what_was_remembered_is_recalled_until_its_time_is_over(store: Store) -> None:
    await store.remember("people:U0ANNA", '{"name":"Anna Ö"}', ttl=60)
    await store.remember("group:S1", "[]", ttl=0.02)

    assert await store.recall("people:U0ANNA") == '{"name":"Anna Ö"}'
    async with asyncio.timeout(5):
        while await store.recall("group:S1") is not None:
            pass


# Faults
