"""Where the values of a Helm release stand: in values files, and inside the objects that order a release.

Argo CD merges, weakest first, `valueFiles`, `values`, `valuesObject` and `parameters` (its docs, "Helm"), so
an edit belongs where the last word on a key is said. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import yaml

from gitops.edits import Append, Operation, Path, Put, Text, Within, child, parse, string
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


def orders_release(manifest: Manifest) -> bool:
    """Whether a controller renders a chart for an object: a HelmRelease, or an application of a chart."""
    if manifest.kind == "HelmRelease" and manifest.group == "helm.toolkit.fluxcd.io":
        return True
    return any(
        manifest.get(*source, "chart") is not None or manifest.get(*source, "helm") is not None
        for source in _sources(manifest)
    )


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


_REFERENCE = re.compile(r"\.Values((?:\.[A-Za-z0-9_-]+)+)")
_GUESSED_ACCOUNT_KEYS = (
    ("serviceAccount", "annotations"),
    ("rbac", "serviceAccount", "annotations"),
    ("rbac", "serviceAccountAnnotations"),
    ("serviceAccountAnnotations",),
)
_GUESSED_LABEL_KEYS = (
    ("podLabels",),
    ("pod", "labels"),
    ("extraPodLabels",),
    ("additionalPodLabels",),
    ("deployment", "podLabels"),
    ("controller", "podLabels"),
    ("labels",),
    ("extraLabels",),
    ("additionalLabels",),
    ("commonLabels",),
)


def account_keys(templates: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Where the values that templates name may hold a ServiceAccount's annotations, likeliest first.

    Only rendering says which of them the chart really reads.
    """
    read = _references(templates, "annotations")
    likely = [key for key in read if "account" in "".join(key).lower()]
    return tuple(dict.fromkeys([*likely, *_below(templates, _GUESSED_ACCOUNT_KEYS), *read]))


def label_keys(templates: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Where the values that a chart's templates name may hold the labels of its pods, likeliest first."""
    read = _references(templates, "labels")
    likely = [key for key in read if "pod" in "".join(key).lower()]
    return tuple(dict.fromkeys([*likely, *_below(templates, _GUESSED_LABEL_KEYS), *read]))


def _references(templates: Iterable[str], ending: str) -> list[tuple[str, ...]]:
    found = {tuple(path[1:].split(".")) for text in templates for path in _REFERENCE.findall(text)}
    return sorted((key for key in found if key[-1].lower().endswith(ending)), key=lambda key: (len(key), key))


def _below(templates: Iterable[str], guesses: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    """The guesses whose first word some template names."""
    roots = {path[1:].split(".")[0] for text in templates for path in _REFERENCE.findall(text)}
    return [guess for guess in guesses if guess[0] in roots]


def lacking_dependencies(chart: bytes, paths: Iterable[str]) -> tuple[str, ...]:
    """The names of the charts that a Chart.yaml depends on and that are not vendored beside it."""
    documents = parse(Text.decode(chart).body)
    listed = child(documents[0], "dependencies") if documents else None
    names = [string(item, "name") or "" for item in (listed if isinstance(listed, list) else [])]
    vendored = [path.partition("/charts/")[2] or path.removeprefix("charts/") for path in paths]
    return tuple(
        name for name in names if not any(one.startswith((f"{name}/", f"{name}-")) for one in vendored)
    )


def values_of(path: str, content: bytes) -> dict[str, Any]:
    """A values file as Helm reads it; refused when it is no mapping."""
    body = Text.decode(content).body
    # The bounded reading comes first: an alias bomb never reaches the loader that builds what it stands for.
    try:
        parse(body)
        loaded = yaml.load(body, _Values) or {}
    except Refused as refused:
        raise refused.at(path) from None
    if not isinstance(loaded, dict):
        raise Refused(Reason.UNSUPPORTED, "The values file is no mapping.", "Mend the file first.", path)
    return loaded


def merged(weaker: Mapping[str, Any], stronger: Mapping[str, Any]) -> dict[str, Any]:
    """Two sets of values as Helm merges them: mappings key by key, everything else replaced."""
    result = dict(weaker)
    for key, value in stronger.items():
        held = result.get(key)
        nested = isinstance(held, dict) and isinstance(value, dict)
        result[key] = merged(cast("dict[str, Any]", held), value) if nested else value
    return result


class _Values(yaml.CSafeLoader):
    """Reads dates as text, as they are written: values become JSON on their way to Helm."""


_Values.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
