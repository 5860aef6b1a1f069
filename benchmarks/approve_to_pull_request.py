"""From the approver's ✅ to the open pull request, against what the services alone would take.

    .venv/bin/python -m benchmarks.approve_to_pull_request [--rounds 3] [--calls]

The sandbox answers Azure after 300 ms, GitHub after 200 ms and Slack after 100 ms; the bot is a process
of its own on an embedded Valkey. Both times are the sandbox's: when the reaction was put down, and when the
answer to `POST …/pulls` went out. The measure is that time divided by 2·Azure + 5·GitHub + the slowest
of the three (the second look). Fails when the ratio is over 1.3 or when branch, commit and pull
request took more than five requests.
"""

import argparse
import asyncio
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.stage import Stage, folder, set_up

LATENCY = {"arm": 300, "github": 200, "slack": 100}
FLOOR = 2 * LATENCY["arm"] + 5 * LATENCY["github"] + max(LATENCY.values())
RATIO, REQUESTS = 1.3, 5
READING = 1.0
"""Seconds that the approver looks at the card; what the bot still had to do about it ends meanwhile."""
ASKS = (
    "payments-api in namespace payments on dev-weu needs to read secrets from kv-payments-dev",
    "orders in namespace orders on dev-weu needs to send to queue orders in sb-shop-dev",
    "orders-report in namespace orders on dev-weu needs to send to queue orders in sb-shop-dev",
)


@dataclass(frozen=True)
class Round:
    """One request's way: milliseconds, and the exchanges between the reaction and the pull request."""

    milliseconds: float
    between: list[dict[str, Any]]
    reacted: datetime

    @property
    def ratio(self) -> float:
        """How much longer it took than the services alone."""
        return self.milliseconds / FLOOR

    @property
    def proposing(self) -> int:
        """GitHub's requests for branch, commit and pull request: from the last look at the base on."""
        return (
            len([e for e in self.between if e["service"] == "github" and e["method"] != "GET"]) + self._looks
        )

    @property
    def _looks(self) -> int:
        """Reads of GitHub after Azure was first written to: the second look was over by then."""
        first = min((e["at"] for e in self.between if e["method"] == "PUT"), default="")
        return sum(
            e["service"] == "github" and e["method"] == "GET" and e["at"] > first for e in self.between
        )


async def measure(stage: Stage, text: str) -> Round:
    """One request is asked for, approved and proposed."""
    card = await stage.card(await stage.ask(f"@identity {text} because it is measured"))
    await asyncio.sleep(READING)
    last = (await stage.journal())[-1]["id"]
    await stage.approve(card)
    journal = await stage.journal_with(_opens, last)
    reacted = next(_event(e) for e in journal if e["path"] == "reaction_added")
    opened = next(filter(_opens, journal))
    between = [
        e for e in journal if reacted.isoformat() <= e["at"] <= opened["ended"] and e["method"] != "EVENT"
    ]
    ended = datetime.fromisoformat(opened["ended"])
    return Round((ended - reacted).total_seconds() * 1000, between, reacted)


def _opens(entry: dict[str, Any]) -> bool:
    return entry["method"] == "POST" and str(entry["path"]).endswith("/pulls")


def _event(entry: dict[str, Any]) -> datetime:
    """When Slack took the reaction."""
    return datetime.fromtimestamp(float(entry["request"]["event"]["event_ts"]), UTC)


def show(one: Round, calls: bool) -> None:
    """One line for a round, and one for each exchange."""
    counts = Counter(e["service"] for e in one.between)
    said = ", ".join(f"{name} {counts[name]}" for name in sorted(counts))
    took = f"{one.milliseconds:5.0f} ms, ratio {one.ratio:.2f}"
    print(f"{took}; {said}; {one.proposing} GitHub requests to propose")
    for e in sorted(one.between, key=lambda e: e["at"]) if calls else ():
        at = (datetime.fromisoformat(e["at"]) - one.reacted).total_seconds() * 1000
        print(f"  {at:6.0f} {e['ms']:5} ms  {e['service']:7}{e['method']:6}{e['status']} {e['path'][-90:]}")


async def run(rounds: int, calls: bool) -> int:
    """0 when both aims are met."""
    with folder() as place:
        async with set_up(Path(place)) as stage:
            await stage.latency(**LATENCY)
            await stage.bot.start()
            done = []
            for text in ASKS[:rounds]:
                done.append(await measure(stage, text))
                show(done[-1], calls)
    ratio = median(one.ratio for one in done)
    worst = max(one.proposing for one in done)
    print(f"the services alone: {FLOOR} ms; ratio (median) {ratio:.2f}, aim {RATIO}")
    print(f"requests for branch, commit and pull request: {worst}, aim {REQUESTS}")
    return int(ratio > RATIO or worst > REQUESTS)


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description="Measures the way from the approval to the pull request.")
    parser.add_argument("--rounds", type=int, default=len(ASKS), choices=range(1, len(ASKS) + 1))
    parser.add_argument("--calls", action="store_true", help="print each exchange between the two moments")
    given = parser.parse_args()
    return asyncio.run(run(given.rounds, given.calls))


if __name__ == "__main__":
    sys.exit(main())
