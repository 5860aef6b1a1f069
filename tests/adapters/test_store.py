"""The store against a real Valkey: nothing said is lost or doubled, whatever fails between."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis

from bot.domain.request import Card, IdentityRequest, Said, State, Thread
from bot.domain.spec import IdentityRef, Spec, Workload
from bot.errors import Conflict, NeedsOperator, TryLater
from bot.store import Claimed, Store, StoreDown, TooLarge, UnknownRequest
from scripts.valkey import Valkey
from tests.adapters.redis_proxy import redis_proxy
from tests.adapters.store_bench import NOON, Clock, heard_all, opened, raw, request, said, saying

PAYMENTS = Workload(cluster="prod-weu", namespace="payments", service_account="payments-api")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(valkey: Valkey, clock: Clock) -> AsyncIterator[Store]:
    async with opened(valkey.url, clock) as store:
        yield store


def spec(*workloads: Workload) -> Spec:
    return Spec(
        tenant="main",
        application="payments",
        team="payments",
        identity=IdentityRef(subscription="s", resource_group="g", name="id-payments", region="westeurope"),
        workloads=workloads,
        grants=(),
        reason="reads its secrets",
    )


async def stored(store: Store, name: str = "r1") -> IdentityRequest:
    record = await store.load(name)
    assert record is not None
    return record


# What people do


async def test_a_message_that_slack_sends_twice_opens_one_request(store: Store) -> None:
    assert await store.begin(request("r1"), seen=("event:E1", "said:C0IDENT:1"))
    assert not await store.begin(request("r2"), seen=("event:E2", "said:C0IDENT:1"))

    assert await store.all_ids() == ["r1"]


async def test_words_that_slack_sends_twice_are_said_once(store: Store) -> None:
    await store.begin(request())
    await store.change("r1", saying("prod-weu", "2000.1"), seen=("event:E2",))

    again = await store.change("r1", saying("prod-weu", "2000.1"), seen=("event:E2",))

    assert [s.text for s in again.said] == ["an identity please", "prod-weu"]
    assert (await stored(store)).version == again.version == 2


async def test_a_change_is_stored_with_its_history(store: Store) -> None:
    await store.begin(request().note(NOON, "asked", who="U0ANNA"))

    changed = await store.change(
        "r1", lambda r: heard_all(r).note(NOON, "heard").note(NOON, "asked for the cluster", choices=2)
    )

    assert changed == await stored(store)
    assert changed.news == ()
    assert [(e.what, e.who, e.detail) for e in await store.history("r1")] == [
        ("asked", "U0ANNA", {}),
        ("heard", None, {}),
        ("asked for the cluster", None, {"choices": 2}),
    ]


async def test_each_line_of_history_tells_the_version_that_it_came_with(store: Store, valkey: Valkey) -> None:
    await store.begin(request().note(NOON, "asked"))
    await store.change("r1", lambda r: heard_all(r).note(NOON, "heard"))
    await store.change("r1", lambda r: r.note(NOON, "refused"))

    async with raw(valkey.url) as redis:
        lines = [json.loads(line) for line in await redis.lrange("{identity-bot}:history:r1", 0, -1)]
    assert [(line["version"], line["what"]) for line in lines] == [(1, "asked"), (2, "heard"), (2, "refused")]


async def test_a_refusal_goes_into_the_history_and_leaves_the_version(store: Store) -> None:
    await store.begin(request())

    refused = await store.change("r1", lambda r: r.note(NOON, "refused", who="U0GUEST"))

    assert refused.version == (await stored(store)).version == 1
    assert refused.news == ()
    assert [e.what for e in await store.history("r1")] == ["refused"]


async def test_a_reaction_that_changes_nothing_still_counts_as_seen(store: Store) -> None:
    await store.begin(request())

    await store.change("r1", lambda r: r, seen=("event:E7",))

    assert not await store.saw(("event:E7",))
    assert (await stored(store)).version == 1


async def test_what_belongs_to_no_request_is_seen_once(store: Store) -> None:
    assert await store.saw(("event:E1", "said:1"))
    assert not await store.saw(("event:E2", "said:1"))
    assert await store.saw(("event:E2",))


async def test_a_change_of_a_request_that_does_not_exist_is_refused(store: Store) -> None:
    with pytest.raises(UnknownRequest, match="no request r9"):
        await store.change("r9", heard_all)


async def test_a_record_over_a_megabyte_is_refused_and_says_what_to_do(store: Store) -> None:
    await store.begin(request())

    with pytest.raises(TooLarge, match="ask again in a new thread"):
        await store.change("r1", saying("x" * 1_000_001, "2000.1"), seen=("event:E1",))

    assert (await stored(store)).version == 1
    assert await store.saw(("event:E1",))


# Where requests are found


async def test_a_request_is_found_by_thread_card_and_message(store: Store) -> None:
    await store.begin(
        request(thread=Thread(channel="C0IDENT", ts="1000.1"), said=(said("please", "1000.1"),))
    )
    await store.change("r1", saying("prod-weu", "1000.2"))
    await store.change("r1", lambda r: r.evolve(cards=(Card(digest="d1"),)))
    await store.change("r1", lambda r: r.evolve(cards=(Card(digest="d1", ts="1000.3"),)))

    assert await store.by_thread("C0IDENT", "1000.1") == "r1"
    assert await store.by_message("C0IDENT", "1000.2") == "r1"
    assert await store.by_card("C0IDENT", "1000.3") == "r1"
    assert await store.by_card("C0OTHER", "1000.3") is None


async def test_a_click_is_not_a_message(store: Store) -> None:
    await store.begin(request())
    click = Said(kind="click", person=request().requester, text="prod-weu", ts="2000.5", at=NOON)

    await store.change("r1", lambda r: r.evolve(said=(*r.said, click)))

    assert await store.by_message("C0IDENT", "2000.5") is None


async def test_a_thread_has_one_request_until_that_has_ended(store: Store) -> None:
    thread = Thread(channel="C0IDENT", ts="1000.1")
    await store.begin(request("r1", thread=thread))
    with pytest.raises(Conflict):
        await store.begin(request("r2", thread=thread))

    await store.change("r1", lambda r: r.evolve(state=State.WITHDRAWN))
    assert await store.begin(request("r2", thread=thread))

    assert await store.by_thread("C0IDENT", "1000.1") == "r2"


async def test_two_first_messages_of_one_thread_open_one_request(valkey: Valkey) -> None:
    thread = Thread(channel="C0IDENT", ts="1000.1")
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(opened(valkey.url)) for _ in range(2)]
        begun = await asyncio.gather(
            *(s.begin(request(f"r{i}", thread=thread)) for i, s in enumerate(stores)), return_exceptions=True
        )

        assert sorted(type(b) for b in begun if b is not True) == [Conflict]
        assert len(await stores[0].all_ids()) == 1


# Many at once


async def test_changes_of_many_processes_at_once_all_count(valkey: Valkey) -> None:
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(opened(valkey.url)) for _ in range(4)]
        await stores[0].begin(request())

        await asyncio.gather(
            *(
                store.change("r1", saying(f"{n} of {i}", f"{i}.{n:06}"), seen=(f"event:{i}.{n}",))
                for i, store in enumerate(stores)
                for n in range(25)
            )
        )

        record = await stored(stores[0])
        assert record.version == 101
        assert len({s.ts for s in record.said}) == 101


async def test_a_storm_on_one_request_makes_nobody_fail(store: Store) -> None:
    await store.begin(request())

    await asyncio.gather(*(store.change("r1", lambda r: r.evolve(told=r.told + 1)) for _ in range(300)))

    assert (await stored(store)).told == 300


async def test_a_record_that_others_keep_changing_is_given_up_with_a_clear_error(valkey: Valkey) -> None:
    async with opened(valkey.url, conflicts_last=0.1) as store:
        await store.begin(request())
        other = Redis.from_url(valkey.url)

        def meanwhile_somebody_saves(record: IdentityRequest) -> IdentityRequest:
            other.hincrby("{identity-bot}:record:r1", "version", 1)
            return heard_all(record)

        with other, pytest.raises(Conflict, match="too many at once"):
            await store.change("r1", meanwhile_somebody_saves)


# Claims


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


async def test_a_change_whose_answer_is_lost_is_made_once(valkey: Valkey) -> None:
    async with redis_proxy(valkey.socket) as proxy, opened(proxy.url) as store:
        await store.begin(request())
        proxy.lose_answers(1, to=b":record:r1")

        changed = await store.change("r1", lambda r: saying("prod-weu", "2.1")(r).note(NOON, "said"))

        proxy.lose_answers(1, to=b'"write"')
        changed = await store.change("r1", lambda r: saying("payments", "2.2")(r).note(NOON, "said"))

        assert proxy.lost == 2
        assert [s.text for s in changed.said] == ["an identity please", "prod-weu", "payments"]
        assert await stored(store) == changed
        assert len(await store.history("r1")) == 2


async def test_a_request_whose_first_answer_is_lost_is_begun_once(valkey: Valkey) -> None:
    async with redis_proxy(valkey.socket) as proxy, opened(proxy.url) as store:
        proxy.lose_answers(1, to=b'"write"')

        assert await store.begin(request().note(NOON, "asked"), seen=("event:E1",))

        assert proxy.lost == 1
        assert len(await store.history("r1")) == 1


async def test_a_failed_turn_whose_answer_is_lost_counts_once(valkey: Valkey) -> None:
    async with redis_proxy(valkey.socket) as proxy, opened(proxy.url) as store:
        proxy.lose_answers(1, to=b":failures:r1")

        assert await store.put_off("r1", first=1, longest=5) == (1, NOON + timedelta(seconds=1))
        assert proxy.lost == 1


async def test_a_first_sight_whose_answer_is_lost_stays_a_first_sight(valkey: Valkey) -> None:
    async with redis_proxy(valkey.socket) as proxy, opened(proxy.url) as store:
        proxy.lose_answers(1, to=b":seen:event:E1")

        assert await store.saw(("event:E1",))
        assert proxy.lost == 1


async def test_when_redis_stays_silent_the_caller_hears_of_it_in_time_for_slack(valkey: Valkey) -> None:
    async with redis_proxy(valkey.socket) as proxy, opened(proxy.url) as store:
        await store.begin(request())
        proxy.lose_answers(100, to=b"HGET")

        async with asyncio.timeout(3):
            with pytest.raises(StoreDown):
                await store.change("r1", heard_all)


async def test_everything_that_was_saved_is_there_after_a_crash_of_redis() -> None:
    with TemporaryDirectory(prefix="valkey-") as folder, Valkey(Path(folder)) as server:
        async with opened(server.url) as store:
            await store.begin(request().note(NOON, "asked"), seen=("event:E1",))
            await store.change("r1", saying("prod-weu", "2.1"))
            server.kill()
            with pytest.raises(StoreDown):
                await store.ping()
            server.start()

            changed = await store.change("r1", saying("payments", "2.2"))

            assert [s.text for s in changed.said] == ["an identity please", "prod-weu", "payments"]
            assert not await store.begin(request("r2"), seen=("event:E1",))


async def test_while_redis_is_full_nothing_is_saved_and_afterwards_it_is(
    valkey: Valkey, store: Store
) -> None:
    await store.begin(request())
    async with raw(valkey.url) as redis:
        await redis.config_set("maxmemory", "1")
        try:
            with pytest.raises(StoreDown, match="maxmemory"):
                await store.change("r1", heard_all)
        finally:
            await redis.config_set("maxmemory", "0")

    assert (await store.change("r1", heard_all)).version == 2


# Other versions of the bot


async def test_a_record_of_a_newer_version_can_be_read_and_is_left_to_it(
    valkey: Valkey, store: Store
) -> None:
    await store.begin(request())
    async with raw(valkey.url) as redis:
        text = json.loads(await redis.hget("{identity-bot}:record:r1", "json"))
        newer = {**text, "schema_version": 99, "invented_later": [1, 2]}
        await redis.hset("{identity-bot}:record:r1", "json", json.dumps(newer))

    assert (await stored(store)).requester == request().requester
    with pytest.raises(TryLater, match="newer version"):
        await store.change("r1", heard_all)


async def test_a_record_that_cannot_be_read_is_named_with_what_to_do(valkey: Valkey, store: Store) -> None:
    await store.begin(request())
    async with raw(valkey.url) as redis:
        await redis.hset("{identity-bot}:record:r1", "json", '{"id":"r1"}')

    with pytest.raises(NeedsOperator, match=r"record of request r1 .*requester.*backup"):
        await store.load("r1")


def test_a_prefix_without_a_hash_tag_is_refused(valkey: Valkey) -> None:
    with pytest.raises(ValueError, match="hash tag"):
        Store(Redis.from_url(valkey.url), Clock(), lambda r, now: None, prefix="identity-bot")  # type: ignore[arg-type]
