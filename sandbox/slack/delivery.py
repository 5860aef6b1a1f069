"""What is under way to the app: envelopes, acknowledgements and redelivery.

Source: https://docs.slack.dev/apis/events-api (retries) and .../using-socket-mode (acknowledging)
"""

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.faults import Fault
from sandbox.slack.errors import Refused
from sandbox.slack.model import Json
from sandbox.slack.sockets import Connections
from sandbox.slack.workspace import Workspace
from sandbox.world import World

NAME = "slack"
ACK_SECONDS = 3.0
RETRY_AFTER = (0.0, 60.0, 300.0)
# With "Delayed Events" switched on in the app's settings, an hourly retry for a day more.
DELAYED_RETRIES = (3600.0,) * 24
NOBODY = "nobody connected"


def _unanswered() -> "asyncio.Future[Json]":
    return asyncio.get_running_loop().create_future()


@dataclass(eq=False)
class Delivery:
    """Something the app must acknowledge. `attempt` counts failed tries, `name` is the event's type."""

    type: str
    name: str
    payload: Json
    answers: bool = False
    attempt: int = 0
    acked: "asyncio.Future[Json]" = field(default_factory=_unanswered)


@dataclass(frozen=True)
class Envelope:
    """One try of a delivery on one connection."""

    id: str
    delivery: Delivery
    sent_at: datetime


class Deliveries:
    """Everything that is under way to the app.

    An event that is not acknowledged within 3 s is sent again at once, after 60 s and after 300 s more, under
    the same `event_id`, in a new envelope; an acknowledgement of any of its envelopes, on any connection,
    settles it. With nobody connected a try counts as failed, and a pending retry goes out as soon as somebody
    connects (real Slack waits for the retry's time). Commands and interactions are tried once.

    Faults on order (service `slack`, method `EVENT`, path the event's type; each try is one match): `drop`
    loses the try, `delay` and `hold` keep it back, `duplicate` sends it twice, `cut` breaks the connection
    that took it. So `drop` once is a redelivery, and `drop` for ever (`times=0`) a loss for good.
    """

    def __init__(self, world: World, workspace: Workspace) -> None:
        self._world = world
        self._workspace = workspace
        self._changed = workspace.changed
        self.connections = Connections(world, workspace.bot.app, self._hear, workspace.changed)
        self._envelopes: dict[str, Envelope] = {}
        self._pending: dict[Delivery, asyncio.Task[None]] = {}
        self._dormant: list[Json] = []
        self._awake = False

    @property
    def undelivered(self) -> int:
        """How many events are neither acknowledged nor given up."""
        return len(self._pending) + len(self._dormant)

    def send(self, name: str, payload: Json) -> None:
        """The event is on its way to the app."""
        self._start(Delivery("events_api", name, payload))

    async def ask(self, kind: str, name: str, payload: Json, *, answers: bool) -> Json:
        """What the app says in its acknowledgement (nothing unless it `answers`); Refused when none comes."""
        delivery = Delivery(kind, name, payload, answers)
        fault = self._world.faults.due(NAME, "EVENT", name)
        await self._held(fault)
        if not self.connections:
            self._note(delivery, None, NOBODY)
            raise Refused("dispatch_failed", "no bot is connected; start it and try again")
        if not await self._try(delivery, fault):
            delivery.acked.cancel()
            raise Refused("operation_timeout", "the bot did not acknowledge within 3 s; try again")
        return delivery.acked.result() if answers else {}

    async def settled(self) -> None:
        """Return once every event is acknowledged or given up."""
        while self._pending:
            await asyncio.wait(list(self._pending.values()))

    def wake(self) -> None:
        """What was pending when the state was saved is under way again."""
        self._awake = True
        rows, self._dormant = self._dormant, []
        for row in rows:
            self._start(Delivery("events_api", row["name"], row["payload"], attempt=row["attempt"]))

    async def close(self) -> None:
        """Nothing is under way and nobody connected; what was pending is kept for `saved`."""
        self._dormant = self.saved()
        self._awake = False
        tasks = self._forget()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.connections.close()

    def saved(self) -> list[Json]:
        """The events that are not acknowledged yet, as JSON values."""
        pending = [
            {"name": row.name, "payload": row.payload, "attempt": row.attempt} for row in self._pending
        ]
        return [*self._dormant, *pending]

    def restore(self, saved: list[Json]) -> None:
        """Exactly these events are pending; they are under way as soon as the service runs."""
        self._forget()
        self._dormant = list(saved)
        if self._awake:
            self.wake()

    def _start(self, delivery: Delivery) -> None:
        task = asyncio.ensure_future(self._carry(delivery))
        self._pending[delivery] = task
        task.add_done_callback(lambda _: self._pending.pop(delivery, None))

    def _forget(self) -> list[asyncio.Task[None]]:
        tasks = list(self._pending.values())
        self._pending.clear()
        for task in tasks:
            task.cancel()
        return tasks

    async def _carry(self, delivery: Delivery) -> None:
        """Try, wait, try again, until it is acknowledged or the retries are used up."""
        while True:
            fault = self._world.faults.due(NAME, "EVENT", delivery.name)
            await self._held(fault)
            if delivery.acked.done() or await self._try(delivery, fault):
                break
            pause = self._pause_after(delivery.attempt)
            if pause is None:
                delivery.acked.cancel()
                break
            if pause:
                someone = asyncio.ensure_future(self.connections.next_one())
                await _first(delivery.acked, self._timer(pause), someone)
            if delivery.acked.done():
                break
        self._changed()

    def _pause_after(self, failed: int) -> float | None:
        """Seconds until the next try when so many have failed; None when there is none."""
        delayed = DELAYED_RETRIES if self._workspace.options.delayed_events else ()
        return dict(enumerate((*RETRY_AFTER, *delayed), 1)).get(failed)

    async def _held(self, fault: Fault | None) -> None:
        if fault is not None and fault.action == "delay":
            await self._timer(fault.seconds)
        if fault is not None and fault.action == "hold":
            await fault.released.wait()

    def _timer(self, seconds: float) -> "asyncio.Future[None]":
        """Done when so much time has passed from now on, and not from when the event loop comes to it."""
        deadline = self._world.clock.now() + timedelta(seconds=seconds)

        async def wait() -> None:
            await self._world.clock.sleep((deadline - self._world.clock.now()).total_seconds())

        return asyncio.ensure_future(wait())

    async def _try(self, delivery: Delivery, fault: Fault | None) -> bool:
        """Whether this try was acknowledged in time."""
        action = fault.action if fault else ""
        copies = {"drop": 0, "duplicate": 2}.get(action, 1)
        sent = [e for _ in range(copies) if (e := await self._put(delivery, cut=action == "cut"))]
        if sent or not copies:
            await _first(delivery.acked, self._timer(ACK_SECONDS))
        why = "no ack in 3 s" if sent else "lost" if not copies else NOBODY
        outcome = "acked" if delivery.acked.done() else why
        for envelope in sent:
            self._note(delivery, envelope, outcome)
        if not sent:
            self._note(delivery, None, outcome)
        if delivery.acked.done():
            return True
        delivery.attempt += 1
        return False

    async def _put(self, delivery: Delivery, *, cut: bool) -> Envelope | None:
        """One envelope on a connection; None when there is none to take it."""
        number = self._world.rng.getrandbits(128)
        envelope = Envelope(str(uuid.UUID(int=number, version=4)), delivery, self._world.clock.now())
        frame = {
            "envelope_id": envelope.id,
            "payload": delivery.payload,
            "type": delivery.type,
            "accepts_response_payload": delivery.answers,
        }
        if delivery.type == "events_api":
            frame |= {
                "retry_attempt": delivery.attempt,
                "retry_reason": "timeout" if delivery.attempt else "",
            }
        # Before it is sent: the acknowledgement may come while the sending still waits for the buffer.
        self._envelopes[envelope.id] = envelope
        delivery.acked.add_done_callback(lambda _: self._envelopes.pop(envelope.id, None))
        return envelope if await self.connections.put(frame, cut=cut) else None

    def _hear(self, frame: Json) -> None:
        envelope = self._envelopes.get(str(frame.get("envelope_id")))
        if envelope and not envelope.delivery.acked.done():
            envelope.delivery.acked.set_result(frame.get("payload") or {})

    def _note(self, delivery: Delivery, envelope: Envelope | None, outcome: str) -> None:
        now = self._world.clock.now()
        began = envelope.sent_at if envelope else now
        again = ""
        if outcome != "acked" and delivery.type == "events_api":
            pause = self._pause_after(delivery.attempt + 1)
            again = ", given up" if pause is None else f", again in {pause:g} s"
        event_id = delivery.payload.get("event_id", "")
        self._world.journal.write(
            at=began.isoformat(),
            ended=now.isoformat(),
            service=NAME,
            method="EVENT",
            path=delivery.name,
            query=f"event_id={event_id}&envelope_id={envelope.id if envelope else ''}",
            status=200 if outcome == "acked" else 0,
            ms=int((now - began).total_seconds() * 1000),
            request=delivery.payload,
            note=f"{f'retry {delivery.attempt}: ' if delivery.attempt else ''}{outcome}{again}",
        )


async def _first(acked: "asyncio.Future[Json]", *timers: "asyncio.Future[None]") -> None:
    """Return when it is acknowledged or one of the timers is done; no timer is left running."""
    watched: list[asyncio.Future[Any]] = [acked, *timers]
    try:
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for timer in timers:
            timer.cancel()
