"""Kubernetes objects in YAML files: which there are, whose pods they make, and when pods see a change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gitops.edits import Path, Text, Tree, child, parse, string
from gitops.errors import Refused

CLIENT_ID = "azure.workload.identity/client-id"
TENANT_ID = "azure.workload.identity/tenant-id"
USE = "azure.workload.identity/use"

# Kind and the first part of its apiVersion's group, to where its pod template stands.
_TEMPLATES: dict[str, Path] = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "DeploymentConfig": ("spec", "template"),
    "Rollout": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "ScaledJob": ("spec", "jobTargetRef", "template"),
    "Pod": (),
}
_GROUPS = {
    "Deployment": ("apps", "extensions"),
    "StatefulSet": ("apps",),
    "DaemonSet": ("apps", "extensions"),
    "ReplicaSet": ("apps", "extensions"),
    "ReplicationController": ("",),
    "DeploymentConfig": ("apps.openshift.io", ""),
    "Rollout": ("argoproj.io",),
    "Job": ("batch",),
    "CronJob": ("batch",),
    "ScaledJob": ("keda.sh",),
    "Pod": ("",),
}


class Effect(StrEnum):
    """When pods see the change once it is merged and synced."""

    ROLLS_NOW = "rolls now"
    NEXT_RUN = "next run"
    NEVER_BY_ITSELF = "never by itself"
    BREAKS_THE_SYNC = "breaks the sync"


@dataclass(frozen=True)
class Manifest:
    """One object: the file, the document's number in it, and the way to it (not empty in a List)."""

    path: str
    document: int
    at: Path
    tree: Tree
    api_version: str
    kind: str
    name: str
    namespace: str | None

    @property
    def group(self) -> str:
        """The API group, empty for the core."""
        return self.api_version.partition("/")[0] if "/" in self.api_version else ""

    @property
    def title(self) -> str:
        """Kind and name."""
        return f"{self.kind} {self.name}"

    def get(self, *path: str | int) -> Tree | None:
        """What stands at a path in the object."""
        return child(self.tree, *path)

    def string(self, *path: str | int) -> str | None:
        """The text at a path in the object."""
        return string(self.tree, *path)


@dataclass(frozen=True)
class Unread:
    """A file that could not be read as manifests, and why."""

    path: str
    why: Refused


def read(path: str, content: bytes) -> tuple[Manifest, ...]:
    """Every object of a file, those in a `kind: List` one by one; refused when the file is no YAML."""
    try:
        documents = parse(Text.decode(content).body)
    except Refused as refused:
        raise refused.at(path) from None
    return tuple(
        manifest for number, tree in enumerate(documents) for manifest in objects(path, number, tree)
    )


def is_manifest_file(path: str) -> bool:
    """Whether Argo CD reads a file of that name in a plain directory."""
    return path.endswith((".yaml", ".yml", ".json"))


def pod_template(manifest: Manifest) -> Path | None:
    """Where an object's pod template stands in it; None for an object that makes no pods."""
    if manifest.group not in _GROUPS.get(manifest.kind, ()):
        return None
    return _TEMPLATES[manifest.kind]


def is_workload(manifest: Manifest) -> bool:
    """Whether an object makes pods."""
    return pod_template(manifest) is not None


def is_complete(manifest: Manifest) -> bool:
    """Whether an object that makes pods says what runs in them; a patch among manifests does not."""
    template = pod_template(manifest)
    return template is not None and bool(manifest.get(*template, "spec", "containers"))


def account_of(manifest: Manifest) -> str | None:
    """The service account that an object's pods run as; None when none is named."""
    template = pod_template(manifest)
    if template is None:
        return None
    spec = (*template, "spec")
    return manifest.string(*spec, "serviceAccountName") or manifest.string(*spec, "serviceAccount") or None


def label_path(manifest: Manifest, label: str = USE) -> Path:
    """Where a label of an object's pods stands in it."""
    return (*(pod_template(manifest) or ()), "metadata", "labels", label)


def account_path(manifest: Manifest) -> Path:
    """Where the name of the service account of an object's pods stands in it."""
    return (*(pod_template(manifest) or ()), "spec", "serviceAccountName")


def effect(manifest: Manifest, template_changes: bool) -> Effect:
    """When an object's pods see the change.

    Without a change to the pod template nothing restarts, and the webhook acts on pods only when they are
    made (azure-workload-identity, "Concepts").
    """
    if manifest.kind in ("CronJob", "ScaledJob"):
        return Effect.NEXT_RUN
    if not template_changes:
        return Effect.NEVER_BY_ITSELF
    if manifest.kind == "Job":
        return Effect.NEXT_RUN if _is_remade(manifest) else Effect.BREAKS_THE_SYNC
    if manifest.kind in ("Pod", "ReplicaSet", "ReplicationController") or _is_held(manifest):
        return Effect.NEVER_BY_ITSELF
    return Effect.ROLLS_NOW


def _is_held(manifest: Manifest) -> bool:
    strategy = manifest.string("spec", "updateStrategy", "type")
    return manifest.string("spec", "paused") == "true" or strategy == "OnDelete"


def _is_remade(manifest: Manifest) -> bool:
    """Whether a Job, whose template cannot be changed, is made anew by a sync: hooks, Replace and Force."""
    annotations = manifest.get("metadata", "annotations")
    if string(annotations, "argocd.argoproj.io/hook") or string(annotations, "helm.sh/hook"):
        return True
    options = (string(annotations, "argocd.argoproj.io/sync-options") or "").replace(" ", "").split(",")
    return {"Replace=true", "Force=true"} <= set(options)


def objects(path: str, number: int, tree: Tree, at: Path = ()) -> Iterator[Manifest]:
    """The objects of a document, those in a `kind: List` one by one."""
    kind, version = string(tree, "kind"), string(tree, "apiVersion")
    items = child(tree, "items")
    if kind and kind.endswith("List") and isinstance(items, list):
        for place, item in enumerate(items):
            yield from objects(path, number, item, (*at, "items", place))
    elif kind and version:
        name = string(tree, "metadata", "name") or string(tree, "metadata", "generateName") or ""
        namespace = string(tree, "metadata", "namespace")
        yield Manifest(path, number, at, tree, version, kind, name, namespace or None)
