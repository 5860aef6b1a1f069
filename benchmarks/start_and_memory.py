"""How long the bot takes from its start to being connected, and how much memory it holds.

    .venv/bin/python -m benchmarks.start_and_memory [--rounds 3]

Connected is when /readyz says so: Redis answers, the WebSocket of Slack is open, turns are taken. Memory is
the resident set of the process, at rest and after a request was brought to its pull request.
"""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.stage import Stage, folder, set_up

ASK = (
    "@identity payments-api in namespace payments on dev-weu needs to read secrets from kv-payments-dev "
    "because it is measured"
)
MEGABYTE = 1024


async def run(rounds: int) -> None:
    """Prints both."""
    with folder() as place:
        async with set_up(Path(place)) as stage:
            started = [await start(stage) for _ in range(rounds)]
            await stage.bot.start()
            worked = processor_seconds(stage.bot.pid)
            at_rest = resident(stage.bot.pid)
            await stage.approve(await stage.card(await stage.ask(ASK)))
            await stage.until(lambda view: view["github"]["pulls"] or None, "the pull request")
            each = ", ".join(f"{seconds:.2f}" for seconds in started)
            print(f"start to connected: {median(started):.2f} s (median of {each})")
            print(f"processor time until then: {worked:.2f} s")
            print(f"resident at rest: {at_rest:.0f} MB; after a request: {resident(stage.bot.pid):.0f} MB")


async def start(stage: Stage) -> float:
    """Seconds from the command to readiness; the bot has ended again."""
    began = time.monotonic()
    await stage.bot.start()
    took = time.monotonic() - began
    await stage.bot.end()
    return took


def processor_seconds(pid: int) -> float:
    """What a process has worked since it began; Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    # utime and stime, the 14th and 15th field of proc(5); the name in brackets was the second.
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Megabytes of a process that are in memory; Linux only."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / MEGABYTE
    raise SystemExit("This system does not tell what a process holds.")


def main() -> None:
    """The command line has been carried out."""
    parser = argparse.ArgumentParser(description="Measures the bot's start and its memory.")
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(run(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
