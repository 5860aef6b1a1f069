"""Throttles: ARM's token buckets, and the identity provider's requests a second (azure.md section 1.8)."""

import math
from dataclasses import dataclass

from sandbox.arm import errors, ids
from sandbox.arm.core import Azure
from sandbox.arm.routing import Call

IDENTITIES = "/providers/microsoft.managedidentity/userassignedidentities"


@dataclass
class Bucket:
    """So many requests at once, so many more each second."""

    size: float
    refill: float
    tokens: float
    at: float

    def take(self, now: float) -> float:
        """0 when a token was there and is taken, else the seconds until there is one."""
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.refill)
        self.at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / self.refill


class Limits:
    """The buckets in use."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure
        self._buckets: dict[tuple[str, ...], Bucket] = {}

    def take(self, call: Call) -> None:
        """The request counts; 429 with Retry-After when it is one too many."""
        if not self._azure.options.throttle:
            return
        subscription = ids.subscription_of(call.path)
        whose = subscription or call.caller.tenant
        kind, size, refill = self._kind(call.method)
        wait = self._wait((whose, call.caller.principal.id, kind), size, refill)
        if wait:
            raise _arm(subscription, kind, wait)
        if self._azure.options.identity_limits and (resource := _identity(call.path)):
            self._take_identity(resource, call)

    def _kind(self, method: str) -> tuple[str, float, float]:
        options = self._azure.options
        if method in ("GET", "HEAD"):
            return "reads", options.read_bucket, options.read_refill
        if method == "DELETE":
            return "deletes", options.delete_bucket, options.delete_refill
        return "writes", options.write_bucket, options.write_refill

    def _take_identity(self, resource: str, call: Call) -> None:
        rate = 0.5 if call.method == "GET" else 0.25
        # A burst of two: the documented figures are averages, and a write is followed by a read at once.
        wait = self._wait((resource, call.method), 2, rate)
        if wait:
            raise errors.too_many(
                "TooManyRequests",
                f"Request is temporarily throttled because resource {resource} has issued too many requests. "
                f"Retry after {math.ceil(wait)} seconds.",
                math.ceil(wait),
            )

    def _wait(self, name: tuple[str, ...], size: float, refill: float) -> float:
        now = self._azure.now()
        bucket = self._buckets.setdefault(name, Bucket(size, refill, size, now))
        bucket.size, bucket.refill = size, refill
        return bucket.take(now)


def _arm(subscription: str | None, kind: str, wait: float) -> errors.ArmError:
    seconds = math.ceil(wait)
    whose = f"subscription '{subscription}'" if subscription else "tenant"
    code = "SubscriptionRequestsThrottled" if subscription else "TenantRequestsThrottled"
    return errors.too_many(
        code,
        f"Number of '{kind}' requests for {whose} actor exceeded. Please try again after '{seconds}' seconds "
        "after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional "
        "information.",
        seconds,
    )


def _identity(path: str) -> str | None:
    """The identity whose own limit counts, if the path is about one."""
    lower = path.lower()
    start = lower.find(IDENTITIES + "/")
    if start < 0 or "/providers/microsoft.authorization/" in lower:
        return None
    end = lower.find("/", start + len(IDENTITIES) + 1)
    return path if end < 0 else path[:end]
