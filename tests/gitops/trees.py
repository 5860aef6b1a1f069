"""Small repositories and wishes for them; a test states only its difference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from gitops.errors import Refused
from gitops.files import Files
from gitops.propose import KNOWN_AFTER_APPLY, NotLoaded, Proposal, Wanted, missing, propose, prove

CLIENT = "12345678-abcd-4ef0-9876-0123456789ab"
TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
OTHER = "99999999-abcd-4ef0-9876-0123456789ab"

ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: orders
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  selector:
    matchLabels:
      app: orders
  template:
    metadata:
      labels:
        app: orders
    spec:
      serviceAccountName: orders
      containers:
      - name: orders
        image: orders:1
"""


def tree(**files: str) -> dict[str, bytes]:
    """A repository from paths (with `__` for `/` and no extension) to texts."""
    return {f"{path.replace('__', '/')}.yaml": text.encode() for path, text in files.items()}


def kustomization(*resources: str, **more: Any) -> str:
    """A kustomization that lists resources."""
    return yaml.safe_dump({"kind": "Kustomization", "resources": list(resources), **more}, sort_keys=False)


def wanted(path: str = "app", **changes: Any) -> Wanted:
    """An identity for service account orders in namespace shop."""
    return replace(Wanted(path, "shop", "orders", CLIENT, TENANT), **changes)


def loaded(contents: dict[str, bytes], wish: Wanted) -> tuple[Files, int]:
    """Only the files that a wish needs, and in how many rounds they were asked for."""
    everything, files, rounds = Files.whole(contents), Files(), 0
    while more := missing(files, wish):
        files, rounds = more_of(everything, files, NotLoaded(more)), rounds + 1
        assert rounds < 30
    return files, rounds


def more_of(everything: Files, files: Files, need: NotLoaded) -> Files:
    """Some files with what was missing, taken from all of them."""
    for directory in need.missing.directories:
        entries = everything.entries(directory)
        files = files.with_directory(
            directory, {path.rpartition("/")[2]: everything.modes[path] for path in entries}
        )
    return files.with_files({path: everything.contents[path] for path in need.missing.files})


def proposed(contents: dict[str, bytes], wish: Wanted | None = None, is_proved: bool = True) -> Proposal:
    """The proposal from the few files that it asks for, proved by rendering, the same however it is asked."""
    wish = wish or wanted()
    everything = Files.whole(contents)
    files, _ = loaded(contents, wish)
    proposal = propose(files, wish)
    assert proposal == propose(everything, wish)
    if proposal.edits:
        later = propose(everything, replace(wish, client_id=KNOWN_AFTER_APPLY))
        assert later.essence() == proposal.essence()
    assert prove(everything, wish, proposal).is_proved is is_proved
    return proposal


def after(contents: dict[str, bytes], proposal: Proposal) -> dict[str, bytes]:
    """A repository with a proposal merged."""
    return contents | {edit.path: edit.after for edit in proposal.edits}


def added(proposal: Proposal) -> dict[str, list[str]]:
    """The lines that each file gets, without their margins; no line may go."""
    found: dict[str, list[str]] = {}
    for edit in proposal.edits:
        lines = [line for line in edit.diff().splitlines() if not line.startswith(("---", "+++", "@@", "\\"))]
        assert not [line for line in lines if line.startswith("-")], edit.diff()
        found[edit.path] = [line[1:].strip() for line in lines if line.startswith("+")]
    return found


ANNOTATIONS = [
    "annotations:",
    f'azure.workload.identity/client-id: "{CLIENT}"',
    f'azure.workload.identity/tenant-id: "{TENANT}"',
]
LABEL = 'azure.workload.identity/use: "true"'
LEAF = tree(
    app__kustomization=kustomization("sa.yaml", "deployment.yaml", namespace="shop"),
    app__sa=ACCOUNT,
    app__deployment=DEPLOYMENT,
)
OVERLAY = tree(
    app__kustomization=kustomization("../base", namespace="shop"),
    base__kustomization=kustomization("sa.yaml", "deployment.yaml"),
    base__sa=ACCOUNT,
    base__deployment=DEPLOYMENT,
)


def refused(contents: dict[str, bytes], wish: Wanted | None = None) -> Refused:
    """Why a wish is refused; every refusal says what to do instead."""
    with pytest.raises(Refused) as caught:
        propose(Files.whole(contents), wish or wanted())
    assert caught.value.remedy
    return caught.value
