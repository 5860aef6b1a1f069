"""The sandbox's Slack alone on loopback, and our client of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import yaml
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from bot.messenger import connect
from sandbox.serve import sample
from sandbox.slack import Slack
from sandbox.world import World

CHANNEL = "C0IDENTITIES"
MANIFEST = Path(__file__).parents[2] / "deploy" / "slack-manifest.yaml"
BOT, ROSA, ANN, BEN, SAM, GIL = "U0IDENTITY", "U0ROSA", "U0ANN", "U0BEN", "U0SAM", "U0GIL"


@dataclass(frozen=True)
class Bench:
    """A Slack, its world, and a client that is connected to it as the bot is."""

    world: World
    slack: Slack
    client: AsyncWebClient


@asynccontextmanager
async def slack_bench(data: Path) -> AsyncIterator[Bench]:
    """Slack as the sample world has it, with the app as its manifest says, for as long as the block runs."""
    world = World(data=data)
    slack = Slack(world, {**sample()["slack"], "manifest": yaml.safe_load(MANIFEST.read_text())})
    world.add(slack)
    async with TestServer(slack.app()) as server, aiohttp.ClientSession() as session:
        yield Bench(world, slack, connect(slack.bot_token, session, str(server.make_url("/api/"))))
        world.faults.clear()
