"""The steps of a plan as they happen: what is done, what runs, what waits, and how long it took."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.plan import Step
from bot.domain.request import IdentityRequest, State
from bot.views.blocks import Block, bullets, size, title
from bot.views.parts import Part, few
from bot.views.steps import label
from bot.views.words import Bold, Line, Moment, fit, line

LINES = 12
PROBLEM = 150
URGENCY = {"❌ Stopped": 0, "🔁 Tried again": 1, "⏳ Running": 1, "▫️ Waiting": 2, "✅ Done": 3}
SHOWS = (State.PROVISIONING, State.PROPOSED, State.MERGED, State.LIVE, State.FAILED)


def progress(record: IdentityRequest, now: datetime, room: int) -> list[Block]:
    """Each step with its state in words; where all do not fit, those that matter now and a count.

    `room` is what a message has left for it, as `blocks.size` counts.
    """
    if record.plan is None or record.state not in SHOWS or not record.progress:
        return []
    ranked = sorted(record.plan.steps, key=lambda step: URGENCY[_status(record, step)])
    for many in range(min(len(ranked), LINES), -1, -1):
        drawn = _drawn(record, ranked[:many], now)
        if size(drawn) <= room:
            return drawn
    return []


def _drawn(record: IdentityRequest, told: list[Step], now: datetime) -> list[Block]:
    assert record.plan is not None
    lines = [_told(record, step, now) for step in record.plan.steps if step in told]
    others = [step for step in record.plan.steps if step not in told]
    return [title("How far it is"), *bullets([*lines, _others(record, others)] if others else lines)]


def _others(record: IdentityRequest, steps: Iterable[Step]) -> Line:
    counts = Counter(_status(record, step) for step in steps)
    return line("And ", ", ".join(f"{n} × {status}" for status, n in counts.items()))


def _status(record: IdentityRequest, step: Step) -> str:
    progress = record.progress.get(step.key)
    if progress is None:
        return "▫️ Waiting"
    if progress.ended:
        return "✅ Done"
    if record.trouble and record.trouble.step == step.key:
        return "❌ Stopped"
    return "🔁 Tried again" if progress.again_at else "⏳ Running"


def _told(record: IdentityRequest, step: Step, now: datetime) -> Line:
    status, progress = _status(record, step), record.progress.get(step.key)
    opening = line(Bold(status), ": ", label(step))
    if progress is None:
        after = record.plan is not None and step in record.plan.after
        return (*opening, " (after the merge)") if after else opening
    if progress.ended:
        return (*opening, f" ({duration(progress.ended - progress.begun)})")
    if status == "⏳ Running":
        return (*opening, f" (for {duration(now - progress.begun)})")
    problem = f" (attempt {progress.attempts}): {fit(progress.problem or '', PROBLEM)}"
    again = line(" Next try ", Moment(progress.again_at, exact=True)) if progress.again_at else ()
    return (*opening, problem, *again)


def duration(span: timedelta) -> str:
    """How long something took, as short as it can be said: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`."""
    seconds = max(span.total_seconds(), 0.0)
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def done_so_far(record: IdentityRequest) -> list[Part]:
    done = [s for s in record.plan.steps if record.finished(s)] if record.plan else []
    if done:
        return [line("Done so far:"), few(line(label(step)) for step in done)]
    if record.progress:
        return [line("No step is known to be done.")]
    return [line("Nothing was changed.")]
