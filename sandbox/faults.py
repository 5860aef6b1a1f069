"""Faults on order: what should go wrong, with which request, and how often."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, Literal

Action = Literal["answer", "hold", "cut", "drop", "delay", "duplicate"]


@dataclass
class Fault:
    """One order.

    `answer`: the request is not applied, `status`, `headers` and `body` come back.
    `hold`: applied, and the answer is kept back until it is released.
    `cut`: applied, and the connection is closed without an answer.
    `drop`: not applied, connection closed (an envelope: not delivered on its first try).
    `delay`: `seconds` later (an envelope delayed is overtaken by later ones).
    `duplicate`: an envelope is delivered twice (requests ignore it).
    It acts from the `nth` match on, `times` times (0: for ever), each with `chance`.
    """

    id: int
    service: str
    method: str
    path: str
    action: Action
    nth: int = 1
    times: int = 1
    chance: float = 1.0
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    seconds: float = 0.0
    seen: int = 0
    acted: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    def matches(self, service: str, method: str, path: str) -> bool:
        """Whether this order is about such a request; method `*` is any, path a regular expression."""
        return (
            self.service == service
            and self.method in ("*", method)
            and re.search(self.path, path, re.IGNORECASE) is not None
        )


class Faults:
    """The orders in force."""

    def __init__(self, rng: Any) -> None:
        self._rng = rng
        self._orders: dict[int, Fault] = {}
        self._next = 1

    def order(self, **fields: Any) -> Fault:
        """A new order stands."""
        fault = Fault(id=self._next, **fields)
        self._orders[fault.id] = fault
        self._next += 1
        return fault

    def due(self, service: str, method: str, path: str) -> Fault | None:
        """The order that acts on this request, if any; asking counts as one match."""
        for fault in self._orders.values():
            if not fault.matches(service, method, path):
                continue
            fault.seen += 1
            spent = fault.times and fault.acted >= fault.times
            if fault.seen < fault.nth or spent or self._rng.random() >= fault.chance:
                continue
            fault.acted += 1
            fault.reached.set()
            return fault
        return None

    def all(self) -> list[Fault]:
        """Every order, oldest first."""
        return list(self._orders.values())

    def release(self, fault_id: int | None = None) -> None:
        """Answers held back by this order, or by all, go out."""
        for fault in self._orders.values():
            if fault_id in (None, fault.id):
                fault.released.set()

    def clear(self) -> None:
        """No order stands; what was held is released."""
        self.release()
        self._orders.clear()
