"""The bot is a process that dies, at every effect; the end is always the same, and single.

`IDENTITY_BOT_TESTS_ALL=1` plays every point; without it those that differ most from each other.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import pytest

from bot.app import Bot
from sandbox.judge import Grant, Workload, judge
from sandbox.serve import Options, Sandbox
from scripts.valkey import Valkey
from tests.flows.house import CHANNEL, House, text_of
from tests.flows.processes import QUICK, Process, bot_environment, bot_fork, bot_process, catalog_text

ASK = (
    "@identity payments-api in namespace payments on dev-weu needs to read secrets from kv-payments-dev "
    "and to send to queue orders in sb-shop-dev because it charges cards"
)
WORKLOAD = Workload(
    cluster="dev-weu",
    namespace="payments",
    service_account="payments-api",
    path="apps/payments-api/overlays/dev",
    grants=(
        Grant("Key Vault Secrets User", "kv-payments-dev"),
        Grant("Azure Service Bus Data Sender", "sb-shop-dev/queues/orders"),
    ),
)
SLOW = 60.0
"""Seconds for what needs a start of the bot, which two cores share with other tests."""


@dataclass(frozen=True)
class Point:
    """One request of the bot at which it dies: `done` says that the service had taken it."""

    service: str
    method: str
    path: str
    nth: int = 1
    done: bool = True
    always: bool = False
    """Whether it is played without IDENTITY_BOT_TESTS_ALL, too."""

    def __str__(self) -> str:
        which = f" number {self.nth}" if self.nth > 1 else ""
        return f"{'after' if self.done else 'before'} {self.service} {self.method} {self.path}{which}"


def points() -> list[Point]:
    """Every write of one request's life, once answered to nobody and once not even taken."""
    found = [
        Point("slack", "POST", "chat.postMessage", always=True),
        Point("slack", "POST", "reactions.add", 2),
    ]
    found += [Point("slack", "POST", "chat.update", nth) for nth in (1, 2, 3)]
    found += [Point("slack", "POST", "chat.postMessage", 2, always=True)]
    found += [Point("arm", "PUT", "userAssignedIdentities/[^/]+$", always=True)]
    found += [Point("arm", "PUT", "federatedIdentityCredentials/", always=True)]
    found += [Point("arm", "PUT", "roleAssignments/", nth, always=nth == 2) for nth in (1, 2)]
    found += [Point("github", "POST", f"git/{kind}$") for kind in ("trees", "commits")]
    found += [
        Point("github", "POST", "git/refs$", always=True),
        Point("github", "POST", "/pulls$", always=True),
    ]
    found += [Point("github", "POST", "/labels$")]
    before = [Point(p.service, p.method, p.path, p.nth, done=False) for p in found]
    before = [
        p if p.path != "/pulls$" else Point("github", "POST", "/pulls$", done=False, always=True)
        for p in before
    ]
    return [p for p in (*found, *before) if p.always or os.environ.get("IDENTITY_BOT_TESTS_ALL")]


@pytest.fixture
async def bot(sandbox: Sandbox, valkey: Valkey, tmp_path: Path) -> AsyncIterator[Process]:
    """The bot in a process of its own, not started yet."""
    process = bot_on(sandbox, valkey, tmp_path)
    yield process
    if process.lives:
        await process.kill()


def bot_on(sandbox: Sandbox, valkey: Valkey, folder: Path, *, whole: bool = False) -> Process:
    """The bot for this sandbox and this Redis; `whole` is started by its command."""
    given = sandbox.environment()
    catalog = folder / "catalog.yaml"
    catalog.write_text(catalog_text(given))
    environment = bot_environment(given, catalog, valkey.url, **QUICK)
    return (
        bot_process(environment, folder / "bot.log") if whole else bot_fork(environment, folder / "bot.log")
    )


def house_of(sandbox: Sandbox) -> House:
    """What people see and do; the bot's inside is another process's."""
    return House(sandbox, cast(Bot, None))


@pytest.mark.parametrize("point", points(), ids=str)
async def test_however_the_bot_dies_the_end_is_single(sandbox: Sandbox, bot: Process, point: Point) -> None:
    house = house_of(sandbox)
    await bot.start()
    action: Literal["hold", "drop"] = "hold" if point.done else "drop"
    fault = sandbox.world.faults.order(
        service=point.service, method=point.method, path=point.path, nth=point.nth, action=action
    )

    thread = await house.ask(ASK)
    approving = asyncio.create_task(approve(house, thread))
    await house.until(lambda: happened(house, fault.action), f"the fault {point}", SLOW)
    await bot.kill()
    sandbox.world.faults.clear()
    await bot.start()
    await approving

    await is_single(house, thread)


async def approve(house: House, thread: str) -> None:
    """The approver says yes to the card, however late it comes."""
    card = await house.until(lambda: next(iter(house.cards(thread)), None), "a card", SLOW)
    await house.react(card["ts"])


def happened(house: House, action: str) -> bool:
    """Whether the request that the fault was for is over, for the service at least."""
    return any(e.note == f"fault {action}" for e in house.sandbox.world.journal.read())


async def is_single(house: House, thread: str) -> None:
    """One identity, its credential and grants, one right pull request, one card, nothing said twice."""
    pull = await house.until(lambda: next(iter(house.pulls()), None), "a pull request", SLOW)
    await house.until(lambda: says(house, thread, f"/pull/{pull['number']}"), "the last word", SLOW)
    (identity,) = house.identities()
    assert len(identity["credentials"]) == 1
    assert len(identity["assignments"]) == len(WORKLOAD.grants or ())
    assert len(house.pulls()) == 1
    complaints = await judge(house.sandbox.github, house.sandbox.arm.view(), WORKLOAD, pull["number"])
    assert complaints == []
    said = Counter(text_of(m) for m in house.replies(thread))
    assert [text for text, times in said.items() if times > 1] == []
    assert len(house.cards(thread)) == 1


def says(house: House, thread: str, words: str) -> bool:
    """Whether the card and a message beside it both hold these words."""
    return sum(words in text_of(m) for m in house.replies(thread)) == 2


async def test_a_pull_request_merged_while_the_bot_was_dead_is_told_as_merged(
    sandbox: Sandbox, bot: Process
) -> None:
    house = house_of(sandbox)
    await bot.start()
    sandbox.world.faults.order(service="github", method="POST", path="/pulls$", action="hold")
    thread = await house.ask(ASK)
    await approve(house, thread)
    await house.until(lambda: happened(house, "hold"), "the pull request, held", SLOW)
    await bot.kill()

    await sandbox.github.people.merge("ann", (await house.pull())["number"])
    sandbox.world.faults.clear()
    await bot.start()

    await house.reply(thread, "merged")
    assert [m for m in house.replies(thread) if "please review" in text_of(m).casefold()] == []
    assert len(house.pulls()) == 1


async def test_sigterm_lets_the_step_end_and_what_is_left_waits_for_the_next_bot(
    sandbox: Sandbox, bot: Process
) -> None:
    house = house_of(sandbox)
    await bot.start()
    fault = sandbox.world.faults.order(
        service="arm", method="PUT", path="userAssignedIdentities/[^/]+$", action="hold"
    )
    thread = await house.ask(ASK)
    await approve(house, thread)
    await house.until(lambda: happened(house, "hold"), "the identity, held", SLOW)

    ending = asyncio.create_task(bot.end())
    await house.until(lambda: sandbox.slack.connections == 0, "the bot's leaving Slack", SLOW)
    sandbox.world.faults.release(fault.id)

    assert await ending == 0
    assert len(sandbox.world.journal.read("arm")) and len(house.identities()) == 1
    before = len(house.writes("arm"))
    await bot.start()
    await is_single(house, thread)
    again = [
        w for w in house.writes("arm")[before:] if w.rpartition("/")[0].endswith("userAssignedIdentities")
    ]
    assert again == [], "the step that had ended is not taken again"


async def test_a_redis_that_dies_in_mid_request_is_waited_for(
    sandbox: Sandbox, tmp_path: Path, short: Path
) -> None:
    house = house_of(sandbox)
    valkey = Valkey(short).start()
    try:
        async with bot_on(sandbox, valkey, tmp_path) as bot:
            fault = sandbox.world.faults.order(
                service="arm", method="PUT", path="userAssignedIdentities/[^/]+$", action="hold"
            )
            thread = await house.ask(ASK)
            await approve(house, thread)
            await house.until(lambda: happened(house, "hold"), "the identity, held", SLOW)

            valkey.kill()
            sandbox.world.faults.release(fault.id)
            valkey.start()

            await is_single(house, thread)
            assert bot.lives
            await bot.until_ready()
    finally:
        valkey.stop()


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short enough name for a socket."""
    folder = tmp_path_factory.mktemp("v")
    assert len(str(folder)) < 90
    return folder


async def test_after_a_stop_of_everything_the_world_and_the_conversation_are_still_there(
    tmp_path: Path, short: Path
) -> None:
    async with Sandbox(Options(data=tmp_path / "sandbox")) as sandbox:
        ports = {name: int(sandbox.world.public[name].rpartition(":")[2]) for name in ("plain", "tls")}
        with Valkey(short) as valkey:
            async with bot_on(sandbox, valkey, tmp_path, whole=True) as bot:
                house = house_of(sandbox)
                thread = await house.ask(ASK)
                await house.card(thread)
                assert await bot.end() == 0

    again = Options(data=tmp_path / "sandbox", port=ports["plain"], tls_port=ports["tls"])
    async with Sandbox(again) as sandbox:
        with Valkey(short) as valkey:
            async with bot_on(sandbox, valkey, tmp_path):
                house = house_of(sandbox)
                assert any(m["ts"] == thread for m in house.messages()), f"{CHANNEL} kept what was said"
                await approve(house, thread)
                await is_single(house, thread)
