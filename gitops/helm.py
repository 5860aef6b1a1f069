"""Where the values of a Helm release stand: in values files, and inside the objects that order a release.

Argo CD merges, weakest first, `valueFiles`, `values`, `valuesObject` and `parameters` (its docs, "Helm"), so
an edit belongs where the last word on a key is said. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gitops.edits import Append, Operation, Path, Put, Scalar, Within, child, string
from gitops.errors import Reason, Refused
from gitops.manifests import Manifest

_RELEASES: dict[tuple[str, str], tuple[Path, ...]] = {
    ("argoproj.io", "Application"): (("spec", "source"), ("spec", "sources")),
    ("argoproj.io", "ApplicationSet"): (
        ("spec", "template", "spec", "source"),
        ("spec", "template", "spec", "sources"),
    ),
}


class Form(StrEnum):
    """How values are written inside an object."""

    MAPPING = "mapping"
    TEXT = "text"
    PARAMETERS = "parameters"


@dataclass(frozen=True)
class Inline:
    """One place inside an object where a release's values stand, and how they are written there."""

    manifest: Manifest
    at: Path
    form: Form

    def put(self, key: tuple[str, ...], value: str) -> Operation:
        """The operation by which the release gets a string under a key."""
        place = (*self.manifest.at, *self.at)
        if self.form is Form.TEXT:
            return Within(place, Put(key, value))
        if self.form is Form.MAPPING:
            return Put((*place, *key), value)
        return self._parameter(place, ".".join(_escaped(step) for step in key), value)

    def _parameter(self, place: Path, name: str, value: str) -> Operation:
        held = self.manifest.get(*self.at)
        for number, item in enumerate(held if isinstance(held, list) else []):
            if string(item, "name") == name:
                return Put((*place, number, "value"), value)
        # Helm reads `true` and digits as no strings unless it is told to.
        return Append(place, (("name", name), ("value", value), ("forceString", True)))


def inlines(manifest: Manifest) -> tuple[Inline, ...]:
    """Every place in an object where values of a Helm release stand; the last one there has the last word."""
    return tuple(_inlines(manifest))


def files_of(manifest: Manifest) -> tuple[str, ...]:
    """The values files that an Argo CD Application reads, weakest first, as they are written."""
    found: list[str] = []
    for source in _sources(manifest):
        listed = manifest.get(*source, "helm", "valueFiles")
        found += [
            item.value for item in (listed if isinstance(listed, list) else []) if isinstance(item, Scalar)
        ]
    return tuple(found)


def refuse_template(path: str, charts: frozenset[str]) -> None:
    """Refuse a file that a chart renders; `charts` are the directories that hold a Chart.yaml."""
    parts = path.split("/")
    for depth in range(len(parts) - 1):
        if parts[depth] == "templates" and "/".join(parts[:depth]) in charts:
            raise Refused(
                Reason.TEMPLATE,
                "The file is a template of a chart.",
                "Set the value that the template reads, or make the change in the template by hand.",
                path,
            )


def _inlines(manifest: Manifest) -> Iterator[Inline]:
    if manifest.kind == "HelmRelease" and manifest.group == "helm.toolkit.fluxcd.io":
        yield Inline(manifest, ("spec", "values"), Form.MAPPING)
    for source in _sources(manifest):
        helm = (*source, "helm")
        if manifest.string(*helm, "values"):
            yield Inline(manifest, (*helm, "values"), Form.TEXT)
        if isinstance(manifest.get(*helm, "valuesObject"), dict):
            yield Inline(manifest, (*helm, "valuesObject"), Form.MAPPING)
        if isinstance(manifest.get(*helm, "parameters"), list):
            yield Inline(manifest, (*helm, "parameters"), Form.PARAMETERS)


def _sources(manifest: Manifest) -> Iterator[Path]:
    for place in _RELEASES.get((manifest.group, manifest.kind), ()):
        held = manifest.get(*place)
        if isinstance(held, dict):
            yield place
        elif isinstance(held, list):
            yield from ((*place, number) for number in range(len(held)) if child(held, number) is not None)


def _escaped(step: str) -> str:
    """A key as Helm's --set reads it."""
    return "".join("\\" + letter if letter in ",.=[]{}\\" else letter for letter in step)
