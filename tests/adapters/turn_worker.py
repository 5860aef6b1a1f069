"""A process that runs turns, for tests that kill or freeze it: python turn_worker.py URL LEASE NAME.

Each turn reports "NAME begins", then waits for a word on the list `go`, then reports "NAME ends" and saves.
"""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from bot.store import Store, connect
from bot.turns import Turns, TurnSettings
from tests.adapters.store_bench import due_while_unheard, heard_all


def clock() -> datetime:
    return datetime.now(UTC)


async def main(url: str, lease: float, name: str) -> None:
    client = connect(url)
    told: Any = Redis.from_url(url)
    store = Store(client, clock, due_while_unheard)

    async def turn(request: str) -> None:
        await told.rpush("told", f"{name} begins")
        await told.blpop(["go"], timeout=30)
        await told.rpush("told", f"{name} ends")
        await store.change(request, heard_all)

    settings = TurnSettings(lease=lease, sweep_every=0.05, redelivery_timeout=0.5, reconnection_delay=0.05)
    turns = Turns(url, store, turn, clock, settings)
    await told.rpush("told", f"{name} runs")
    await turns.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3]))
