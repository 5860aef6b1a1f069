"""Command lines carried out as whoever installs the bot would."""

import asyncio
import os
import sys
from dataclasses import dataclass

from typer.testing import CliRunner

from bot.cli import app
from tests.flows.processes import ROOT


@dataclass(frozen=True)
class Ended:
    """A process that has ended: its exit code, and what it printed."""

    code: int
    out: str
    err: str

    def line(self, about: str) -> str:
        """The one line that is about this."""
        (found,) = [line for line in self.out.splitlines() if about in line]
        return found


async def bot(*arguments: str, **environment: str) -> Ended:
    """What `python -m bot` comes to, with nothing in its environment but this."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=ROOT,
        env=_plain() | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


async def bot_here(*arguments: str, **environment: str) -> Ended:
    """The same in a thread of this process, which has loaded the SDKs already: that takes seconds."""
    alone = dict.fromkeys(set(os.environ) - set(_plain()))
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments, env={**alone, **environment})
    return Ended(done.exit_code, done.stdout, done.stderr)


def _plain() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("IDENTITY_", "AZURE_"))}
