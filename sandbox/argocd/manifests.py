"""Kubernetes manifests as plain dictionaries: what names them, and where their pods come from."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]
CLUSTER_SCOPED = {
    "APIService",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingWebhookConfiguration",
}
WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet"}


@dataclass(frozen=True, order=True)
class Key:
    """What names an object in a cluster; `group` is empty for the core."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.group}/{self.kind}/{self.namespace}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> "Key":
        """The key that was written as text."""
        group, kind, namespace, name = text.split("/", 3)
        return cls(group, kind, namespace, name)

    @property
    def short(self) -> str:
        """`Kind/name`, as people say it."""
        return f"{self.kind}/{self.name}"


def group_version(manifest: Manifest) -> tuple[str, str]:
    """The API group (empty for the core) and version."""
    group, slash, version = str(manifest.get("apiVersion", "v1")).rpartition("/")
    return (group, version) if slash else ("", version)


def key_of(manifest: Manifest) -> Key:
    """What names this object."""
    metadata = manifest.get("metadata") or {}
    group, _ = group_version(manifest)
    return Key(
        group, str(manifest.get("kind", "")), metadata.get("namespace", ""), str(metadata.get("name", ""))
    )


def pod_template(manifest: Manifest) -> Manifest | None:
    """The pod template of a workload, a Job or a CronJob."""
    spec = manifest.get("spec") or {}
    if manifest.get("kind") == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    template = spec.get("template")
    return template if isinstance(template, dict) and manifest.get("kind") != "PodTemplate" else None


def service_account_name(pod_spec: Manifest) -> str:
    """The account that a pod runs as."""
    return str(pod_spec.get("serviceAccountName") or pod_spec.get("serviceAccount") or "default")


def fingerprint(value: Any) -> str:
    """Nine letters and digits that change when the value does."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:9]
