"""How the record changes when steps begin and end, and when something stands in the way."""

from datetime import datetime, timedelta

from bot.domain import outcome
from bot.domain.plan import Step
from bot.domain.request import IdentityRequest, Progress, PullRequest, State, Trouble
from bot.errors import BotError, NeedsOperator, Obstacle, TryLater, WorldChanged

PATIENCE = 5
"""So often is an error that nobody foresaw tried again before an operator is asked."""
FIRST_PAUSE = 2.0
OPERATOR_PAUSE = 60.0
"""Seconds between two looks whether an operator has mended what kept words from being looked up."""


def queued(record: IdentityRequest, behind: str, holder: IdentityRequest | None) -> IdentityRequest:
    """The request waits for another one to let go of its workload, and says for whose."""
    who = holder.requester.user if holder else None
    thread = holder.thread.model_dump() if holder else None
    return record.evolve(behind=behind).tell("queued_behind", by=who, thread=thread)


def blocked(record: IdentityRequest, now: datetime) -> IdentityRequest:
    """The rules stop it: nobody is asked to approve, and the requester is told why."""
    void = tuple(c.model_copy(update={"void": True}) for c in record.cards)
    back = record.evolve(state=State.ASKING, spec=None, cards=void, approvals=())
    rules = [f.rule for f in record.findings if f.blocks]
    return back.note(now, "blocked by policy", rules=rules).tell(
        "blocked_by_policy", findings=[f.model_dump(mode="json") for f in record.findings if f.blocks]
    )


def unheard(record: IdentityRequest, error: BotError, now: datetime) -> IdentityRequest:
    """What was said could not be looked up: it waits, and what only an operator can mend is told once."""
    after = error.after if isinstance(error, TryLater) else OPERATOR_PAUSE
    waits = record.model_copy(
        update={"hear_at": now + timedelta(seconds=after), "attempts": record.attempts + 1}
    ).note(now, "not heard yet", problem=error.problem)
    if isinstance(error, TryLater) or record.attempts:
        return waits
    return waits.evolve().tell("not_heard", problem=error.problem, remedy=error.remedy)


def begun(record: IdentityRequest, steps: tuple[Step, ...], now: datetime) -> IdentityRequest:
    """The intent to take these steps is in the record, before any effect."""
    progress = dict(record.progress)
    digest = record.plan.digest if record.plan else ""
    for step in steps:
        before = progress.get(step.key)
        attempts = before.attempts + 1 if before else 1
        progress[step.key] = Progress(begun=before.begun if before else now, attempts=attempts)
        record = record.note(now, "intent", step=step.key, digest=digest)
    return record.evolve(progress=progress)


def ended(
    record: IdentityRequest,
    step: Step,
    outputs: dict[str, str],
    opened: tuple[PullRequest, ...],
    now: datetime,
) -> IdentityRequest:
    """An outcome is a fact: it is merged into whatever the record says by now."""
    done = record.progress[step.key].model_copy(
        update={"ended": now, "outputs": outputs, "again_at": None, "problem": None}
    )
    known = {(p.repository, p.number) for p in opened}
    others = tuple(p for p in record.pull_requests if (p.repository, p.number) not in known)
    merged = record.evolve(progress={**record.progress, step.key: done}, pull_requests=(*others, *opened))
    return outcome.landed(merged.note(now, "done", step=step.key, outputs=outputs), now)


def put_off(record: IdentityRequest, step: Step, error: TryLater, now: datetime) -> IdentityRequest:
    """The step is tried again when the service said so."""
    waits = record.progress[step.key].model_copy(
        update={"again_at": now + timedelta(seconds=error.after), "problem": error.problem}
    )
    waiting = record.evolve(progress={**record.progress, step.key: waits})
    return waiting.note(now, "step put off", step=step.key, problem=error.problem)


def surprised(record: IdentityRequest, step: Step, error: Exception, now: datetime) -> IdentityRequest:
    """An error nobody foresaw: tried again with growing pauses, then an operator is asked."""
    problem = f"{step.key}: {type(error).__name__}"
    attempts = record.progress[step.key].attempts
    if attempts < PATIENCE:
        return put_off(record, step, TryLater(problem, FIRST_PAUSE * 2**attempts), now)
    remedy = f"Look in the bot's logs for request {record.id}, then say `retry`."
    return failed(record, NeedsOperator(f"{problem}, {attempts} times in a row.", remedy), now, step.key)


def failed(
    record: IdentityRequest, error: BotError, now: datetime, step: str | None = None
) -> IdentityRequest:
    """An operator is needed; of several things that went wrong at once the first is told."""
    obstacle = error.obstacle if isinstance(error, NeedsOperator) else Obstacle.UNEXPECTED
    noted = record.note(now, "failed", step=step, problem=error.problem, obstacle=obstacle)
    if record.state is State.FAILED:
        return noted
    trouble = Trouble(problem=error.problem, remedy=error.remedy, obstacle=obstacle, step=step)
    stopped = noted.evolve(state=State.FAILED, trouble=trouble)
    return stopped.tell("failed", mention=(record.requester.user,))


def back_to_review(record: IdentityRequest, error: WorldChanged, now: datetime) -> IdentityRequest:
    """What would happen is not what was approved: a new plan is made and shown."""
    noted = record.evolve(state=State.ASKING).note(
        now, "world changed while provisioning", problem=error.problem
    )
    before = record.plan.digest if record.plan else ""
    return noted.tell("digest_changed", before=before, problem=error.problem)
