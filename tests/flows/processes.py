"""The bot as a process of its own: to be killed, told to end, and started again."""

import asyncio
import json
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import aiohttp

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "deploy" / "catalog.example.yaml"
READY_WITHIN = 60.0
END_WITHIN = 30.0
POLL = 0.05

QUICK = {
    "IDENTITY_BOT_LEASE": "2",
    "IDENTITY_BOT_REDELIVERY": "1",
    "IDENTITY_BOT_SWEEP_EVERY": "0.2",
    "IDENTITY_BOT_LOOK_EVERY": "1",
}
"""Settings with which a crash costs two seconds and not half a minute."""


def catalog_text(given: Mapping[str, str]) -> str:
    """The example's catalog with the addresses of a sandbox, which `given` is the environment of."""
    text = EXAMPLE.read_text().replace("https://localhost:8443/", given["ARM_URL"].rstrip("/") + "/")
    return text.replace("http://127.0.0.1:8400/argocd", given["ARGOCD_URL"])


def bot_environment(given: Mapping[str, str], catalog: Path, redis: str, **more: str) -> dict[str, str]:
    """What the bot's process needs to work on this sandbox and this Redis."""
    return {
        "IDENTITY_BOT_CATALOG": str(catalog),
        "IDENTITY_BOT_REDIS_URL": redis,
        "IDENTITY_BOT_SLACK_BOT_TOKEN": given["SLACK_BOT_TOKEN"],
        "IDENTITY_BOT_SLACK_APP_TOKEN": given["SLACK_APP_TOKEN"],
        "IDENTITY_BOT_SLACK_URL": given["SLACK_API_URL"],
        "IDENTITY_BOT_ARM_URL": given["ARM_URL"],
        "IDENTITY_BOT_CA_FILE": given["SANDBOX_CA_FILE"],
        "IDENTITY_BOT_GITHUB_URL": given["GITHUB_URL"],
        "IDENTITY_BOT_GITHUB_TOKEN": given["GITHUB_TOKEN"],
        "IDENTITY_BOT_ARGOCD_TOKEN": given["ARGOCD_TOKEN"],
        "IDENTITY_BOT_HOST": "127.0.0.1",
        "IDENTITY_ENDPOINT": given["IDENTITY_ENDPOINT"],
        "IDENTITY_HEADER": given["IDENTITY_HEADER"],
        **more,
    }


FORKS = multiprocessing.get_context("forkserver")
# A start of Python with everything that the bot imports costs seconds; a fork of one that has it, none.
FORKS.set_forkserver_preload(["bot.cli", "bot.app"])


class Process:
    """One process, its log, and an address of its own that says when it is ready."""

    def __init__(self, log: Path, ready: str) -> None:
        self.log = log
        self.ready = ready

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        raise NotImplementedError

    async def start(self) -> Self:
        """It runs and answers that it is ready."""
        assert not self.lives
        await self._begin()
        await self.until_ready()
        return self

    async def kill(self) -> None:
        """It is gone without a word, as in a crash."""
        await self._signal(signal.SIGKILL)

    async def end(self) -> int:
        """It was told to end, and did; its exit code."""
        return await self._signal(signal.SIGTERM)

    async def until_ready(self) -> None:
        """It answers that it is ready."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(READY_WITHIN):
            while not await self._answers(session):
                assert self.lives, f"it ended while it started:\n{self.last_words()}"
                # What a process does inside cannot be waited for, only asked.
                await asyncio.sleep(POLL)

    def last_words(self, lines: int = 30) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        if self.lives:
            await self.kill()

    async def _begin(self) -> None:
        raise NotImplementedError

    async def _signal(self, number: signal.Signals) -> int:
        raise NotImplementedError

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(self.ready, timeout=aiohttp.ClientTimeout(5)) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False


class Command(Process):
    """A process that is started from its command line."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path, ready: str) -> None:
        super().__init__(log, ready)
        self._command = command
        self._environment = environment
        self._running: asyncio.subprocess.Process | None = None

    @property
    def lives(self) -> bool:
        return self._running is not None and self._running.returncode is None

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._running is not None
        return self._running.pid

    async def _begin(self) -> None:
        with self.log.open("ab") as log:
            self._running = await asyncio.create_subprocess_exec(
                *self._command, cwd=ROOT, env={**os.environ, **self._environment}, stdout=log, stderr=log
            )

    async def _signal(self, number: signal.Signals) -> int:
        assert self._running is not None
        self._running.send_signal(number)
        async with asyncio.timeout(END_WITHIN):
            return await self._running.wait()


class Fork(Process):
    """`python -m bot run` in a process of its own that had everything imported before it was needed."""

    def __init__(self, environment: Mapping[str, str], log: Path, ready: str) -> None:
        super().__init__(log, ready)
        self._environment = dict(environment)
        self._running: Any = None

    @property
    def lives(self) -> bool:
        return self._running is not None and self._running.is_alive()

    async def _begin(self) -> None:
        self._running = FORKS.Process(target=_run_bot, args=(self._environment, str(self.log)), daemon=True)
        # The first one starts the server, which imports everything.
        await asyncio.to_thread(self._running.start)

    async def _signal(self, number: signal.Signals) -> int:
        os.kill(self._running.pid, number)
        await asyncio.to_thread(self._running.join, END_WITHIN)
        assert not self.lives, f"it did not end within {END_WITHIN:.0f} s:\n{self.last_words()}"
        code: int = self._running.exitcode
        return code


def _run_bot(environment: dict[str, str], log: str) -> None:
    from bot.cli import app

    os.environ.update(environment)
    with Path(log).open("ab") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    app(["run"])


def bot_process(environment: Mapping[str, str], log: Path) -> Command:
    """`python -m bot run` with this environment, on a port of its own."""
    port = free_port()
    return Command(
        [sys.executable, "-m", "bot", "run"],
        {**environment, "IDENTITY_BOT_PORT": str(port)},
        log,
        f"http://127.0.0.1:{port}/readyz",
    )


def bot_fork(environment: Mapping[str, str], log: Path) -> Fork:
    """The same, quick to start again."""
    port = free_port()
    return Fork({**environment, "IDENTITY_BOT_PORT": str(port)}, log, f"http://127.0.0.1:{port}/readyz")


def sandbox_process(data: Path, *options: str) -> Command:
    """`python -m sandbox` on ports of its own, its state in this folder."""
    port, tls = free_port(), free_port()
    command = [sys.executable, "-m", "sandbox", "--data", str(data), "--port", str(port)]
    return Command(
        [*command, "--tls-port", str(tls), *options],
        {},
        data.with_suffix(".log"),
        f"http://127.0.0.1:{port}/control/environment",
    )


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def fetched(address: str, method: str = "GET", **body: Any) -> Any:
    """The JSON at an address; None where it answers without any."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, address, json=body or None) as answer,
    ):
        text = await answer.text()
        assert answer.status < 400, f"{method} {address}: {answer.status} {text}"
        return json.loads(text) if text else None
