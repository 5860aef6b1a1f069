"""How one application is: what Git wants of it, what was synced, and how that went."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.argocd.cluster import Cluster
from sandbox.argocd.health import Health, health_of, worst
from sandbox.argocd.manifests import Key, Manifest
from sandbox.argocd.options import Application


@dataclass
class Operation:
    """One sync; `results` has a row for each object."""

    by: str
    revision: str
    started_at: str
    phase: str = "Running"
    message: str = "waiting for completion"
    finished_at: str | None = None
    results: list[dict[str, str]] = field(default_factory=list)


@dataclass
class State:
    """How an application is. `targets` is what Git wants, empty until it was looked at."""

    app: Application
    auto_sync: bool
    revision: str = ""
    synced_revision: str = ""
    sync: str = "Unknown"
    error: str = ""
    source_type: str = ""
    opaque: str = ""
    tried: str = ""
    reconciled_at: str = ""
    operation: Operation | None = None
    history: list[dict[str, Any]] = field(default_factory=list)
    targets: dict[Key, Manifest] = field(default_factory=dict)

    def is_due(self) -> bool:
        """Whether it would sync by itself now; it does not try the same commit again."""
        return self.sync == "OutOfSync" and self.auto_sync and self.tried != self.revision

    def resources(self, cluster: Cluster, now: datetime) -> list["Resource"]:
        """Each object that Git wants or that was applied, by key."""
        name = self.app.name
        owned = {k for k, live in cluster.objects.items() if live.app == name and live.applied is not None}
        rows = []
        for key in sorted(owned | set(self.targets)):
            live = cluster.objects.get(key)
            same = live is not None and live.applied == self.targets.get(key)
            surplus = key not in self.targets and not self.error
            health = health_of(cluster, key, now)
            rows.append(Resource(key, "Synced" if same or self.error else "OutOfSync", health, surplus))
        return rows

    def health(self, cluster: Cluster, now: datetime) -> str:
        """How the whole application is doing."""
        if self.error and not self.synced_revision:
            return "Unknown"
        return worst(row.health for row in self.resources(cluster, now))


@dataclass(frozen=True)
class Resource:
    """One object of an application; `surplus` ones are not in Git any more."""

    key: Key
    sync: str
    health: Health | None
    surplus: bool
