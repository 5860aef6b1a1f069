"""Kustomizations: what they read, what they change, and the entries that are added to them. Pure."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from gitops.edits import Scalar, Text, Tree, child, parse, string
from gitops.errors import Reason, Refused

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
PLUGINS = ("generators", "transformers", "validators")
_REMOTE = re.compile(r"^(?:[a-z+]+://|git@|git::|github\.com[/:]|bitbucket\.org[/:]|gitlab\.com[/:])", re.I)


@dataclass(frozen=True)
class PatchEntry:
    """One entry of `patches` or `patchesStrategicMerge`: a file or an inline text, and whom it is for."""

    path: str | None
    inline: str | None
    target: Tree | None


@dataclass(frozen=True)
class Kustomization:
    """One kustomization file as far as it matters here; all paths from the repository's root."""

    path: str
    directory: str
    tree: Tree
    kind: str
    resources: tuple[str, ...]
    components: tuple[str, ...]
    patches: tuple[PatchEntry, ...]
    namespace: str | None
    prefix: str
    suffix: str

    @property
    def has_charts(self) -> bool:
        """Whether it inflates Helm charts."""
        return bool(child(self.tree, "helmCharts") or child(self.tree, "helmChartInflationGenerator"))

    def labels_pods(self, label: str, value: str) -> bool:
        """Whether it puts a label on the pods of everything that it renders."""
        if string(self.tree, "commonLabels", label) == value:
            return True
        labels = child(self.tree, "labels")
        return isinstance(labels, list) and any(
            string(entry, "pairs", label) == value
            and "true" in (string(entry, "includeTemplates"), string(entry, "includeSelectors"))
            for entry in labels
        )


def is_remote(entry: str) -> bool:
    """Whether an entry names something outside the repository."""
    return bool(_REMOTE.match(entry)) or "?ref=" in entry or (".git" in entry and "//" in entry)


def read(path: str, content: bytes) -> Kustomization:
    """A kustomization file; refused when it is none."""
    try:
        documents = parse(Text.decode(content).body)
    except Refused as refused:
        raise refused.at(path) from None
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise Refused(
            Reason.UNSUPPORTED,
            "The kustomization is not one mapping.",
            "Mend the file first; kustomize does not read it either.",
            path,
        )
    tree, directory = documents[0], posixpath.dirname(path)
    return Kustomization(
        path,
        directory,
        tree,
        string(tree, "kind") or "Kustomization",
        (*_paths(directory, tree, "resources"), *_paths(directory, tree, "bases")),
        tuple(_paths(directory, tree, "components")),
        tuple(_patches(directory, tree)),
        string(tree, "namespace") or None,
        string(tree, "namePrefix") or "",
        string(tree, "nameSuffix") or "",
    )


def references(one: Kustomization) -> tuple[str, ...]:
    """Every path that building it reads beside resources, components and patches in files.

    Generators, transformers and the like may name files or directories; both are here alike.
    """
    found: list[str] = []
    for key in (*PLUGINS, "configurations", "crds"):
        found += _strings(child(one.tree, key))
    for key in ("configMapGenerator", "secretGenerator"):
        for generator in _list(child(one.tree, key)):
            found += [entry.partition("=")[2] or entry for entry in _strings(child(generator, "files"))]
            found += [*_strings(child(generator, "envs")), string(generator, "env") or ""]
    for key in ("patchesJson6902", "replacements"):
        found += [string(entry, "path") or "" for entry in _list(child(one.tree, key))]
    found.append(string(one.tree, "openapi", "path") or "")
    # An inline transformer or generator holds line ends; a path does not.
    return tuple(resolved(one.directory, entry) for entry in found if entry and "\n" not in entry)


def plugin_files(one: Kustomization) -> tuple[str, ...]:
    """The files and directories that configure generators, transformers and validators."""
    listed = [entry for key in PLUGINS for entry in _strings(child(one.tree, key)) if "\n" not in entry]
    return tuple(resolved(one.directory, entry) for entry in listed if not is_remote(entry))


def reaches_out(one: Kustomization) -> str | None:
    """The first text in a kustomization that leads out of the repository, or None.

    Kustomize loads any file by URL where it takes a path, so that every text counts; a patch that holds an
    address in its lines is no such text, a generator or transformer is.
    """
    for key in PLUGINS:
        if inline := next((text for text in _strings(child(one.tree, key)) if "://" in text), None):
            return next(line.strip() for line in inline.splitlines() if "://" in line)
    waiting: list[Tree] = [one.tree]
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, Scalar):
            if "://" in tree.value and "\n" not in tree.value and " " not in tree.value:
                return tree.value
        else:
            waiting.extend(tree.values() if isinstance(tree, dict) else tree)
    listed = (*one.resources, *one.components, *references(one))
    listed += tuple(patch.path for patch in one.patches if patch.path)
    return next((path for path in listed if is_remote(path) or path.startswith(("/", "../"))), None)


def resolved(directory: str, entry: str) -> str:
    """An entry of a kustomization as a path from the repository's root; remote ones stay as they are."""
    if is_remote(entry):
        return entry
    joined = posixpath.normpath(posixpath.join(directory, entry))
    return "" if joined == "." else joined


def _paths(directory: str, tree: Tree, key: str) -> list[str]:
    return [resolved(directory, entry) for entry in _strings(child(tree, key))]


def _strings(tree: Tree | None) -> list[str]:
    return [text for text in (string(item) for item in _list(tree)) if text]


def _list(tree: Tree | None) -> list[Tree]:
    return tree if isinstance(tree, list) else []


def _patches(directory: str, tree: Tree) -> list[PatchEntry]:
    found = []
    for entry in _strings(child(tree, "patchesStrategicMerge")):
        is_inline = "\n" in entry
        found.append(
            PatchEntry(None, entry, None) if is_inline else PatchEntry(resolved(directory, entry), None, None)
        )
    for item in _list(child(tree, "patches")):
        path = string(item) or string(item, "path")
        found.append(
            PatchEntry(
                resolved(directory, path) if path else None, string(item, "patch"), child(item, "target")
            )
        )
    return found
