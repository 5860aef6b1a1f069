"""What the sandbox's page shows of Argo CD; README.md beside this file describes it."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sandbox.argocd.cluster import Cluster, Event, Live
from sandbox.argocd.controller import Controller
from sandbox.argocd.health import pod_health
from sandbox.argocd.injection import CLIENT_ID, LABEL, TENANT_ID, environment, has_token
from sandbox.argocd.manifests import Key, group_version
from sandbox.argocd.options import Options
from sandbox.argocd.render import TRACKING
from sandbox.argocd.state import Resource, State
from sandbox.argocd.tokens import token_line

EVENTS = 200
Azure = Callable[[], dict[str, Any] | None]


def view(options: Options, controller: Controller, azure: Azure) -> dict[str, Any]:
    """Applications with their pods, and the last events."""
    told = azure()
    events = sorted((e for c in controller.clusters.values() for e in c.events), key=lambda e: e.at)
    names = sorted(controller.states)
    return {
        "applications": [application_view(options, controller, name, told) for name in names],
        "events": [_event(e) for e in events[-EVENTS:]],
    }


def application_view(
    options: Options, controller: Controller, name: str, azure: dict[str, Any] | None
) -> dict[str, Any]:
    """One application."""
    state, cluster, now = controller.states[name], controller.cluster(name), controller.clock.now()
    rows = state.resources(cluster, now)
    mine = [(k, cluster.objects[k]) for k in sorted(cluster.objects) if cluster.objects[k].app == name]
    operation = state.operation
    return {
        "name": name,
        "project": state.app.project,
        "cluster": state.app.cluster,
        "namespace": state.app.namespace,
        "path": state.app.path,
        "values": list(state.app.values),
        "repo_url": options.repo_url,
        "target_revision": state.app.revision,
        "revision": state.revision,
        "synced_revision": state.synced_revision,
        "auto_sync": state.auto_sync,
        "sync": state.sync,
        "health": state.health(cluster, now),
        "message": _message(state, rows),
        "operation": {k: v for k, v in asdict(operation).items() if k != "results"} if operation else None,
        "resources": [_resource(cluster, row) for row in rows],
        "service_accounts": [_account(key, live) for key, live in mine if key.kind == "ServiceAccount"],
        "pods": [_pod(cluster, key, live, now, azure) for key, live in mine if key.kind == "Pod"],
    }


def _message(state: State, rows: list[Resource]) -> str:
    if state.error:
        return state.error
    if state.operation and state.operation.phase in ("Failed", "Error"):
        return state.operation.message
    ill = [f"{r.key.short}: {r.health[1]}" for r in rows if r.health and r.health[1]]
    away = [r.key.short for r in rows if r.sync == "OutOfSync"]
    return "; ".join([*ill, *([f"out of sync: {', '.join(away)}"] if away else [])])


def _resource(cluster: Cluster, row: Resource) -> dict[str, Any]:
    live = cluster.objects.get(row.key)
    return {
        **asdict(row.key),
        "version": group_version(live.manifest)[1] if live else "",
        "sync": row.sync,
        "health": row.health[0] if row.health else None,
        "message": row.health[1] if row.health else "",
    }


def _account(key: Key, live: Live) -> dict[str, Any]:
    held = live.manifest["metadata"].get("annotations") or {}
    annotations = {k: v for k, v in held.items() if k != TRACKING}
    return {
        "name": key.name,
        "namespace": key.namespace,
        "client_id": annotations.get(CLIENT_ID),
        "tenant_id": annotations.get(TENANT_ID),
        "annotations": annotations,
    }


def _pod(
    cluster: Cluster, key: Key, live: Live, now: datetime, azure: dict[str, Any] | None
) -> dict[str, Any]:
    health, message = pod_health(cluster, live, now)
    told = environment(live.manifest)
    line = token_line(azure, cluster.name, key, live) if live.is_ready(now) else None
    top = Key.parse(live.owner)
    while top in cluster.objects and cluster.objects[top].owner:
        top = Key.parse(cluster.objects[top].owner)
    return {
        "name": key.name,
        "namespace": key.namespace,
        "owner": top.short,
        "service_account": live.manifest["spec"]["serviceAccountName"],
        "health": health,
        "message": message,
        "created_at": live.manifest["metadata"]["creationTimestamp"],
        "labelled": (live.manifest["metadata"].get("labels") or {}).get(LABEL) == "true",
        "token": has_token(live.manifest),
        "client_id": told.get("AZURE_CLIENT_ID"),
        "tenant_id": told.get("AZURE_TENANT_ID"),
        "logs": [*([line] if line else []), *live.lines],
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "at": event.at,
        "application": event.app,
        "type": event.type,
        "reason": event.reason,
        "message": event.message,
        "object": Key.parse(event.key).short,
    }
