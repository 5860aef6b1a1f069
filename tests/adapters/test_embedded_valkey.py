"""The embedded server: it keeps what it was given, ends with its parent, and says what is in its way."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis

from scripts.valkey import Valkey, ValkeyError

PROGRAM = Path(__file__).parents[2] / "scripts" / "valkey.py"
SOON = 20.0


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="valkey ") as folder:
        yield Path(folder)


def started(*arguments: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_what_was_written_is_there_after_a_restart_in_a_folder_with_a_space(folder: Path) -> None:
    for count in (1, 2, 3):
        with Valkey(folder) as server, Redis.from_url(server.url) as redis:
            assert redis.incr("starts") == count


def test_a_server_on_a_port_answers_there(folder: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Valkey(folder, port) as server, Redis.from_url(server.url) as redis:
        assert server.url == f"redis://127.0.0.1:{port}/0"
        assert redis.ping()


def test_a_port_in_use_is_named(folder: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(ValkeyError, match=rf"Port {port} .*choose another"):
            Valkey(folder, port).start()


def test_a_folder_in_use_is_named(folder: Path) -> None:
    with Valkey(folder), pytest.raises(ValkeyError, match="in use by another Valkey"):
        Valkey(folder).start()


def test_a_folder_too_deep_for_a_socket_is_named(folder: Path) -> None:
    with pytest.raises(ValkeyError, match="use a shorter folder, or a port"):
        Valkey(folder / ("x" * 100)).start()


def test_a_damaged_file_is_told_in_the_servers_own_words(folder: Path) -> None:
    with Valkey(folder) as server, Redis.from_url(server.url) as redis:
        redis.set("a", "b")
    manifest = next((folder / "appendonlydir").glob("*.manifest"))
    manifest.write_text("nonsense\n")

    with pytest.raises(ValkeyError, match=r"ended at once: .*valkey\.log"):
        Valkey(folder).start()


def test_the_program_prints_its_address_and_ends_its_server_when_told_to(folder: Path) -> None:
    program = started("--data", folder)
    url = first_line(program)
    with Redis.from_url(url) as redis:
        assert redis.ping()

    program.send_signal(signal.SIGTERM)

    assert program.wait(SOON) == 0
    Valkey(folder).start().stop()


def test_a_killed_parent_takes_its_server_with_it(folder: Path) -> None:
    program = started("--data", folder)
    with Redis.from_url(first_line(program)) as redis:
        server = redis.info("server")["process_id"]

    program.kill()
    program.wait(SOON)

    deadline = time.monotonic() + SOON
    while Path(f"/proc/{server}").exists() and not _is_zombie(server):
        assert time.monotonic() < deadline, "the server outlived its parent"
        os.sched_yield()


def test_the_programs_errors_are_one_line(folder: Path) -> None:
    with Valkey(folder):
        program = started("--data", folder)
        _, errors = program.communicate(timeout=SOON)

    assert program.returncode == 1
    assert errors.strip().splitlines() == [
        f"{folder} is in use by another Valkey: end it, or choose another folder."
    ]


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z" in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
