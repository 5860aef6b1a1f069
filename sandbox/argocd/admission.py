"""What the Kubernetes API refuses: the mistakes that an edit of labels and annotations can make."""

import re
from typing import Any

from sandbox.argocd.manifests import Manifest, key_of, pod_template

NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
GO_TYPES = {bool: "bool", int: "number", float: "number", list: "array", dict: "object"}


def refusal(manifest: Manifest, before: Manifest | None) -> str | None:
    """Why the API would not take this object in place of the one before, or None when it would."""
    key = key_of(manifest)
    template = pod_template(manifest)
    places: list[tuple[str, Any]] = [("metadata", manifest.get("metadata"))]
    if template is not None:
        places.append(("spec.template.metadata", template.get("metadata")))
    for where, metadata in places:
        if told := _not_strings(metadata or {}, where):
            return f'{key.kind} in version "{_version(manifest)}" cannot be handled as a {key.kind}: {told}'
    if not NAME.fullmatch(key.name):
        told = f'metadata.name: Invalid value: "{key.name}": a lowercase RFC 1123 subdomain'
        return f'{key.kind} "{key.name}" is invalid: {told}'
    if key.kind == "Deployment":
        return _deployment(manifest, before)
    return None


def _not_strings(metadata: Manifest, where: str) -> str | None:
    for field in ("labels", "annotations"):
        for value in (metadata.get(field) or {}).values():
            if not isinstance(value, str):
                found = GO_TYPES.get(type(value), "null")
                target = f"ObjectMeta.{where}.{field}"
                return f"json: cannot unmarshal {found} into Go struct field {target} of type string"
    return None


def _deployment(manifest: Manifest, before: Manifest | None) -> str | None:
    spec = manifest.get("spec") or {}
    selector = (spec.get("selector") or {}).get("matchLabels") or {}
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    told = f'Deployment.apps "{key_of(manifest).name}" is invalid: '
    if not selector.items() <= labels.items():
        return (
            f"{told}spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`"
        )
    if before is not None and selector != ((before["spec"].get("selector") or {}).get("matchLabels") or {}):
        return f"{told}spec.selector: Invalid value: field is immutable"
    return None


def _version(manifest: Manifest) -> str:
    return str(manifest.get("apiVersion", "v1")).rpartition("/")[2]
