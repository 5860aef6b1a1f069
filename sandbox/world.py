"""One sandbox: its clock, its chance, its services and what they have in common."""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.shelf import Shelf

SAVE_AFTER = 0.2


class Service(Protocol):
    """What the world asks of each of its services."""

    name: str

    def app(self) -> web.Application:
        """Its HTTP application, without prefix."""

    def snapshot(self) -> dict[str, Any]:
        """Its whole state as JSON values."""

    def restore(self, saved: dict[str, Any]) -> None:
        """It is as it was when the snapshot was taken."""

    def view(self) -> dict[str, Any]:
        """What the page shows of it, as JSON values."""


@dataclass
class World:
    """What the services share. Times of `latency` are milliseconds by service name."""

    data: Path
    clock: Clock = field(default_factory=Clock)
    seed: int = 1
    latency: dict[str, int] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    public: dict[str, str] = field(default_factory=dict)
    """Addresses by name once they are known: plain, tls, slack, arm, github, argocd, identity."""

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.faults = Faults(self.rng)
        self.journal = Journal(self.clock)
        self.shelf = Shelf(self.data)
        self._pending: dict[str, asyncio.TimerHandle] = {}

    def add(self, service: Service) -> None:
        """The service belongs to this world and is as it was last time."""
        self.services[service.name] = service
        if saved := self.shelf.load(service.name):
            service.restore(saved)

    def changed(self, name: str) -> None:
        """Followers know that this service changed; its state will be on disk within a moment."""
        self.journal.tell("changed", name)
        if name not in self._pending:
            loop = asyncio.get_running_loop()
            self._pending[name] = loop.call_later(SAVE_AFTER, self._save, name)

    def save(self) -> None:
        """Every service's state is on disk."""
        for name in self.services:
            self._save(name)

    def _save(self, name: str) -> None:
        if handle := self._pending.pop(name, None):
            handle.cancel()
        self.shelf.save(name, self.services[name].snapshot())

    async def delay(self, service: str, *, half: bool = False) -> None:
        """The latency ordered for this service has passed."""
        if ms := self.latency.get(service, 0):
            await asyncio.sleep(ms / (2000 if half else 1000))
