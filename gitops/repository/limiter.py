"""GitHub's limit on writes, kept by us: a window of a minute over all proposals of this process."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

Clock = Callable[[], datetime]

# A few seconds more than GitHub's minute: writes arrive later than they are let go here.
WINDOW = timedelta(seconds=64)
GRACE = timedelta(seconds=30)
"""How long a place in the queue is kept for somebody who does not come back when told."""
SOON = timedelta(seconds=2)


@dataclass
class _Place:
    """Somebody's place in the queue: how many writes they want, and when they were told to come back."""

    count: int
    told: datetime


class Writes:
    """At most so many writes in any minute; who comes too early keeps their place in the queue."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most = most
        self._clock = clock
        self._sent: list[datetime] = []
        self._queue: dict[str, _Place] = {}
        self._lock = Lock()

    def ask(self, key: str, count: int) -> float:
        """Zero when these writes may go out now, else the seconds after which to ask with the same key."""
        with self._lock:
            now = self._clock()
            wanted = min(count, self._most)
            self._forget(now)
            over = self._ahead_of(key) + wanted + len(self._sent) - self._most
            if over <= 0:
                self._queue.pop(key, None)
                self._sent += [now] * wanted
                return 0.0
            when = max(self._free(over), now + SOON)
            self._queue.setdefault(key, _Place(wanted, when)).told = when
            return (when - now).total_seconds()

    def _ahead_of(self, key: str) -> int:
        """The writes of those who stand before this one in the queue."""
        ahead = 0
        for other, place in self._queue.items():
            if other == key:
                break
            ahead += place.count
        return ahead

    def _free(self, over: int) -> datetime:
        """When so many of the writes that were sent are a window ago, and those ahead could go out."""
        if not self._sent:
            return self._clock()
        rounds, rest = divmod(over - 1, len(self._sent))
        return self._sent[rest] + WINDOW * (rounds + 1)

    def _forget(self, now: datetime) -> None:
        del self._sent[: bisect_right(self._sent, now - WINDOW)]
        for key in [key for key, place in self._queue.items() if place.told < now - GRACE]:
            del self._queue[key]
