"""The store against a real Valkey: nothing said is lost or doubled, whatever fails between."""

import asyncio
import json
from contextlib import AsyncExitStack

import pytest
from redis import Redis

from bot.domain.request import Card, IdentityRequest, Said, State, Thread
from bot.errors import Conflict
from bot.store import Store, TooLarge, UnknownRequest
from scripts.valkey import Valkey
from tests.adapters.store_bench import (
    NOON,
    heard_all,
    opened,
    raw,
    request,
    said,
    saying,
    stored,
)


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
