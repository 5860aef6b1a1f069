"""How many changes of records a second the store saves, and how long one takes.

    .venv/bin/python -m benchmarks.store_change [--url redis://...] [--seconds 3]

Without a URL it starts an embedded Valkey, with the append-only file as in production (fsync every
second). Every change is one load, one save script with a line of history and one seen key, of a record
of about 6 kB.
"""

import argparse
import asyncio
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.domain import lifecycle
from bot.domain.request import IdentityRequest, Said, Thread
from bot.domain.spec import Person
from bot.store import Store, connect
from scripts.valkey import Valkey

ANNA = Person(user="U0ANNA", team="T0TEAM")


def clock() -> datetime:
    return datetime.now(UTC)


def request(name: str) -> IdentityRequest:
    said = tuple(
        Said(person=ANNA, text="payments-api needs to read secrets " * 4, ts=f"{name}.{n}", at=clock())
        for n in range(18)
    )
    return IdentityRequest(
        id=name, requester=ANNA, thread=Thread(channel="C0", ts=f"{name}.0"), opened=clock(), said=said
    )


async def measure(store: Store, title: str, writers: int, records: int, seconds: float) -> None:
    """Prints one line: so many writers, on so many records, for so long."""
    names = [f"{title}-{n}" for n in range(records)]
    for name in names:
        await store.begin(request(name), seen=(name,))
    took: list[float] = []
    ends = time.perf_counter() + seconds

    async def write(writer: int) -> None:
        n = 0
        while (start := time.perf_counter()) < ends:
            n += 1
            await store.change(
                names[writer % records],
                lambda r: r.evolve(attempts=r.attempts + 1).note(clock(), "measured", who="U0ANNA"),
                seen=(f"{title}:{writer}:{n}",),
            )
            took.append(time.perf_counter() - start)

    started = time.perf_counter()
    await asyncio.gather(*(write(writer) for writer in range(writers)))
    rate = len(took) / (time.perf_counter() - started)
    cuts = quantiles(took, n=100)
    print(f"{title:<34} {rate:7.0f} saves/s   p50 {cuts[49] * 1e3:7.2f} ms   p99 {cuts[98] * 1e3:7.2f} ms")


async def run(url: str, seconds: float) -> None:
    client = connect(url)
    store = Store(client, clock, lifecycle.due_at, prefix="{benchmark}")
    size = len(request("size").model_dump_json())
    print(f"records of {size:,} bytes, {seconds:g} s each")
    await measure(store, "one writer", 1, 1, seconds)
    await measure(store, "20 writers, 20 records", 20, 20, seconds)
    await measure(store, "100 writers, 100 records", 100, 100, seconds)
    await measure(store, "20 writers, one record", 20, 1, seconds)
    keys = [key async for key in client.scan_iter("{benchmark}:*")]
    await client.delete(*keys)
    await client.aclose()


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the store's changes of records.")
    parser.add_argument("--url", help="of a Redis to use; keys under {benchmark} are written and deleted")
    parser.add_argument("--seconds", type=float, default=3)
    given = parser.parse_args()
    with TemporaryDirectory(prefix="valkey-") as folder:
        server: AbstractContextManager[Any] = nullcontext() if given.url else Valkey(Path(folder))
        with server as started:
            asyncio.run(run(given.url or started.url, given.seconds))


if __name__ == "__main__":
    main()
