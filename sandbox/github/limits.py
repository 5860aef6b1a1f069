"""GitHub's two rate limits for each token: requests an hour, and writes a minute."""

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.github.options import Options
from sandbox.github.refusal import Refused

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ABOUT = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"


@dataclass
class Spent:
    """What one token has used of this hour, and when it wrote in the last minute."""

    resets: datetime
    used: int = 0
    writes: deque[datetime] = field(default_factory=deque)


class Limits:
    """Counts, by token."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._spent: dict[str, Spent] = {}

    def count(self, key: str, *, write: bool, login: str) -> None:
        """One more request. 403 with when to come back, once a limit is reached."""
        spent, now = self._of(key), self._clock.now()
        if spent.used >= self._options.requests_per_hour:
            raise Refused(403, f"API rate limit exceeded for {login}.", headers=self.headers(key))
        spent.used += 1
        if not write or not self._options.writes_per_minute:
            return
        while spent.writes and spent.writes[0] <= now - MINUTE:
            spent.writes.popleft()
        if len(spent.writes) >= self._options.writes_per_minute:
            wait = math.ceil((spent.writes[0] + MINUTE - now).total_seconds())
            told = (
                "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
                "For more on scraping GitHub and how it may affect your rights, please review our "
                "Terms of Service (https://docs.github.com/en/site-policy/github-terms/github-terms-of-service)"
            )
            raise Refused(403, told, headers={"Retry-After": str(max(wait, 1))}, about=ABOUT)
        spent.writes.append(now)

    def unchanged(self, key: str) -> None:
        """The last request was answered 304: it does not count."""
        self._of(key).used -= 1

    def headers(self, key: str) -> dict[str, str]:
        """What every answer says about the hourly limit."""
        spent, limit = self._of(key), self._options.requests_per_hour
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(limit - spent.used, 0)),
            "X-RateLimit-Used": str(spent.used),
            "X-RateLimit-Reset": str(int(spent.resets.timestamp())),
            "X-RateLimit-Resource": "core",
        }

    def overview(self, key: str) -> dict[str, object]:
        """The answer of `GET /rate_limit`."""
        spent, limit = self._of(key), self._options.requests_per_hour
        core = {
            "limit": limit,
            "used": spent.used,
            "remaining": max(limit - spent.used, 0),
            "reset": int(spent.resets.timestamp()),
        }
        free = {"limit": 5000, "used": 0, "remaining": 5000, "reset": core["reset"]}
        return {"resources": {"core": core, "search": free, "graphql": free}, "rate": core}

    def _of(self, key: str) -> Spent:
        now = self._clock.now()
        spent = self._spent.get(key)
        if spent is None or spent.resets <= now:
            writes = spent.writes if spent else deque()
            spent = self._spent[key] = Spent(now + HOUR, writes=writes)
        return spent
