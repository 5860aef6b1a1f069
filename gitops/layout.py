"""What an application's directory renders from: plain files, a kustomization with all its bases, a chart.

Reading follows what the files name and nothing else, so its cost is the closure's and not the repository's.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gitops import kustomize, manifests
from gitops.errors import Reason, Refused
from gitops.files import DIRECTORY, EXECUTABLE, REGULAR, SYMLINK, Files
from gitops.kustomize import Kustomization, PatchEntry
from gitops.manifests import Manifest, Unread

_MAX_FILES = 2_000
_MAX_KUSTOMIZATIONS = 300


@dataclass(frozen=True)
class Placed:
    """An object with the kustomizations that it passes through, innermost first; none in a plain directory.

    `name` and `namespace` are those after rendering; None means the application's destination.
    """

    manifest: Manifest
    chain: tuple[str, ...] = ()
    name: str = ""
    namespace: str | None = None


@dataclass(frozen=True)
class Patch:
    """A strategic-merge patch in a file: the object that it describes and the kustomization that lists it."""

    manifest: Manifest
    directory: str
    target: object


@dataclass(frozen=True)
class Release:
    """How a chart is released: the release's name and namespace, and its values files, weakest first."""

    name: str = ""
    namespace: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """An application's directory and what it renders from."""

    kind: Literal["plain", "kustomize", "helm"]
    path: str
    objects: tuple[Placed, ...] = ()
    kustomizations: Mapping[str, Kustomization] = field(default_factory=dict)
    patches: tuple[Patch, ...] = ()
    unread: tuple[Unread, ...] = ()
    remote: tuple[str, ...] = ()
    release: Release = Release()

    @property
    def leaf(self) -> Kustomization | None:
        """The kustomization of the application's own directory."""
        return self.kustomizations.get(self.path)

    def owns(self, path: str) -> bool:
        """Whether a file stands in the application's own directory or below."""
        return not self.path or path.startswith(self.path + "/")

    def is_repeated(self, placed: Placed) -> bool:
        """Whether the same object of the same file comes in by another way too, as another object."""
        one = placed.manifest
        same = [
            other
            for other in self.objects
            if (other.manifest.path, other.manifest.document, other.manifest.at)
            == (one.path, one.document, one.at)
        ]
        return len(same) > 1

    def arriving(self, placed: Placed) -> tuple[str, str | None]:
        """An object's name and namespace as the application's own kustomization gets to see them."""
        inner = _placed(self.kustomizations, placed.manifest, placed.chain[:-1])
        return inner.name, inner.namespace

    def through(self, placed: Placed) -> Iterator[Kustomization]:
        """The kustomizations that transform an object, in order: components before their owner."""
        for directory in placed.chain:
            yield from _with_components(self.kustomizations, directory)


def read(files: Files, path: str, recurse: bool = False) -> Layout:
    """The layout of an application's directory; raises NotLoaded when more of the tree is needed."""
    entries = files.entries(path)
    if not entries:
        raise Refused(
            Reason.NOT_FOUND,
            f"There is no directory {path or '.'} in the repository, or it is empty.",
            "Give the directory that the Argo CD application renders.",
            path,
        )
    _refuse_templates(files, path)
    names = {posixpath.basename(entry) for entry in entries}
    if names & set(kustomize.NAMES):
        return _kustomize(files, path)
    if "Chart.yaml" in names:
        return Layout("helm", path)
    return _plain(files, path, recurse)


def _refuse_templates(files: Files, path: str) -> None:
    parts = path.split("/")
    for depth, part in enumerate(parts):
        chart = "/".join(parts[:depth])
        if part == "templates" and posixpath.join(chart, "Chart.yaml") in files.entries(chart):
            raise Refused(
                Reason.TEMPLATE,
                "The directory holds the templates of a chart.",
                f"Give the chart's own directory, {chart or '.'}.",
                path,
            )


def _plain(files: Files, path: str, recurse: bool) -> Layout:
    directories = [path]
    found: list[str] = []
    while directories:
        files.require(directories=directories)
        below = [entry for directory in directories for entry in files.entries(directory)]
        found += [entry for entry in below if manifests.is_manifest_file(entry)]
        directories = [entry for entry in below if recurse and files.modes[entry] == DIRECTORY]
    read_files = [entry for entry in found if files.modes[entry] not in (DIRECTORY, SYMLINK)]
    objects, unread = _manifests(files, read_files)
    placed = [Placed(one, (), one.name, one.namespace) for one in objects]
    return Layout("plain", path, tuple(placed), unread=tuple(unread))


def _kustomize(files: Files, path: str) -> Layout:
    closure = _Closure(files)
    closure.follow(path)
    known = closure.kustomizations
    objects, unread = _manifests(files, list(dict.fromkeys(file for file, _ in closure.resources)))
    by_file: dict[str, list[Manifest]] = {}
    for one in objects:
        by_file.setdefault(one.path, []).append(one)
    placed = [
        _placed(known, one, chain) for file, chain in closure.resources for one in by_file.get(file, [])
    ]
    patches, unread_patches = _patches(files, known)
    return Layout(
        "kustomize",
        path,
        tuple(placed),
        known,
        tuple(patches),
        (*closure.unread, *unread, *unread_patches),
        tuple(dict.fromkeys(closure.remote)),
    )


@dataclass
class _Closure:
    """The kustomizations and resource files that a leaf leads to, level by level."""

    files: Files
    kustomizations: dict[str, Kustomization] = field(default_factory=dict)
    resources: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    remote: list[str] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def follow(self, path: str) -> None:
        """Everything that the kustomization of a directory leads to is known."""
        level: list[tuple[str, tuple[str, ...]]] = [(path, ())]
        while level:
            self._load([directory for directory, _ in level])
            level = [below for directory, above in level for below in self._below(directory, above)]
            self.files.require(directories=[directory for directory, _ in level])

    def _load(self, directories: list[str]) -> None:
        self.files.require(directories=directories)
        found = {directory: _kustomization_file(self.files, directory) for directory in directories}
        self.files.require(files=[file for file in found.values() if file])
        for directory, file in found.items():
            if file is not None and directory not in self.kustomizations:
                self.kustomizations[directory] = kustomize.read(file, self.files.read(file))
        if len(self.kustomizations) > _MAX_KUSTOMIZATIONS:
            raise _too_big(f"more than {_MAX_KUSTOMIZATIONS} kustomizations")

    def _below(self, directory: str, above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        one = self.kustomizations.get(directory)
        if one is None:
            self.unread.append(Unread(directory, _no_kustomization(directory)))
            return
        chain = (directory, *above)
        if len(chain) > 20 or directory in above:
            raise Refused(
                Reason.UNSUPPORTED,
                "The kustomizations lead in a circle, or more than 20 levels deep.",
                "Mend them first; kustomize does not build them either.",
                one.path,
            )
        for entry in (*one.resources, *one.components):
            if kustomize.is_remote(entry):
                self.remote.append(entry)
            elif manifests.is_manifest_file(entry) or self.files.modes.get(entry) in (REGULAR, EXECUTABLE):
                self.resources.append((entry, chain))
            else:
                yield entry, chain
        if len(self.resources) > _MAX_FILES:
            raise _too_big(f"more than {_MAX_FILES} files")


def _manifests(files: Files, paths: list[str]) -> tuple[list[Manifest], list[Unread]]:
    if len(paths) > _MAX_FILES:
        raise _too_big(f"more than {_MAX_FILES} files")
    files.require(files=paths)
    found: list[Manifest] = []
    unread: list[Unread] = []
    for path in paths:
        try:
            found.extend(manifests.read(path, files.read(path)))
        except Refused as refused:
            unread.append(Unread(path, refused))
    return found, unread


def _patches(files: Files, known: Mapping[str, Kustomization]) -> tuple[list[Patch], list[Unread]]:
    listed: list[tuple[str, PatchEntry]] = [
        (directory, entry) for directory, one in known.items() for entry in one.patches if entry.path
    ]
    objects, unread = _manifests(files, list(dict.fromkeys(entry.path or "" for _, entry in listed)))
    return [
        Patch(one, directory, entry.target)
        for directory, entry in listed
        for one in objects
        if one.path == entry.path
    ], unread


def _placed(known: Mapping[str, Kustomization], one: Manifest, chain: tuple[str, ...]) -> Placed:
    name, namespace = one.name, one.namespace
    for directory in chain:
        for through in _with_components(known, directory):
            name = f"{through.prefix}{name}{through.suffix}"
            namespace = through.namespace or namespace
    return Placed(one, chain, name, namespace)


def _with_components(known: Mapping[str, Kustomization], directory: str) -> Iterator[Kustomization]:
    one = known.get(directory)
    if one is None:
        return
    for component in one.components:
        yield from _with_components(known, component)
    yield one


def _kustomization_file(files: Files, directory: str) -> str | None:
    candidates = [posixpath.join(directory, name) for name in kustomize.NAMES]
    return next((path for path in candidates if path in files.modes), None)


def _no_kustomization(directory: str) -> Refused:
    return Refused(
        Reason.NOT_FOUND,
        f"There is no kustomization in {directory}.",
        "Mend the entry that names it.",
        directory,
    )


def _too_big(what: str) -> Refused:
    return Refused(
        Reason.TOO_BIG,
        f"The application renders from {what}.",
        "Give the directory of the one application that is meant.",
    )
