"""A Slack of the sandbox on loopback, and the unmodified clients pointed at it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from sandbox.world import World

SAMPLE = yaml.safe_load((Path(__file__).parents[2] / "sandbox" / "sample" / "world.yaml").read_text())[
    "slack"
]
CHANNEL, RANDOM = "C0IDENTITIES", "C0RANDOM"
ROSA, ANN, BEN, SAM, GIL, BOT = "U0ROSA", "U0ANN", "U0BEN", "U0SAM", "U0GIL", "U0IDENTITY"
GROUP = "S0PLATFORM"

Answer = Callable[[SocketModeRequest], dict[str, Any] | None]


@dataclass
class App:
    """A Socket Mode client that keeps what it hears; `answer` gives the acknowledgement, None is none."""

    client: SocketModeClient
    answer: Answer
    heard: list[SocketModeRequest] = field(default_factory=list)

    async def hear(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request)
        payload = self.answer(request)
        if payload is not None:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload or None))

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """The events of this type it has heard, in order, without their envelopes."""
        events = [r.payload["event"] for r in self.heard if r.type == "events_api"]
        return [event for event in events if kind in ("", event.get("subtype"), event["type"])]


@dataclass
class Town:
    """A running Slack, and clients for it."""

    slack: Slack
    world: World
    origin: str
    client: AsyncWebClient
    closing: list[Any] = field(default_factory=list)

    async def app(self, answer: Answer = lambda request: {}) -> App:
        """One more connection of the app, which acknowledges everything unless told otherwise."""
        before = self.slack.connections
        socket = SocketModeClient(self.slack.app_token, web_client=self.client, ping_interval=0.2)
        app = App(socket, answer)
        socket.socket_mode_request_listeners.append(app.hear)
        await socket.connect()
        self.closing.append(socket.close)
        await self.slack.until(lambda: self.slack.connections == before + 1)
        return app

    async def bolt(self, app: AsyncApp) -> AsyncSocketModeHandler:
        """A Bolt application is connected."""
        handler = AsyncSocketModeHandler(app, self.slack.app_token, ping_interval=0.2)
        await handler.connect_async()
        self.closing.append(handler.close_async)
        await self.slack.until(lambda: self.slack.connections)
        return handler

    async def post(self, text: str = "hello", channel: str = CHANNEL, **more: Any) -> str:
        """A message of the bot; the result is its ts."""
        return str((await self.client.chat_postMessage(channel=channel, text=text, **more))["ts"])

    async def refusal(self, call: Any) -> str:
        """The code of the error a Web API call ends with."""
        try:
            await call
        except SlackApiError as error:
            return str(error.response["error"])
        raise AssertionError("Slack did not refuse")


async def eventually(wanted: Callable[[], Any]) -> None:
    """Return as soon as this holds; TimeoutError when it does not within 5 s."""
    async with asyncio.timeout(5):
        while not wanted():  # noqa: ASYNC110 - an SDK's inside tells nobody that it changed
            await asyncio.sleep(0)


@asynccontextmanager
async def slack_town(folder: Path, **changes: Any) -> AsyncIterator[Town]:
    """The sample's Slack, with these sections of the sample replaced, served on a free port."""
    world = World(folder)
    slack = Slack(world, {**deepcopy(SAMPLE), **changes})
    world.add(slack)
    site = web.Application()
    site.add_subapp("/slack", slack.app())
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
    town = Town(slack, world, origin, AsyncWebClient(slack.bot_token, base_url=f"{origin}/api/"))
    try:
        yield town
    finally:
        for close in town.closing:
            await close()
        await runner.cleanup()
