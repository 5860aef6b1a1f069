"""What to do now, from the record alone: the table of states, and the next move.

Nothing here acts. The reconciler performs the move that `next_move` names, writes down what came of
it and asks again, until the answer is Rest.
"""

from datetime import datetime, timedelta

from bot.domain.plan import Step
from bot.domain.request import ENDED, IdentityRequest, State
from bot.domain.value import Value

LEADS_TO: dict[State, tuple[tuple[State, str], ...]] = {
    State.ASKING: (
        (State.REVIEWED, "everything is known, checked and shown on a card"),
        (State.WITHDRAWN, "the requester cancels"),
        (State.EXPIRED, "nobody answers in time"),
        (State.FAILED, "something needs an operator"),
    ),
    State.REVIEWED: (
        (State.ASKING, "the requester changes the request"),
        (State.APPROVED, "enough approvers react with ✅"),
        (State.REJECTED, "an approver reacts with ⛔"),
        (State.WITHDRAWN, "the requester cancels"),
        (State.EXPIRED, "nobody decides in time"),
        (State.FAILED, "something needs an operator"),
    ),
    State.APPROVED: (
        (State.PROVISIONING, "the hold is over, the second look shows the same digest and the same ✅"),
        (State.REVIEWED, "an approval is taken back, or the second look shows another digest"),
        (State.ASKING, "the requester changes the request, or the second look finds a rule broken"),
        (State.REJECTED, "an approver reacts with ⛔"),
        (State.WITHDRAWN, "the requester cancels"),
        (State.FAILED, "something needs an operator"),
    ),
    State.PROVISIONING: (
        (State.PROPOSED, "the pull request is open"),
        (State.MERGED, "nothing had to change in Git, and grants wait for the merge"),
        (State.LIVE, "nothing had to change in Git"),
        (State.ASKING, "what would happen now is not what was approved"),
        (State.FAILED, "something needs an operator"),
    ),
    State.FAILED: (
        (State.ASKING, "requester or approver says `retry`, and nothing was made yet"),
        (State.PROVISIONING, "requester or approver says `retry`, and steps are left"),
        (State.PROPOSED, "requester or approver says `retry`, and the pull request is open"),
    ),
    State.PROPOSED: (
        (State.MERGED, "the pull request is merged"),
        (State.WITHDRAWN, "the pull request is closed without a merge"),
        (State.FAILED, "something needs an operator"),
    ),
    State.MERGED: (
        (State.LIVE, "grants that waited are made and Argo CD has the merge, healthy"),
        (State.FAILED, "something needs an operator"),
    ),
    State.LIVE: (),
    State.REJECTED: (),
    State.WITHDRAWN: (),
    State.EXPIRED: (),
}

ASKING_LASTS = timedelta(days=3)
REVIEW_LASTS = timedelta(days=7)
CLAIM_EVERY = timedelta(seconds=5)


class Hear(Value):
    """Somebody said something that was not yet read."""


class Claim(Value):
    """The request that held the workload may have let go of it."""


class Review(Value):
    """Everything is known: look at the world, check the policy, build the plan, show it."""


class Weigh(Value):
    """Reactions came in that were not yet weighed."""


class Confirm(Value):
    """Approved, and no hold runs: take the second look."""


class Carry(Value):
    """These steps can run now, together."""

    steps: tuple[Step, ...]


class Follow(Value):
    """See how the pull request, and after its merge Argo CD, are doing."""


class Expire(Value):
    """It waited too long for a person."""


class Tell(Value):
    """Only messages are left to go out."""


class Rest(Value):
    """Nothing to do until then, or until a person does something."""

    until: datetime | None = None


Move = Hear | Claim | Review | Weigh | Confirm | Carry | Follow | Expire | Tell | Rest


def next_move(record: IdentityRequest, now: datetime) -> Move:
    """The one thing to do now."""
    move = _move(record, now)
    if not isinstance(move, Rest) or not has_news(record):
        return move
    if record.tell_at and now < record.tell_at:
        return Rest(until=min(t for t in (move.until, record.tell_at) if t))
    return Tell()


def due_at(record: IdentityRequest, now: datetime) -> datetime | None:
    """When this record wants its next turn; None while only a person can bring it on."""
    move = next_move(record, now)
    return move.until if isinstance(move, Rest) else now


def has_news(record: IdentityRequest) -> bool:
    """Whether a notice waits to go out or a card shows less than is known."""
    behind = any(not c.void and (c.drawn < record.revision or not c.seeded) for c in record.cards)
    unsaid = any(c.void and c.ts and not c.void_shown for c in record.cards)
    return bool(record.outbox) or behind or unsaid


def _move(record: IdentityRequest, now: datetime) -> Move:
    if record.heard < len(record.said):
        waits = record.hear_at and now < record.hear_at
        return Rest(until=record.hear_at) if waits else Hear()
    if record.again_at and now < record.again_at:
        return Rest(until=record.again_at)
    if record.expires and now >= record.expires and record.state not in ENDED:
        return Expire()
    if record.weighed < len(record.reactions):
        return Weigh()
    return _by_state(record, now)


def _by_state(record: IdentityRequest, now: datetime) -> Move:
    match record.state:
        case State.ASKING if record.behind:
            return Claim()
        case State.ASKING if record.spec is not None:
            return Review()
        case State.APPROVED:
            held = record.hold_until and now < record.hold_until
            return Rest(until=record.hold_until) if held else Confirm()
        case State.PROVISIONING | State.MERGED:
            return _carrying(record, now)
        case State.PROPOSED:
            return Follow()
        case _:
            return Rest(until=record.expires)


def _carrying(record: IdentityRequest, now: datetime) -> Move:
    """The steps whose needs are met and that are not put off; Rest until the first that is."""
    assert record.plan is not None
    group = record.plan.before if record.state is State.PROVISIONING else record.plan.after
    open_steps = [s for s in group if not record.finished(s)]
    if not open_steps:
        return Follow()
    ready = [s for s in open_steps if _needs_met(record, s)]
    waits = {s.key: p.again_at for s in ready if (p := record.progress.get(s.key)) and p.again_at}
    due = tuple(s for s in ready if s.key not in waits or waits[s.key] <= now)
    return Carry(steps=due) if due else Rest(until=min(waits.values(), default=None))


def _needs_met(record: IdentityRequest, step: Step) -> bool:
    assert record.plan is not None
    return all(record.finished(record.plan.step(key)) for key in step.needs)
