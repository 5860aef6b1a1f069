"""The stage of the benchmarks: Valkey, sandbox and bot as three processes, and people who play on it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from scripts.valkey import Valkey
from tests.flows.processes import (
    Command,
    Process,
    bot_environment,
    bot_process,
    catalog_text,
    fetched,
    sandbox_process,
)

T = TypeVar("T")
CHANNEL = "C0IDENTITIES"
REQUESTER, APPROVER = "U0ROSA", "U0ANN"
PATIENCE = 120.0
POLL = 0.2


@dataclass
class Stage:
    """Everything that runs, and what people do and see there."""

    sandbox: Process
    bot: Command
    environment: dict[str, str]
    address: str

    async def ask(self, text: str) -> str:
        """The requester has asked; the thread's ts."""
        said = await self._person(REQUESTER, "say", channel=CHANNEL, text=text)
        thread: str = said["ts"]
        return thread

    async def approve(self, ts: str) -> None:
        """The approver has put ✅ on the card."""
        await self._person(APPROVER, "react", channel=CHANNEL, ts=ts, name="white_check_mark")

    async def card(self, thread: str) -> str:
        """The ts of the thread's card, once both reactions are seeded."""
        return await self.until(lambda view: next(iter(cards(view, [thread])), None), "the card")

    async def until(self, look: Callable[[Any], T | None], what: str) -> T:
        """What `look` finds in the sandbox's view."""
        try:
            async with asyncio.timeout(PATIENCE):
                found = look(await self.view())
                while not found:
                    await asyncio.sleep(POLL)
                    found = look(await self.view())
                return found
        except TimeoutError:
            raise SystemExit(f"{what} did not come; the bot said:\n{self.bot.last_words()}") from None

    async def view(self) -> Any:
        """The whole world as the sandbox's page shows it."""
        return await fetched(f"{self.address}/control/view")

    async def journal(self, since: int = 0) -> list[dict[str, Any]]:
        """Every request that the sandbox got after the one of this number."""
        entries: list[dict[str, Any]] = await fetched(f"{self.address}/control/journal?since={since}")
        return entries

    async def journal_with(
        self, wanted: Callable[[dict[str, Any]], bool], since: int
    ) -> list[dict[str, Any]]:
        """The journal after the entry of this number, once a wanted one is in it."""
        async with asyncio.timeout(PATIENCE):
            # Only what is new is asked for: the sandbox works for the bot meanwhile.
            found = await self.journal(since)
            while not any(map(wanted, found)):
                await asyncio.sleep(POLL)
                found += await self.journal(found[-1]["id"] if found else since)
        return found

    async def latency(self, **milliseconds: int) -> None:
        """From now on each service answers this much later."""
        await fetched(f"{self.address}/control/latency", "POST", **milliseconds)

    async def _person(self, user: str, verb: str, **body: Any) -> Any:
        return await fetched(f"{self.address}/slack/people/{user}/{verb}", "POST", **body)


@asynccontextmanager
async def set_up(folder: Path, *options: str) -> AsyncIterator[Stage]:
    """Valkey and a sandbox of these options run while the block does; the bot is not started yet."""
    with Valkey(folder / "v") as valkey:
        async with sandbox_process(folder / "sandbox", *options) as sandbox:
            given = await fetched(sandbox.ready)
            catalog = folder / "catalog.yaml"
            catalog.write_text(catalog_text(given))
            environment = bot_environment(given, catalog, valkey.url)
            bot = bot_process(environment, folder / "bot.log")
            try:
                yield Stage(sandbox, bot, environment, given["SANDBOX_URL"])
            finally:
                if bot.lives:
                    await bot.end()


def folder() -> TemporaryDirectory[str]:
    """A folder with a short name: a socket's path has a limit."""
    return TemporaryDirectory(prefix="bench-")


def cards(view: Any, threads: list[str]) -> list[str]:
    """The ts of each card in these threads that has both reactions on it."""
    channel = next(c for c in view["slack"]["channels"] if c["id"] == CHANNEL)
    found = []
    for message in channel["messages"]:
        seeded = {r["name"] for r in message["reactions"]} >= {"white_check_mark", "no_entry"}
        if message["thread_ts"] in threads and message["bot_id"] and seeded:
            found.append(str(message["ts"]))
    return found
