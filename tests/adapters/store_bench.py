"""Requests and stores as the tests of this folder need them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from bot.domain.request import IdentityRequest, Said, Thread
from bot.domain.spec import IdentityRef, Person, Spec, Workload
from bot.store import Store, connect

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANNA = Person(user="U0ANNA", team="T0TEAM")

PAYMENTS = Workload(cluster="prod-weu", namespace="payments", service_account="payments-api")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


def due_while_unheard(record: IdentityRequest, now: datetime) -> datetime | None:
    """A request wants a turn while something that was said was not heard."""
    return now if record.heard < len(record.said) else record.again_at


def request(name: str = "r1", **differs: Any) -> IdentityRequest:
    """A request with one thing said."""
    ts = f"{1000 + sum(map(ord, name))}.{len(name):06}"
    values: dict[str, Any] = {
        "id": name,
        "requester": ANNA,
        "thread": Thread(channel="C0IDENT", ts=ts),
        "opened": NOON,
        "said": (said("an identity please", ts),),
    }
    return IdentityRequest(**{**values, **differs})


def said(text: str, ts: str) -> Said:
    return Said(person=ANNA, text=text, ts=ts, at=NOON)


def saying(text: str, ts: str) -> Callable[[IdentityRequest], IdentityRequest]:
    """The change that appends these words."""
    return lambda r: r.evolve(said=(*r.said, said(text, ts)))


def heard_all(record: IdentityRequest) -> IdentityRequest:
    """The change that a turn makes when it has read everything."""
    return record.evolve(heard=len(record.said))


@asynccontextmanager
async def opened(
    url: str, clock: Callable[[], datetime] | None = None, **options: Any
) -> AsyncIterator[Store]:
    """A store on a client of its own, as a process has one."""
    client = connect(url)
    try:
        yield Store(client, clock or Clock(), due_while_unheard, **options)
    finally:
        await client.aclose()


@asynccontextmanager
async def raw(url: str) -> AsyncIterator[Redis]:
    """Redis itself, for what only a fault or another version would do."""
    client = Redis.from_url(url, decode_responses=True)
    try:
        yield client
    finally:
        await client.aclose()


def spec(*workloads: Workload) -> Spec:
    return Spec(
        tenant="main",
        application="payments",
        team="payments",
        identity=IdentityRef(subscription="s", resource_group="g", name="id-payments", region="westeurope"),
        workloads=workloads,
        grants=(),
        reason="reads its secrets",
    )


async def stored(store: Store, name: str = "r1") -> IdentityRequest:
    record = await store.load(name)
    assert record is not None
    return record
