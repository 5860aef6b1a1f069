"""A GitOps repository with many workloads, what their people ask for, and what must have come of it."""

from collections import Counter
from pathlib import Path
from typing import Any

import pygit2

MANIFESTS = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {name}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      serviceAccountName: {name}
      containers:
        - name: {name}
          image: shopregistry.azurecr.io/{name}:main
"""
CLUSTER_OWN = "id-identity-bot"


def names(count: int) -> list[str]:
    """So many service accounts."""
    return [f"worker-{number:02}" for number in range(1, count + 1)]


def repository(folder: Path, count: int) -> Path:
    """A checkout in which each workload has a directory of its own."""
    made = pygit2.init_repository(folder, initial_head="main")
    for name in names(count):
        place = folder / "apps" / name / "dev"
        place.mkdir(parents=True)
        (place / "app.yaml").write_text(MANIFESTS.format(name=name))
    made.index.add_all()
    made.index.write()
    author = pygit2.Signature("Rosa Okafor", "rosa@example.com", 1_700_000_000, 0)
    made.create_commit("HEAD", author, author, "Add the workers", made.index.write_tree(), [])
    return folder


def ask(name: str) -> str:
    """What somebody says for one of them."""
    return (
        f"@identity {name} in namespace worker on dev-weu needs to read secrets from kv-payments-dev "
        "because it works"
    )


def complaints(view: dict[str, Any], count: int) -> list[str]:
    """What is not exactly once there: identity, credential, grant, pull request. None when all is well."""
    wanted = {f"id-{name}-dev" for name in names(count)}
    identities = [i for i in view["arm"]["identities"] if i["name"] != CLUSTER_OWN]
    found = [] if {i["name"] for i in identities} == wanted else ["identities are missing or too many"]
    if len(identities) != count:
        found.append(f"{len(identities)} identities, not {count}")
    for identity in identities:
        if len(identity["credentials"]) != 1 or len(identity["assignments"]) != 1:
            found.append(f"{identity['name']} has not one credential and one grant")
    pulls = Counter(path for pull in view["github"]["pulls"] for path in {f["path"] for f in pull["files"]})
    for name in names(count):
        if pulls[f"apps/{name}/dev/app.yaml"] != 1:
            found.append(f"{pulls[f'apps/{name}/dev/app.yaml']} pull requests for {name}")
    return found
