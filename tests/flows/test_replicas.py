"""Two replicas on one Redis: everything once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from sandbox.serve import Options, Sandbox
from tests.flows import workloads
from tests.flows.house import House
from tests.flows.test_faults import stormed

COUNT = 8
LONG = 60.0


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A sandbox whose repository has many workloads."""
    repository = workloads.repository(tmp_path / "checkout", COUNT)
    async with Sandbox(Options(data=tmp_path / "sandbox", repository=repository)) as served:
        yield served


async def test_many_requests_approved_at_once_end_single_on_two_replicas(sandbox: Sandbox, start) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(start())
        second = await stack.enter_async_context(start())
        house = House(sandbox, first)
        threads = [await house.ask(workloads.ask(name)) for name in workloads.names(COUNT)]
        cards = [await house.card(thread) for thread in threads]

        await asyncio.gather(*(house.react(card["ts"]) for card in cards))
        await house.until(lambda: len(house.pulls()) == COUNT, "all pull requests", LONG)
        for thread in threads:
            await house.reply(thread, "/pull/")
            await house.settled(thread)

        view = {name: service.view() for name, service in sandbox.world.services.items()}
        assert workloads.complaints(view, COUNT) == []
        assert [len(house.cards(thread)) for thread in threads] == [1] * COUNT
        assert stormed(house, "github") == []
        assert first.turns.numbers.done and second.turns.numbers.done, "both took turns"
