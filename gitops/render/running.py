"""A program run confined over a copy of some files: its output, or why there is none."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from gitops.errors import GitopsError
from gitops.files import Files

_CONFINE = Path(__file__).with_name("confine.py")
_SECONDS = 30
_MAX_OUTPUT = 16_000_000
_NOT_SHUT_IN = 97


class Unrenderable(GitopsError):
    """An application cannot be rendered here, and why; that says nothing about the edit."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def run(engine: str, files: Files, paths: set[str], command: list[str], order: str = "") -> tuple[str, str]:
    """How the command was shut in, and what it printed; it sees a copy of the files and nothing else.

    `command` is the program and its arguments, `order` its standard input. Raises Unrenderable, with the
    last thing that the engine said, when it fails, takes too long or prints too much.
    """
    with tempfile.TemporaryDirectory(prefix="render-") as place:
        root = Path(place) / "tree"
        root.mkdir()
        for path in sorted(paths):
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files.read(path))
        return _run(engine, root, command, order)


def _run(engine: str, root: Path, command: list[str], order: str) -> tuple[str, str]:
    confined = [sys.executable, "-I", "-S", str(_CONFINE), str(root), *command]
    output, given = root.with_name("output"), root.with_name("input")
    given.write_text(order)
    # Files and no pipes: their size is limited by the kernel, whatever a hostile repository prints.
    with given.open("rb") as stdin, output.open("wb") as out, output.with_suffix(".err").open("w+b") as err:
        try:
            done = subprocess.run(
                confined,
                check=False,
                env={},
                cwd=root,
                stdin=stdin,
                stdout=out,
                stderr=err,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise Unrenderable(f"{engine} did not finish within {_SECONDS} seconds.") from None
        err.seek(0)
        isolation, _, said = err.read(100_000).decode("utf-8", "replace").partition("\n")
    if done.returncode == _NOT_SHUT_IN:
        raise Unrenderable(f"{engine} cannot be shut in here: this kernel has no Landlock.")
    if done.returncode != 0:
        raise Unrenderable(_complaint(engine, said))
    if output.stat().st_size > _MAX_OUTPUT:
        raise Unrenderable(f"{engine} printed more than {_MAX_OUTPUT:,} bytes.")
    return isolation, output.read_text("utf-8", "replace")


def _complaint(engine: str, said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("# Warning")]
    line = lines[-1] if lines else "it ended without a word, as when memory or time runs out"
    return f"{engine} does not build it: {line.removeprefix('error: ')[:500]}"
