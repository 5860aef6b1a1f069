"""What Argo CD says, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Source:
    """Where manifests come from; `values` are the Helm value files, and `ref` is its name in those."""

    repository: str
    path: str = ""
    revision: str = ""
    chart: str = ""
    ref: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """The last sync: its phase (Running, Succeeded, Failed, Error, Terminating) and Argo CD's own words."""

    phase: str
    message: str = ""


@dataclass(frozen=True)
class ApplicationSeen:
    """One application. `revisions` and `conditions` are known only when it was asked for alone.

    `destination` is the cluster's name in Argo CD or its address; `namespace` is Argo CD's default for what
    names none. `sync` is Synced, OutOfSync or Unknown, `health` Healthy, Progressing, Degraded, Suspended,
    Missing or Unknown.
    """

    name: str
    own_namespace: str
    project: str
    sources: tuple[Source, ...]
    destination: str
    namespace: str
    sync: str
    health: str
    revisions: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    operation: Operation | None = None
    auto_sync: bool = False
    rendered_from: tuple[str, ...] = ()
    """Further paths by `argocd.argoproj.io/manifest-generate-paths`, from the repository's root."""


@dataclass(frozen=True)
class Node:
    """An object of an application's tree, also one that a controller made; `parents` are uids."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str
    uid: str
    parents: tuple[str, ...] = ()
    health: str = ""
    message: str = ""


def application(found: dict[str, Any]) -> ApplicationSeen:
    """The application in Argo CD's JSON; every part but its name may be missing."""
    metadata, spec = found.get("metadata") or {}, found.get("spec") or {}
    status, destination = found.get("status") or {}, spec.get("destination") or {}
    sync, operation = status.get("sync") or {}, status.get("operationState") or {}
    sources = tuple(_source(one) for one in spec.get("sources") or [spec.get("source") or {}] if one)
    revisions = sync.get("revisions") or [sync.get("revision")]
    return ApplicationSeen(
        name=metadata["name"],
        own_namespace=metadata.get("namespace") or "",
        project=spec.get("project") or "",
        sources=sources,
        destination=destination.get("name") or destination.get("server") or "",
        namespace=destination.get("namespace") or "",
        sync=sync.get("status") or "Unknown",
        health=(status.get("health") or {}).get("status") or "Unknown",
        revisions=tuple(revision for revision in revisions if revision),
        conditions=tuple(f"{c.get('type')}: {c.get('message')}" for c in status.get("conditions") or ()),
        operation=_operation(operation),
        auto_sync=_syncs_by_itself(spec),
        rendered_from=_generate_paths(metadata, sources),
    )


def node(found: dict[str, Any]) -> Node:
    """One node in Argo CD's JSON; the parts of a reference stand inline (gitops.md 5)."""
    health = found.get("health") or {}
    reasons = [i.get("value") for i in found.get("info") or () if i.get("name") == "Status Reason"]
    return Node(
        group=found.get("group") or "",
        version=found.get("version") or "",
        kind=found.get("kind") or "",
        namespace=found.get("namespace") or "",
        name=found.get("name") or "",
        uid=found.get("uid") or "",
        parents=tuple(p.get("uid") or "" for p in found.get("parentRefs") or ()),
        health=health.get("status") or "",
        message=health.get("message") or next((str(r) for r in reasons if r), ""),
    )


def _source(found: dict[str, Any]) -> Source:
    return Source(
        repository=found.get("repoURL") or "",
        path=(found.get("path") or "").strip("/").removeprefix("./").rstrip("."),
        revision=found.get("targetRevision") or "",
        chart=found.get("chart") or "",
        ref=found.get("ref") or "",
        values=tuple((found.get("helm") or {}).get("valueFiles") or ()),
    )


def _operation(found: dict[str, Any]) -> Operation | None:
    return Operation(found["phase"], found.get("message") or "") if found.get("phase") else None


def _syncs_by_itself(spec: dict[str, Any]) -> bool:
    automated = (spec.get("syncPolicy") or {}).get("automated")
    return automated is not None and automated.get("enabled") is not False


def _generate_paths(metadata: dict[str, Any], sources: tuple[Source, ...]) -> tuple[str, ...]:
    told = (metadata.get("annotations") or {}).get("argocd.argoproj.io/manifest-generate-paths") or ""
    found: list[str] = []
    for part in filter(None, (p.strip() for p in told.split(";"))):
        if part.startswith("/"):
            found.append(normal(part))
        else:
            found += [normal(f"{source.path}/{part}") for source in sources]
    return tuple(dict.fromkeys(found))


def normal(path: str) -> str:
    """The path from the repository's root without `.`, `..` and slashes around it; "" is the root."""
    pieces: list[str] = []
    for piece in path.split("/"):
        if piece == "..":
            pieces = pieces[:-1]
        elif piece not in ("", "."):
            pieces.append(piece)
    return "/".join(pieces)
