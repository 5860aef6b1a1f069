"""The ServiceAccount that comes out of a proposal, whichever way it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gitops.edits import Scalar, Tree
from gitops.errors import Reason, Refused
from gitops.manifests import CLIENT_ID, TENANT_ID
from gitops.propose.values import Wanted


@dataclass(frozen=True)
class Account:
    """What became of the ServiceAccount; `source_name` is the name before prefixes and suffixes."""

    strategy: str
    why: str
    source_name: str
    is_new: bool
    result: dict[str, Any]
    notes: tuple[str, ...] = ()


def strings(tree: Tree | None) -> dict[str, str]:
    """The scalars of a mapping as they are written."""
    items = tree.items() if isinstance(tree, dict) else ()
    return {
        key: value.value
        for key, value in items
        if isinstance(key, str) and isinstance(value, Scalar) and not value.is_null
    }


def refuse_other(annotations: dict[str, str], wanted: Wanted, path: str) -> None:
    """Refuse when the account carries another identity than the wanted one, with both shown."""
    for key, value in ((CLIENT_ID, wanted.client_id), (TENANT_ID, wanted.tenant_id)):
        there = annotations.get(key)
        may_go = key == CLIENT_ID and there == wanted.replaces
        if there and there.lower() != value.lower() and not may_go:
            raise Refused(
                Reason.ALREADY_OTHERWISE,
                f"ServiceAccount {wanted.service_account} has {key} {there} already; asked for is {value}.",
                "Use the identity that is there, or ask for its replacement, which is approved apart.",
                path,
            )


def account_object(wanted: Wanted, annotations: dict[str, str]) -> dict[str, Any]:
    """The resulting object's name, namespace and annotations, the client id left out."""
    result = annotations | {TENANT_ID: wanted.tenant_id}
    result.pop(CLIENT_ID, None)
    return {
        "name": wanted.service_account,
        "namespace": wanted.namespace,
        "annotations": dict(sorted(result.items())),
    }
