"""Is it alive, is it ready, what does it log: as a probe, Prometheus and an operator see it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.serve import Sandbox
from scripts.valkey import Valkey
from tests.flows.house import CHANNEL, PAYMENTS_DEV, ROSA
from tests.flows.processes import Command, bot_environment, bot_process, catalog_text, free_port


@pytest.fixture
async def bot(sandbox: Sandbox, valkey: Valkey, tmp_path: Path) -> AsyncIterator[Command]:
    """The bot as a process of its own."""
    given = sandbox.environment()
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(catalog_text(given))
    environment = bot_environment(given, catalog, valkey.url, IDENTITY_BOT_PORT=str(free_port()))
    async with bot_process(environment, tmp_path / "bot.log") as process:
        yield process


async def _page(bot: Command, name: str) -> tuple[int, str]:
    address = bot.ready.rsplit("/", 1)[0]
    async with aiohttp.ClientSession() as session, session.get(f"{address}/{name}") as answer:
        return answer.status, await answer.text()


async def _until(bot: Command, name: str, status: int) -> str:
    """The page, once it answers so."""
    async with asyncio.timeout(30):
        while (found := await _page(bot, name))[0] != status:
            pass
    return found[1]


async def test_it_is_ready_while_redis_and_slack_are_there_and_says_what_is_not(
    bot: Command, valkey: Valkey, sandbox: Sandbox
) -> None:
    assert (await _page(bot, "healthz"))[0] == 200
    assert (await _page(bot, "readyz"))[0] == 200

    valkey.kill()
    try:
        problems = json.loads(await _until(bot, "readyz", 503))["problems"]
        assert "redis" in problems
        assert (await _page(bot, "healthz"))[0] == 200, "a restart would not bring Redis back"
    finally:
        valkey.start()
    await _until(bot, "readyz", 200)

    faults = sandbox.world.faults
    faults.order(service="slack", method="*", path="apps.connections.open", action="drop", times=0)
    await sandbox.slack.disconnect("abort")
    assert json.loads(await _until(bot, "readyz", 503))["problems"] == {"slack": "no connection to Slack"}
    assert (await _page(bot, "healthz"))[0] == 200

    faults.clear()
    await _until(bot, "readyz", 200)


async def test_the_metrics_say_how_many_turns_were_taken(bot: Command, sandbox: Sandbox) -> None:
    await sandbox.slack.say(ROSA, CHANNEL, PAYMENTS_DEV)
    await sandbox.slack.until(lambda: [m for m in sandbox.slack.messages(CHANNEL) if m.bot_id], timeout=30)

    async with asyncio.timeout(30):
        while "identity_bot_turns_total 0.0" in (text := (await _page(bot, "metrics"))[1]):
            pass

    assert "# TYPE identity_bot_turns_total counter" in text


async def test_the_logs_are_json_lines_with_the_requests_id_and_no_token(
    bot: Command, sandbox: Sandbox
) -> None:
    await sandbox.slack.say(ROSA, CHANNEL, PAYMENTS_DEV)
    await sandbox.slack.until(lambda: [m for m in sandbox.slack.messages(CHANNEL) if m.bot_id], timeout=30)
    assert await bot.end() == 0, "SIGTERM ends it well"

    text = bot.log.read_text()
    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]

    assert any(line.get("move") == "Review" and line["request"].startswith("r-") for line in lines)
    given = sandbox.environment()
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "GITHUB_TOKEN", "ARGOCD_TOKEN"):
        assert given[name] not in text, name
