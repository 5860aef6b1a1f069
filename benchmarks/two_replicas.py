"""Fifty requests, approved at once, on two replicas with one Redis: everything once, and how long it takes.

    .venv/bin/python -m benchmarks.two_replicas [--requests 50] [--writes-per-minute 80]

Sandbox and both replicas are processes of their own. GitHub takes 80 writes a minute, as the real one
does, and Slack a message a second in a channel; both are what the time is made of. Fails when anything is
there twice, or not at all.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.stage import Stage, cards, folder, set_up
from tests.flows import workloads
from tests.flows.processes import bot_process, fetched

LONGEST = 1800.0
LOOK = 2.0


async def run(count: int, writes: int) -> int:
    """0 when every request ended single."""
    with folder() as place:
        checkout = workloads.repository(Path(place) / "checkout", count)
        async with set_up(Path(place), "--repository", str(checkout)) as stage:
            await fetched(f"{stage.address}/control/options/github", "POST", writes_per_minute=writes)
            await stage.bot.start()
            async with bot_process(stage.environment, Path(place) / "second.log"):
                return await play(stage, count)


async def play(stage: Stage, count: int) -> int:
    """Everybody asks, all is approved at once, and what came of it is printed."""
    threads = [await stage.ask(workloads.ask(name)) for name in workloads.names(count)]
    shown = await until(
        stage, lambda view: cards(view, threads) if len(cards(view, threads)) == count else None
    )
    last = (await stage.journal())[-1]["id"]
    began = time.monotonic()
    await asyncio.gather(*(stage.approve(ts) for ts in shown))
    view = await until(stage, lambda view: view if len(view["github"]["pulls"]) >= count else None)
    took = time.monotonic() - began
    wrong = workloads.complaints(view, count)
    print(f"{count} requests, approved at once: all pull requests open after {took:.0f} s")
    show(await stage.journal(last))
    print("\n".join(wrong) or "each has exactly one identity, credential, role assignment and pull request")
    return int(bool(wrong))


def show(journal: list[dict[str, Any]]) -> None:
    """What the services were asked for meanwhile, and what they refused for now."""
    entries = [e for e in journal if e["method"] != "EVENT" and "/people/" not in e["path"]]
    asked = Counter(e["service"] for e in entries)
    refused: Counter[str] = Counter()
    for e in entries:
        refused[e["service"]] += e["status"] == 429 or (e["service"] == "github" and e["status"] == 403)
    for service in sorted(asked):
        print(f"{service}: {asked[service]} requests, {refused[service]} of them refused for their number")


async def until(stage: Stage, look: Any) -> Any:
    """What `look` finds in the sandbox's view, looked for now and then: the bots need the processors."""
    async with asyncio.timeout(LONGEST):
        found = look(await stage.view())
        while not found:
            await asyncio.sleep(LOOK)
            found = look(await stage.view())
    return found


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description="Plays many requests at once on two replicas.")
    parser.add_argument("--requests", type=int, default=50)
    parser.add_argument("--writes-per-minute", type=int, default=80, help="what GitHub takes; 0: any number")
    given = parser.parse_args()
    return asyncio.run(run(given.requests, given.writes_per_minute))


if __name__ == "__main__":
    sys.exit(main())
