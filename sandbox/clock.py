"""The sandbox's time: it runs by itself and can be moved forward."""

import asyncio
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus what it was moved forward by."""

    def __init__(self, start: datetime | None = None) -> None:
        self._ahead = (start - datetime.now(UTC)) if start else timedelta()
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC) + self._ahead

    def __call__(self) -> datetime:
        """The present moment: a clock can stand where a plain function is wanted."""
        return self.now()

    def advance(self, seconds: float) -> None:
        """Time has moved forward and whoever slept past it wakes."""
        self._ahead += timedelta(seconds=seconds)
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Return once that much of this clock's time has passed."""
        until = self.now() + timedelta(seconds=seconds)
        while (left := (until - self.now()).total_seconds()) > 0:
            moved = self._moved
            try:
                await asyncio.wait_for(moved.wait(), left)
            except TimeoutError:
                return
