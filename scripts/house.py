"""Valkey, sandbox and bot as three processes of one parent: started in order, ended together."""

import argparse
import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import demo
from bootstrap import ROOT, stop
from valkey import Valkey, ValkeyError

PATIENCE = 60.0
PR_SET_PDEATHSIG = 1


def run(wanted: argparse.Namespace) -> int:
    """The exit code once everything has ended: of the demo, or 0 after Ctrl-C."""
    for name, port in (
        ("--port", wanted.port),
        ("--tls-port", wanted.tls_port),
        ("--bot-port", wanted.bot_port),
    ):
        _free(name, port)
    wanted.data.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with ExitStack() as house:
            store = house.enter_context(Valkey(wanted.data / "valkey")).url
            sandbox = house.enter_context(_child("sandbox", _sandbox_command(wanted), wanted.data))
            environment = _ready(f"http://127.0.0.1:{wanted.port}/control/environment", sandbox)
            bot = house.enter_context(
                _child(
                    "bot",
                    [sys.executable, "-m", "bot", "run"],
                    wanted.data,
                    _settings(wanted, store, environment),
                )
            )
            _ready(f"http://127.0.0.1:{wanted.bot_port}/readyz", bot)
            if wanted.demo:
                return demo.play(f"http://127.0.0.1:{wanted.port}")
            print(
                f"Open http://127.0.0.1:{wanted.port} and ask for an identity. Ctrl-C ends everything.",
                flush=True,
            )
            _watch(sandbox, bot)
    except KeyboardInterrupt:
        return 0
    except ValkeyError as error:
        stop(str(error))


def _sandbox_command(wanted: argparse.Namespace) -> list[str]:
    command = [sys.executable, "-m", "sandbox", "--data", str(wanted.data / "sandbox")]
    command += ["--port", str(wanted.port), "--tls-port", str(wanted.tls_port), "--seed", str(wanted.seed)]
    if wanted.latency:
        command += ["--latency", wanted.latency]
    if wanted.repository:
        command += ["--repository", str(wanted.repository)]
    return command


def _settings(wanted: argparse.Namespace, store: str, environment: dict[str, str]) -> dict[str, str]:
    """The bot's environment: as in production, with the sandbox's addresses."""
    catalog = wanted.data / "catalog.yaml"
    catalog.write_text(_catalog(environment))
    return {
        "IDENTITY_BOT_CATALOG": str(catalog),
        "IDENTITY_BOT_REDIS_URL": store,
        "IDENTITY_BOT_SLACK_BOT_TOKEN": environment["SLACK_BOT_TOKEN"],
        "IDENTITY_BOT_SLACK_APP_TOKEN": environment["SLACK_APP_TOKEN"],
        "IDENTITY_BOT_SLACK_URL": environment["SLACK_API_URL"],
        "IDENTITY_BOT_ARM_URL": environment["ARM_URL"],
        "IDENTITY_BOT_CA_FILE": environment["SANDBOX_CA_FILE"],
        "IDENTITY_BOT_GITHUB_URL": environment["GITHUB_URL"],
        "IDENTITY_BOT_GITHUB_TOKEN": environment["GITHUB_TOKEN"],
        "IDENTITY_BOT_ARGOCD_TOKEN": environment["ARGOCD_TOKEN"],
        "IDENTITY_BOT_PORT": str(wanted.bot_port),
        "IDENTITY_BOT_LOOK_EVERY": "3",
        "IDENTITY_ENDPOINT": environment["IDENTITY_ENDPOINT"],
        "IDENTITY_HEADER": environment["IDENTITY_HEADER"],
    }


def _catalog(environment: dict[str, str]) -> str:
    """The example's catalog with this sandbox's addresses; its issuers depend on port and seed."""
    text = (ROOT / "deploy" / "catalog.example.yaml").read_text()
    with urllib.request.urlopen(f"{environment['SANDBOX_URL']}/control/view", timeout=10) as answer:
        clusters = json.load(answer)["arm"]["clusters"]
    for cluster in clusters:
        pattern = rf"(?ms)(^  - name: {re.escape(cluster['name'])}$.*?^    issuer: )\S+"
        text = re.sub(pattern, lambda found, issuer=cluster["issuer"]: found[1] + issuer, text, count=1)
    return text.replace("http://127.0.0.1:8400/argocd", environment["ARGOCD_URL"])


def _free(option: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            stop(f"port {port} is in use. End what uses it, or choose another with {option}.")


def _die_with_parent() -> Callable[[], None]:
    libc = ctypes.CDLL(None)

    def ask() -> None:
        if sys.platform == "linux":
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask


@dataclass(frozen=True)
class Child:
    """A process of this one, and the file that its output goes to."""

    process: subprocess.Popen[bytes]
    log: Path

    def must_run(self) -> None:
        """It runs; else everything ends with its last words."""
        code = self.process.poll()
        if code is not None:
            lines = self.log.read_text(errors="replace").strip().splitlines()
            last = lines[-1] if lines else "no word"
            stop(f"{self.log.stem} ended with code {code}: {last} (see {self.log})")


@contextmanager
def _child(
    name: str, command: list[str], data: Path, settings: dict[str, str] | None = None
) -> Iterator[Child]:
    """A process that ends when the block ends, or when this process dies."""
    log = data / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | (settings or {}),
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_die_with_parent(),  # noqa: PLW1509 - no thread runs here
        )
    try:
        yield Child(process, log)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(address: str, child: Child) -> Any:
    """The JSON at this address, once it answers 200."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        child.must_run()
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            time.sleep(0.1)
    return stop(f"{address} did not answer within {PATIENCE:.0f} s; see {child.log}.")


def _watch(*children: Child) -> NoReturn:
    while True:
        for child in children:
            child.must_run()
        time.sleep(0.5)
