"""The store while Redis or an answer of it is lost, and with records of other versions."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis

from bot.errors import NeedsOperator, TryLater
from bot.store import Store, StoreDown
from scripts.valkey import Valkey
from tests.adapters.redis_proxy import redis_proxy
from tests.adapters.store_bench import (
    NOON,
    Clock,
    heard_all,
    opened,
    raw,
    request,
    saying,
    stored,
)


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
