#!/usr/bin/env python3
"""Prints docs/lifecycle.md from the table of states, so that the page cannot say something else.

python scripts/draw.py > docs/lifecycle.md
"""

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.domain.lifecycle import ASKING_LASTS, LEADS_TO, REVIEW_LASTS
from bot.domain.request import CLAIMING, ENDED, OPEN_FOR_WORDS, State

MEANING = {
    State.ASKING: "something is unknown, wrong or being looked up; or it is queued behind another request",
    State.REVIEWED: "a card shows the plan and waits for approvers",
    State.APPROVED: "enough people approved this digest; a hold may run",
    State.PROVISIONING: "the steps of the plan are taken, one after the other where one needs the other",
    State.PROPOSED: "the pull request is open",
    State.MERGED: "the pull request is merged; grants that waited are made, Argo CD is followed",
    State.LIVE: "the applications have the merge and are healthy",
    State.REJECTED: "an approver said no",
    State.WITHDRAWN: "the requester cancelled, or the pull request was closed without a merge",
    State.EXPIRED: "nobody answered or decided in time",
    State.FAILED: "an operator has to mend something; `retry` goes on from there",
}
"""What each state is, as a person would say it."""


def page() -> str:
    """The page, as it stands in docs/."""
    return "\n".join((*_head(), *_diagram(), *_states(), *_arrows())) + "\n"


def _head() -> Iterator[str]:
    yield "# The states of a request"
    yield ""
    yield "Drawn by `scripts/draw.py` from the table in `bot/domain/lifecycle.py`; a test holds both."
    yield "`next_move` in the same file says what is done in each state."
    yield ""


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.ASKING}: somebody asks"
    for state, ways in LEADS_TO.items():
        # In a label a colon would begin another one, and a backtick is no mark-up.
        yield from (f"    {state} --> {to}: {why.replace(':', ' –').replace('`', '')}" for to, why in ways)
        if state in ENDED:
            yield f"    {state} --> [*]"
    yield "```"
    yield ""


def _states() -> Iterator[str]:
    yield "| state | what it means | words change it | holds its workloads |"
    yield "|---|---|---|---|"
    for state in State:
        row = (f"**{state}**", MEANING[state], _tick(state in OPEN_FOR_WORDS), _tick(state in CLAIMING))
        yield f"| {' | '.join(row)} |"
    yield ""
    yield "While a request holds its workloads, another one for the same workload is queued behind it."
    yield f"Without a word it expires {ASKING_LASTS.days} days after the last one while *asking*, and after"
    yield f"{REVIEW_LASTS.days} days without a decision while *reviewed*."
    yield ""


def _arrows() -> Iterator[str]:
    yield "| from | to | when |"
    yield "|---|---|---|"
    for state, ways in LEADS_TO.items():
        yield from (f"| {state} | {to} | {why} |" for to, why in ways)
        if not ways:
            yield f"| {state} | – | it ends here |"


def _tick(is_so: bool) -> str:
    return "yes" if is_so else "–"


if __name__ == "__main__":
    print(page(), end="")
