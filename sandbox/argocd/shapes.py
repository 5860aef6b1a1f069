"""JSON bodies as Argo CD gives them, from plain values; tests hold them against its swagger."""

import copy
import json
import uuid
import zlib
from datetime import datetime
from typing import Any

from sandbox.argocd.cluster import Cluster, Event, Live
from sandbox.argocd.controller import Controller
from sandbox.argocd.health import Health, health_of
from sandbox.argocd.manifests import Key, Manifest, group_version, pod_template
from sandbox.argocd.options import Options
from sandbox.argocd.state import Operation, Resource, State
from sandbox.github.pull import stamp

NAMESPACE = "argocd"
MADE = "2024-03-01T08:00:00Z"
SECRET_DOTS = "++++++++"


def uid_of(name: str) -> str:
    """A uid that follows from a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"argocd:{name}"))


def source(options: Options, state: State) -> dict[str, Any]:
    """Where an application's manifests come from (`v1alpha1ApplicationSource`)."""
    app = state.app
    found: dict[str, Any] = {"repoURL": options.repo_url, "path": app.path, "targetRevision": app.revision}
    return {**found, "helm": {"valueFiles": list(app.values)}} if app.values else found


def application(options: Options, controller: Controller, name: str) -> dict[str, Any]:
    """An application (`v1alpha1Application`)."""
    state = controller.states[name]
    automated = {"automated": {"prune": True, "selfHeal": True}} if state.auto_sync else {}
    return {
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "uid": uid_of(name),
            "creationTimestamp": MADE,
            "generation": 1,
            "resourceVersion": str(zlib.crc32(f"{state.revision} {state.reconciled_at}".encode())),
        },
        "spec": {
            "project": state.app.project,
            "source": source(options, state),
            "destination": {"name": state.app.cluster, "namespace": state.app.namespace},
            "syncPolicy": {**automated, "syncOptions": ["CreateNamespace=true"]},
        },
        "status": _status(options, controller, state),
    }


def _status(options: Options, controller: Controller, state: State) -> dict[str, Any]:
    cluster, now = controller.cluster(state.app.name), controller.clock.now()
    rows = state.resources(cluster, now)
    mine = [live.manifest for live in cluster.objects.values() if live.app == state.app.name]
    compared = {
        "source": source(options, state),
        "destination": {"name": state.app.cluster, "namespace": state.app.namespace},
    }
    status: dict[str, Any] = {
        "sync": {"status": state.sync, "revision": state.revision, "comparedTo": compared},
        "health": {"status": state.health(cluster, now)},
        "resources": [_resource_status(cluster, row) for row in rows],
        "history": [{**entry, "source": source(options, state)} for entry in state.history],
        "reconciledAt": state.reconciled_at,
        "sourceType": state.source_type or "Directory",
        "summary": {"images": _images(mine)},
        "controllerNamespace": NAMESPACE,
    }
    if state.error:
        told = {"type": "ComparisonError", "message": state.error, "lastTransitionTime": state.reconciled_at}
        status["conditions"] = [told]
    if state.operation is not None:
        status["operationState"] = _operation(options, state, state.operation)
    return status


def _operation(options: Options, state: State, made: Operation) -> dict[str, Any]:
    automated = made.by == "automated"
    asked: dict[str, Any] = {"initiatedBy": {"automated": True} if automated else {"username": made.by}}
    asked["sync"] = {"revision": made.revision, "prune": True}
    found: dict[str, Any] = {
        "operation": asked,
        "phase": made.phase,
        "message": made.message,
        "startedAt": made.started_at,
        "syncResult": {
            "revision": made.revision,
            "source": source(options, state),
            "resources": [{**row, "hookPhase": "Running", "syncPhase": "Sync"} for row in made.results],
        },
    }
    return {**found, "finishedAt": made.finished_at} if made.finished_at else found


def _resource_status(cluster: Cluster, row: Resource) -> dict[str, Any]:
    found: dict[str, Any] = _ref(cluster, row.key) | {"status": row.sync}
    if row.health is not None:
        found["health"] = _health(row.health)
    return {**found, "requiresPruning": True} if row.surplus else found


def _ref(cluster: Cluster, key: Key) -> dict[str, Any]:
    live = cluster.objects.get(key)
    version = group_version(live.manifest)[1] if live else "v1"
    named = {"version": version, "kind": key.kind, "namespace": key.namespace, "name": key.name}
    return {"group": key.group, **named} if key.group else named


def _health(health: Health) -> dict[str, str]:
    return {"status": health[0], "message": health[1]} if health[1] else {"status": health[0]}


def _images(manifests: list[Manifest]) -> list[str]:
    found: set[str] = set()
    for manifest in manifests:
        spec = (manifest if manifest["kind"] == "Pod" else pod_template(manifest) or {}).get("spec") or {}
        found |= {str(c["image"]) for c in spec.get("containers") or [] if "image" in c}
    return sorted(found)


def tree(controller: Controller, name: str) -> dict[str, Any]:
    """Every object of an application, also what was made of them (`v1alpha1ApplicationTree`)."""
    state = controller.states[name]
    cluster, now = controller.cluster(name), controller.clock.now()
    nodes = []
    for row in state.resources(cluster, now):
        if row.key in cluster.objects:
            nodes.append(_node(cluster, row.key, now))
            nodes += [_node(cluster, key, now) for key, _ in cluster.children(row.key)]
    return {"nodes": nodes}


def _node(cluster: Cluster, key: Key, now: datetime) -> dict[str, Any]:
    live = cluster.objects[key]
    metadata = live.manifest["metadata"]
    node = _ref(cluster, key) | {
        "uid": metadata["uid"],
        "resourceVersion": metadata.get("resourceVersion", "1"),
        "createdAt": metadata["creationTimestamp"],
    }
    if live.owner:
        owner = Key.parse(live.owner)
        uid = cluster.objects[owner].manifest["metadata"]["uid"]
        node["parentRefs"] = [_ref(cluster, owner) | {"uid": uid}]
    if (health := health_of(cluster, key, now)) is not None:
        node["health"] = _health(health)
    if key.kind == "Pod":
        ready = live.is_ready(now)
        count = len(live.manifest["spec"].get("containers") or [])
        word = "Running" if ready else "ContainerCreating"
        node["info"] = [
            {"name": "Status Reason", "value": word},
            {"name": "Node", "value": live.manifest["spec"]["nodeName"]},
            {"name": "Containers", "value": f"{count if ready else 0}/{count}"},
        ]
        node["images"] = _images([live.manifest])
    return node


def live_manifest(live: Live, now: datetime) -> Manifest:
    """An object as the cluster gives it: with a pod's status, and Secrets masked as Argo CD does it."""
    shown = copy.deepcopy(live.manifest)
    if shown["kind"] == "Secret":
        for part in ("data", "stringData"):
            shown[part] = dict.fromkeys(shown.get(part) or {}, SECRET_DOTS)
    if shown["kind"] == "Pod":
        shown["status"] = _pod_status(live, now)
    return shown


def _pod_status(live: Live, now: datetime) -> Manifest:
    ready = live.is_ready(now)
    at = stamp(datetime.fromisoformat(live.ready if ready else live.created))
    waiting = {"waiting": {"reason": "ContainerCreating"}}
    state: Manifest = {"running": {"startedAt": at}} if ready else waiting
    word = "True" if ready else "False"
    containers = live.manifest["spec"].get("containers") or []
    return {
        "phase": "Running" if ready else "Pending",
        "conditions": [{"type": "Ready", "status": word, "lastTransitionTime": at}],
        "startTime": live.manifest["metadata"]["creationTimestamp"],
        "containerStatuses": [
            {
                "name": c["name"],
                "image": c.get("image", ""),
                "ready": ready,
                "started": ready,
                "restartCount": 0,
                "state": state,
            }
            for c in containers
        ],
    }


def managed(controller: Controller, name: str) -> list[dict[str, Any]]:
    """What Git wants of each object beside what is live (`v1alpha1ResourceDiff`)."""
    state = controller.states[name]
    cluster, now = controller.cluster(name), controller.clock.now()
    rows = []
    for row in state.resources(cluster, now):
        target, live = state.targets.get(row.key), cluster.objects.get(row.key)
        shown = json.dumps(live_manifest(live, now)) if live else "null"
        wanted = json.dumps(target) if target else "null"
        predicted = json.dumps({**live_manifest(live, now), **target}) if live and target else wanted
        rows.append(
            {
                "group": row.key.group,
                "kind": row.key.kind,
                "namespace": row.key.namespace,
                "name": row.key.name,
                "targetState": wanted,
                "liveState": shown,
                "normalizedLiveState": shown,
                "predictedLiveState": predicted,
                "resourceVersion": live.manifest["metadata"].get("resourceVersion", "1") if live else "",
                "modified": row.sync != "Synced",
            }
        )
    return rows


def event_list(cluster: Cluster, events: list[Event]) -> dict[str, Any]:
    """Kubernetes events (`v1EventList`)."""
    return {"metadata": {}, "items": [_event(cluster, number, e) for number, e in enumerate(events)]}


def _event(cluster: Cluster, number: int, event: Event) -> dict[str, Any]:
    key = Key.parse(event.key)
    live = cluster.objects.get(key)
    uid = live.manifest["metadata"]["uid"] if live else ""
    return {
        "metadata": {
            "name": f"{key.name}.{number:016x}",
            "namespace": key.namespace,
            "creationTimestamp": event.at,
        },
        "involvedObject": {"kind": key.kind, "namespace": key.namespace, "name": key.name, "uid": uid},
        "reason": event.reason,
        "message": event.message,
        "type": event.type,
        "count": 1,
        "firstTimestamp": event.at,
        "lastTimestamp": event.at,
        "source": {"component": "kubelet" if key.kind == "Pod" else "controller-manager"},
    }
