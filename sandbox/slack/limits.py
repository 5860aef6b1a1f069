"""Rate limits of the Web API.

Tiers: https://docs.slack.dev/apis/web-api/rate-limits
"""

import math
from dataclasses import dataclass

from sandbox.slack.workspace import Workspace

# Calls a minute; Slack promises "at least" these and lets short bursts pass.
PER_MINUTE = {"T1": 1, "T2": 20, "T3": 50, "T4": 100, "post": 300, "special": 600}
BURST_MINUTES = 2.0
POSTS_PER_SECOND = 1.0
POST_BURST = 20.0


@dataclass
class Bucket:
    """Calls that may still be made; they come back with time."""

    size: float
    per_second: float
    left: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until a call may be made; 0 takes one."""
        self.left = min(self.size, self.left + (now - self.at) * self.per_second)
        self.at = now
        if self.left >= 1:
            self.left -= 1
            return 0
        return (1 - self.left) / self.per_second


class Limits:
    """Counts calls per method, and messages per channel as well."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def retry_after(self, method: str, tier: str, channel: str = "") -> int:
        """Whole seconds to wait before this call, 0 when it may be made now; then it is counted."""
        if not self._workspace.options.rate_limits:
            return 0
        rate = PER_MINUTE[tier] / 60
        wait = self._bucket(method, "", PER_MINUTE[tier] * BURST_MINUTES, rate).wait(self._workspace.now())
        if not wait and tier == "post":
            wait = self._bucket(method, channel, POST_BURST, POSTS_PER_SECOND).wait(self._workspace.now())
        return math.ceil(wait)

    def _bucket(self, method: str, channel: str, size: float, rate: float) -> Bucket:
        fresh = Bucket(size, rate, size, self._workspace.now())
        return self._buckets.setdefault((method, channel), fresh)
