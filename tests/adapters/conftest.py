"""What the tests of store and turns share: a clock that they move, and a store on it."""

from collections.abc import AsyncIterator

import pytest

from bot.store import Store
from scripts.valkey import Valkey
from tests.adapters.store_bench import Clock, opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(valkey: Valkey, clock: Clock) -> AsyncIterator[Store]:
    async with opened(valkey.url, clock) as store:
        yield store
