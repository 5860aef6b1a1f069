"""GitHub's limit on writes, kept by us: a window of a minute over all proposals of this process."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

Clock = Callable[[], datetime]

# A few seconds more than GitHub's minute: writes arrive later than they are promised here.
WINDOW = timedelta(seconds=64)
FORGOTTEN = timedelta(minutes=5)


class Writes:
    """At most so many writes in any minute; who comes too early is promised a time of its own."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most = most
        self._clock = clock
        self._times: list[datetime] = []
        self._promised: dict[str, datetime] = {}
        self._lock = Lock()

    def ask(self, key: str, count: int) -> float:
        """Zero when these writes may go out now, else the seconds after which to ask with the same key."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            when = self._promised.get(key)
            if when is None:
                when = self._promised[key] = self._next(now, min(count, self._most))
            if when <= now:
                del self._promised[key]
                return 0.0
            return (when - now).total_seconds()

    def _next(self, now: datetime, count: int) -> datetime:
        """The first moment at which so many fit; it is taken from then on."""
        oldest_that_must_be_over = len(self._times) - (self._most - count) - 1
        when = now
        if oldest_that_must_be_over >= 0:
            when = max(now, self._times[oldest_that_must_be_over] + WINDOW)
        if self._times:
            when = max(when, self._times[-1])
        self._times += [when] * count
        return when

    def _forget(self, now: datetime) -> None:
        del self._times[: bisect_right(self._times, now - WINDOW)]
        for key in [key for key, when in self._promised.items() if when < now - FORGOTTEN]:
            del self._promised[key]
