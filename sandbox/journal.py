"""What was asked of the sandbox and what it answered, in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.clock import Clock

KEPT = 20_000
SECRET_KEYS = {"token", "access_token", "client_secret", "client_assertion", "authorization", "password"}


@dataclass(frozen=True)
class Entry:
    """One exchange with one service; times are ISO 8601 in UTC, `ms` how long the answer took."""

    id: int
    at: str
    ended: str
    service: str
    method: str
    path: str
    query: str
    status: int
    ms: int
    request: Any = None
    note: str = ""


@dataclass
class Journal:
    """An append-only list of entries that others can follow as it grows."""

    clock: Clock
    _entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    _followers: set[asyncio.Queue[tuple[str, Any]]] = field(default_factory=set)
    _next: int = 1

    def write(self, **fields: Any) -> Entry:
        """An exchange is in the journal and every follower has been told."""
        fields["request"] = masked(fields.get("request"))
        entry = Entry(id=self._next, **fields)
        self._next += 1
        self._entries.append(entry)
        self.tell("journal", asdict(entry))
        return entry

    def tell(self, kind: str, data: Any) -> None:
        """Every follower has this event in its queue."""
        for queue in self._followers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait((kind, data))

    def read(self, service: str | None = None, since: int = 0) -> list[Entry]:
        """The entries after `since`, of one service or of all."""
        return [e for e in self._entries if e.id > since and service in (None, e.service)]

    def clear(self) -> None:
        """The journal is empty; numbering goes on."""
        self._entries.clear()

    async def follow(self) -> AsyncIterator[tuple[str, Any]]:
        """Events as they happen: ("journal", entry) and ("changed", service)."""
        queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue(maxsize=1000)
        self._followers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._followers.discard(queue)

    async def until(self, wanted: Callable[[Entry], bool], timeout: float = 10.0) -> Entry:
        """The first entry, past or to come, that is wanted; TimeoutError when none comes."""
        async with asyncio.timeout(timeout):
            follower = self.follow()
            pending = asyncio.ensure_future(anext(follower))
            await asyncio.sleep(0)
            try:
                while True:
                    for entry in self._entries:
                        if wanted(entry):
                            return entry
                    await pending
                    pending = asyncio.ensure_future(anext(follower))
            finally:
                pending.cancel()


def masked(value: Any) -> Any:
    """The same JSON value with what must stay secret replaced by dots."""
    if isinstance(value, dict):
        return {k: "•••" if str(k).lower() in SECRET_KEYS else masked(v) for k, v in value.items()}
    if isinstance(value, list):
        return [masked(v) for v in value]
    return value
