"""The whole house in one process: the sandbox, the bot and the people, on one clock."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.app import Bot
from sandbox.serve import Sandbox

T = TypeVar("T")
CHANNEL = "C0IDENTITIES"
ROSA, ANN, BEN, SAM, GIL = "U0ROSA", "U0ANN", "U0BEN", "U0SAM", "U0GIL"
YES, NO = "white_check_mark", "no_entry"
PATIENCE = 60.0

PAYMENTS_DEV = (
    "@identity payments-api in namespace payments on dev-weu needs to read secrets from kv-payments-dev "
    "because it charges cards"
)


@dataclass
class House:
    """What people see and do; every wait is for something to be seen, never for a time."""

    sandbox: Sandbox
    bot: Bot
    threads: list[str] = field(default_factory=list)

    # What people do.

    async def ask(self, text: str = PAYMENTS_DEV, who: str = ROSA) -> str:
        """A person asks in the channel; the thread's ts."""
        ts: str = await self.sandbox.slack.say(who, CHANNEL, text)
        return ts

    async def say(self, thread: str, text: str, who: str = ROSA) -> str:
        """A person replies in a thread."""
        ts: str = await self.sandbox.slack.say(who, CHANNEL, text, thread_ts=thread)
        return ts

    async def react(self, ts: str, name: str = YES, who: str = ANN) -> None:
        """A person puts a reaction on a message."""
        await self.sandbox.slack.react(who, CHANNEL, ts, name)

    async def unreact(self, ts: str, name: str = YES, who: str = ANN) -> None:
        """A person takes a reaction away."""
        await self.sandbox.slack.unreact(who, CHANNEL, ts, name)

    async def approve(self, thread: str, who: str = ANN) -> dict[str, Any]:
        """A person approves the card of a thread, once it is there; the card."""
        card = await self.card(thread)
        await self.react(card["ts"], YES, who)
        return card

    # What people see.

    def messages(self) -> list[dict[str, Any]]:
        """Everything in the channel, oldest first."""
        channels = self.sandbox.slack.view()["channels"]
        found: list[dict[str, Any]] = next(c["messages"] for c in channels if c["id"] == CHANNEL)
        return found

    def replies(self, thread: str, to: str | None = None) -> list[dict[str, Any]]:
        """The bot's messages in a thread that everybody sees, and those only for one person."""
        return [
            m
            for m in self.messages()
            if m["thread_ts"] == thread and m["bot_id"] and not m["deleted"] and m["only_for"] in (None, to)
        ]

    def cards(self, thread: str) -> list[dict[str, Any]]:
        """The cards of a thread: the messages that the bot put both reactions on."""
        return [m for m in self.replies(thread) if {r["name"] for r in m["reactions"]} >= {YES, NO}]

    async def card(self, thread: str, number: int = 0) -> dict[str, Any]:
        """The card of this number in the thread, once it is there."""
        return await self.until(lambda: next(iter(self.cards(thread)[number:]), None), "a card")

    async def reply(self, thread: str, *words: str, to: str | None = None) -> dict[str, Any]:
        """The first message of the bot with all of these words, once it is there."""
        return await self.until(
            lambda: next((m for m in self.replies(thread, to) if has(m, *words)), None),
            f"a reply with {words}",
        )

    async def pull(self, number: int = 0) -> dict[str, Any]:
        """The pull request of this number, oldest first, once it is open."""
        return await self.until(lambda: next(iter(self.pulls()[number:]), None), "a pull request")

    def pulls(self) -> list[dict[str, Any]]:
        """Every pull request, oldest first."""
        found: list[dict[str, Any]] = self.sandbox.github.view()["pulls"]
        return sorted(found, key=lambda p: p["number"])

    def identities(self) -> list[dict[str, Any]]:
        """Every identity in Azure but the bot's own."""
        found: list[dict[str, Any]] = self.sandbox.arm.view()["identities"]
        return [i for i in found if i["name"] != "id-identity-bot"]

    def writes(self, service: str) -> list[str]:
        """What was written to a service, as `METHOD path`; a query of Resource Graph writes nothing."""
        entries = self.sandbox.world.journal.read(service)
        written = (e for e in entries if e.method in ("PUT", "POST", "PATCH", "DELETE"))
        return [f"{e.method} {e.path}" for e in written if "ResourceGraph" not in e.path]

    async def until(self, look: Callable[[], T | None], what: str, within: float = PATIENCE) -> T:
        """What `look` finds, looked for anew whenever something changes."""
        follower = self.sandbox.world.journal.follow()
        change = asyncio.ensure_future(anext(follower))
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(within):
                while not (found := look()):
                    await change
                    change = asyncio.ensure_future(anext(follower))
                return found
        except TimeoutError:
            raise AssertionError(f"waited {within} s for {what}; the channel:\n{self.transcript()}") from None
        finally:
            change.cancel()

    async def settled(self, thread: str) -> None:
        """Every envelope was taken and the request of the thread rests, its messages out."""
        await self.sandbox.slack.settled()
        async with asyncio.timeout(PATIENCE):
            # Each look is a round trip to Redis, and so its own pause.
            while not _rests(await self.record(thread)):
                pass

    async def settled_at(self, thread: str, holds: Callable[[Any], bool]) -> None:
        """The request of the thread is as said, whatever has gone out of it."""
        async with asyncio.timeout(PATIENCE):
            # Each look is a round trip to Redis, and so its own pause.
            while not holds(await self.record(thread)):
                pass

    async def record(self, thread: str) -> Any:
        """What Redis holds of the thread's request."""
        request = await self.bot.store.by_thread(CHANNEL, thread)
        return await self.bot.store.load(request) if request else None

    async def history(self, thread: str) -> list[str]:
        """What happened to the thread's request, in words."""
        request = await self.bot.store.by_thread(CHANNEL, thread)
        return [entry.what for entry in await self.bot.store.history(request or "")]

    def transcript(self) -> str:
        """The channel as text, for a failure's message."""
        return "\n".join(
            f"{m['author']}{' (private)' if m['only_for'] else ''}: {text_of(m)}" for m in self.messages()
        )


def _rests(record: Any) -> bool:
    return (
        record is not None
        and record.heard == len(record.said)
        and record.weighed == len(record.reactions)
        and not record.outbox
    )


def has(message: dict[str, Any], *words: str) -> bool:
    """Whether all of these words stand in the message, case apart."""
    text = text_of(message).casefold()
    return all(word.casefold() in text for word in words)


def text_of(message: dict[str, Any]) -> str:
    """All text of a message, as it is read on the screen; its fallback where it has no blocks."""
    return "\n".join(t for block in message["blocks"] for t in _texts(block)) or str(message["text"])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _texts(part)
    if not isinstance(value, dict):
        return
    if value.get("type") == "user":
        yield f"<@{value['user_id']}>"
    elif isinstance(value.get("text"), str):
        yield f"{value['text']} {value['url']}" if value.get("type") == "link" else value["text"]
    else:
        for part in value.values():
            yield from _texts(part)


def marked_up(value: Any) -> Iterator[str]:
    """Every text in blocks that Slack reads as markup: the rest is shown as it stands."""
    if isinstance(value, list):
        for part in value:
            yield from marked_up(part)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for part in value.values():
            yield from marked_up(part)
