"""scripts/try as a newcomer meets it: it runs, it ends, and one line says what to do when it cannot."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def _ports() -> list[str]:
    """Options with three ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        options = []
        for option, probe in (("--port", one), ("--tls-port", two), ("--bot-port", three)):
            probe.bind(("127.0.0.1", 0))
            options += [option, str(probe.getsockname()[1])]
    return options


def _try(*options: str, root: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/try", *options],
        cwd=root,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What an empty clone has of the set-up, without a virtual environment."""
    shutil.copytree(ROOT / "scripts", tmp_path / "clone" / "scripts")
    for file in ROOT.glob("requirements*.txt"):
        shutil.copy(file, tmp_path / "clone")
    return tmp_path / "clone"


def test_the_demo_plays_the_whole_job_and_the_pull_request_is_right(tmp_path: Path) -> None:
    done = _try("--demo", "--data", str(tmp_path / "data"), *_ports())

    assert done.returncode == 0, done.stdout + done.stderr
    assert "azure.workload.identity/client-id" in done.stdout
    assert "The pull request is right" in done.stdout


def test_a_port_in_use_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        done = _try("--data", str(tmp_path), "--port", port)

    assert done.returncode != 0
    assert done.stderr.strip().splitlines()[-1] == (
        f"try: port {port} is in use. End what uses it, or choose another with --port."
    )


def test_a_missing_venv_module_is_one_line_that_says_what_to_install(clone: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "venv.py").write_text("raise ImportError('No module named ensurepip')")

    done = _try(root=clone, PYTHONPATH=str(broken))

    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr.strip().splitlines()[-1]


def test_no_network_is_one_line_that_says_so(clone: Path) -> None:
    nowhere = "http://127.0.0.1:9/simple"

    done = _try(
        root=clone, PIP_INDEX_URL=nowhere, PIP_RETRIES="0", PIP_NO_CACHE_DIR="1", PIP_EXTRA_INDEX_URL=""
    )

    assert done.returncode != 0
    assert "registry could not be reached" in done.stderr.strip().splitlines()[-1]


@contextmanager
def _running(data: Path, ports: list[str]) -> Iterator[str]:
    """scripts/try with its page up, ended by Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "scripts/try", "--data", str(data), *ports],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("Open http://127.0.0.1:"), line
        yield line.split()[1]
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0


def _asked(address: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def _processes(data: Path) -> list[str]:
    """Every process that has this folder on its command line or in its environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(data) in text:
            found.append(folder.name)
    return found


def test_ctrl_c_ends_every_child_and_the_next_start_goes_on_where_it_was(tmp_path: Path) -> None:
    data, ports = tmp_path / "data", _ports()
    with _running(data, ports) as address:
        said = {"channel": "C0IDENTITIES", "text": "@identity help"}
        _asked(address, "/slack/people/U0ROSA/say", said)
        assert _processes(data)
    assert _processes(data) == []

    with _running(data, ports) as address:
        channels = _asked(address, "/control/view")["slack"]["channels"]
        assert any("help" in m["text"] for c in channels for m in c["messages"])
