"""Makes `.venv` from hashed requirements, once for each change of them. Standard library only."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def stop(line: str) -> NoReturn:
    """The program has ended with one line that says what to do."""
    sys.exit(f"{Path(sys.argv[0]).name}: {line}")


def inside(requirements: str) -> None:
    """The program goes on in `.venv`, which holds exactly what the requirements file names."""
    if sys.version_info < OLDEST:
        stop(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; this is {sys.version.split()[0]}.")
    wanted = ROOT / requirements
    stamp = VENV / f".{wanted.stem}"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    if not PYTHON.exists():
        _make()
    if not stamp.exists() or stamp.read_text() != digest:
        _install(wanted)
        stamp.write_text(digest)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(PYTHON, [str(PYTHON), *sys.argv])


def _make() -> None:
    print("Making .venv …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "venv", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        subprocess.run(["rm", "-rf", str(VENV)], check=False)
        stop("Python's venv module is missing or broken. On Debian: apt install python3-venv")


def _install(wanted: Path) -> None:
    print(f"Installing {wanted.name} …", file=sys.stderr, flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--requirement", str(wanted)]
    installed = subprocess.run(command, capture_output=True, text=True, check=False)
    if installed.returncode == 0:
        return
    reason = (installed.stderr or installed.stdout).strip().splitlines()
    offline = any(
        w in installed.stderr
        for w in (
            "NewConnectionError",
            "Temporary failure",
            "Network is unreachable",
            "No matching distribution",
            "ConnectTimeout",
        )
    )
    if offline:
        stop("the package registry could not be reached. Is there a network, and is pip set up for it?")
    stop(f"installing {wanted.name} failed: {reason[-1] if reason else 'no reason given'}")
