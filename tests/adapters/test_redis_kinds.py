"""The same store and turns on the other kinds of Redis: a cluster, and a pair watched by a sentinel."""

import asyncio
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis

from bot.errors import TryLater
from bot.store import Store, StoreDown, connect
from bot.turns import Turns, TurnSettings
from scripts.valkey import Valkey, find_server
from tests.adapters.store_bench import Clock, heard_all, opened, request, saying

QUICK = TurnSettings(sweep_every=0.05, reconnection_delay=0.05, redelivery_timeout=0.5)
SOON = 30.0


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="valkey-") as folder:
        yield Path(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def hearing(url: str, store: Store, clock: Clock) -> AsyncIterator[None]:
    async def hear(name: str) -> None:
        await store.change(name, heard_all)

    stop = asyncio.Event()
    running = asyncio.create_task(Turns(url, store, hear, clock, QUICK).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def at_rest(store: Store) -> None:
    async with asyncio.timeout(SOON):
        # Each look is a round trip to Redis, and so its own pause.
        while await _due(store):
            pass


async def _due(store: Store) -> bool:
    try:
        return await store.next_due() is not None
    except StoreDown:
        return True


async def test_a_cluster_keeps_records_and_runs_turns(folder: Path) -> None:
    port = free_port()
    options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    with Valkey(folder, port, options) as server, Redis(port=port) as one:
        one.execute_command("CLUSTER ADDSLOTSRANGE 0 16383")
        clock, url = Clock(), server.url.replace("redis://", "redis+cluster://").removesuffix("/0")
        cluster_is_up(one)
        async with opened(url, clock) as store, hearing(url, store, clock):
            await store.begin(request().note(clock(), "asked"), seen=("event:E1",))
            await store.change("r1", saying("prod-weu", "2.1"))

            await at_rest(store)

            record = await store.load("r1")
            assert record is not None and record.heard == 2
            assert len(await store.history("r1")) == 1
            assert not await store.saw(("event:E1", "event:E2"))


def cluster_is_up(one: Redis) -> None:
    """The cluster serves all slots; Redis has no word that waits for it, so it is asked until it does."""
    deadline = time.monotonic() + SOON
    while one.execute_command("CLUSTER INFO")["cluster_state"] != "ok":
        assert time.monotonic() < deadline, "the cluster does not come up"


@contextmanager
def sentinel(folder: Path, master: int) -> Iterator[int]:
    """A sentinel alone, quick to call a master dead."""
    port = free_port()
    (folder / "sentinel.conf").write_text(
        f"port {port}\nbind 127.0.0.1\ndir {folder}\n"
        f"sentinel monitor orders 127.0.0.1 {master} 1\n"
        "sentinel down-after-milliseconds orders 300\n"
        "sentinel failover-timeout orders 2000\n"
    )
    log = (folder / "sentinel.log").open("wb")
    process = subprocess.Popen(
        [find_server(), folder / "sentinel.conf", "--sentinel"], stdout=log, stderr=log
    )
    try:
        yield port
    finally:
        process.kill()
        process.wait()
        log.close()


async def test_after_a_fail_over_the_replica_is_used_and_turns_go_on(folder: Path) -> None:
    first, second = free_port(), free_port()
    with (
        Valkey(folder / "one", first, ("--repl-diskless-sync-delay", "0")) as master,
        Valkey(folder / "two", second, ("--replicaof", f"127.0.0.1 {first}")) as replica,
        replicating(first),
        sentinel(folder, first) as watch,
    ):
        clock, url = Clock(), f"redis+sentinel://127.0.0.1:{watch}/orders/0"
        async with opened(url, clock) as store, hearing(url, store, clock):
            await store.begin(request())
            await at_rest(store)
            with Redis(port=first) as one:
                # Replication is asynchronous, and WAIT waits for this connection's own write.
                one.set("{identity-bot}:written", "later than all")
                assert one.wait(1, 5000) == 1

            master.kill()
            async with asyncio.timeout(SOON):
                while not await said_again(store):
                    pass
            await at_rest(store)

            record = await store.load("r1")
            assert record is not None and record.heard == len(record.said) == 2
            assert replica.pid is not None


async def said_again(store: Store) -> bool:
    try:
        await store.change("r1", saying("prod-weu", "2.1"), seen=("event:E2",))
    except StoreDown:
        return False
    return True


@contextmanager
def replicating(first: int) -> Iterator[None]:
    """Waits for the replica: a sentinel that starts later sees it at once."""
    deadline = time.monotonic() + SOON
    with Redis(port=first) as one:
        while one.info("replication").get("slave0", {}).get("state") != "online":
            assert time.monotonic() < deadline, "the replica does not replicate"
    yield


async def test_a_server_that_has_become_a_replica_is_not_taken_for_a_broken_request(folder: Path) -> None:
    with Valkey(folder) as server, Redis.from_url(server.url) as redis:
        async with opened(server.url) as store:
            await store.begin(request())
            redis.replicaof("127.0.0.1", 1)

            with pytest.raises(TryLater, match="replica"):
                await store.change("r1", heard_all)

            redis.replicaof("NO", "ONE")
            assert (await store.change("r1", heard_all)).heard == 1


async def test_a_flood_waits_in_line_and_all_of_it_is_saved(folder: Path) -> None:
    with Valkey(folder) as server:
        async with opened(server.url) as store:
            begun = await asyncio.gather(*(store.begin(request(f"r{i}" + "x" * i)) for i in range(300)))

            assert all(begun)
            assert len(await store.all_ids()) == 300


@pytest.mark.parametrize(
    "url", ["http://localhost", "redis+sentinel://a:1,b:2", "redis+sentinel:///orders", "memory://"]
)
def test_an_address_of_another_form_is_refused_with_the_forms_there_are(url: str) -> None:
    with pytest.raises(ValueError, match=r"write redis://, rediss://, unix://"):
        connect(url)
