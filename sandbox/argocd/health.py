"""How objects, pods and whole applications are doing, in Argo CD's words."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sandbox.argocd.cluster import Cluster, Live
from sandbox.argocd.manifests import WORKLOADS, Key

WITHOUT = {
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "CronJob",
}
"""Kinds that Argo CD gives no health."""
DEADLINE = 600
ORDER = ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")
"""From best to worst, as Argo CD adds them up."""
Health = tuple[str, str]


def health_of(cluster: Cluster, key: Key, now: datetime) -> Health | None:
    """An object's health and what there is to say about it; None for kinds that have none."""
    live = cluster.objects.get(key)
    if live is None:
        return None if key.kind in WITHOUT else ("Missing", "")
    if key.kind == "Pod":
        return pod_health(cluster, live, now)
    if key.kind in WORKLOADS:
        return _workload(cluster, key, live, now)
    if key.kind == "ReplicaSet":
        problem = cluster.objects[Key.parse(live.owner)].problem if live.owner else ""
        return ("Degraded", problem) if problem and not cluster.pods(key) else ("Healthy", "")
    return None if key.kind in WITHOUT else ("Healthy", "")


def pod_health(cluster: Cluster, live: Live, now: datetime) -> Health:
    """A pod's health."""
    if not live.is_ready(now):
        return "Progressing", ""
    return "Healthy", ""


def _workload(cluster: Cluster, key: Key, live: Live, now: datetime) -> Health:
    wanted, current = cluster.replicas(key), cluster.current(key)
    ready = sum(1 for _, pod in current if pod.is_ready(now))
    if ready >= wanted:
        return "Healthy", ""
    since = _changed_at(cluster, key, live)
    deadline = int(live.manifest["spec"].get("progressDeadlineSeconds", DEADLINE))
    if live.problem and now - since > timedelta(seconds=deadline):
        return "Degraded", f'{key.kind} "{key.name}" exceeded its progress deadline'
    told = f"Waiting for rollout to finish: {ready} of {wanted} updated replicas are available..."
    return "Progressing", told


def _changed_at(cluster: Cluster, key: Key, live: Live) -> datetime:
    made = [child.created for k, child in cluster.children(key) if k.kind == "ReplicaSet"]
    return datetime.fromisoformat(max([live.created, *made]))


def worst(found: Iterable[Health | None]) -> str:
    """An application's health from that of what it applied."""
    states = [health[0] for health in found if health is not None]
    return max(states, key=ORDER.index, default="Healthy")
