"""One cluster: the objects in it, and the controllers that make pods of them."""

import copy
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sandbox.argocd.admission import refusal
from sandbox.argocd.injection import inject
from sandbox.argocd.manifests import (
    WORKLOADS,
    Key,
    Manifest,
    fingerprint,
    key_of,
    pod_template,
    service_account_name,
)
from sandbox.argocd.options import Options
from sandbox.github.pull import stamp

HASH = "pod-template-hash"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
LETTERS = "bcdfghjklmnpqrstvwxz2456789"
NODES = 2
MOST_PODS = 20
EVENTS_KEPT = 200


@dataclass
class Live:
    """One object as it is; `applied` is what was last applied of it, None for what a controller made."""

    manifest: Manifest
    created: str
    app: str = ""
    applied: Manifest | None = None
    owner: str = ""
    ready: str = ""
    problem: str = ""
    lines: list[str] = field(default_factory=list)

    def is_ready(self, now: datetime) -> bool:
        """Whether a pod has started."""
        return bool(self.ready) and datetime.fromisoformat(self.ready) <= now


@dataclass(frozen=True)
class Event:
    """Something that Kubernetes tells about one object; `type` is Normal or Warning."""

    at: str
    app: str
    key: str
    type: str
    reason: str
    message: str


class Cluster:
    """Objects by key. A pod is ready `options.startup` seconds after it was made."""

    def __init__(self, name: str, options: Options, *, tenant: Callable[[], str], rng: Random) -> None:
        self.name = name
        self.objects: dict[Key, Live] = {}
        self.events: list[Event] = []
        self._options = options
        self._tenant = tenant
        self._rng = rng

    def apply(self, app: str, target: Manifest, now: datetime) -> str:
        """The object is as the target says; the result is created, configured or unchanged.

        ValueError carries the API's refusal.
        """
        key = key_of(target)
        live = self.objects.get(key)
        if told := refusal(target, live.manifest if live else None):
            raise ValueError(told)
        if live is not None and live.applied == target:
            return "unchanged"
        made = copy.deepcopy(target)
        system = live.manifest["metadata"] if live else self._born(now)
        kept = {k: system[k] for k in ("uid", "creationTimestamp")}
        made["metadata"] |= {**kept, "resourceVersion": str(self._rng.randrange(10**8, 10**9))}
        if live is None:
            self.objects[key] = Live(made, now.isoformat(), app=app, applied=copy.deepcopy(target))
            return "created"
        _keep_restart(live.manifest, made)
        live.manifest, live.applied, live.app = made, copy.deepcopy(target), app
        return "configured"

    def remove(self, key: Key) -> None:
        """The object and whatever was made of it are gone."""
        for child in [k for k, live in self.objects.items() if live.owner == str(key)]:
            self.remove(child)
        self.objects.pop(key, None)

    def restart(self, key: Key, now: datetime) -> None:
        """The workload's pods are being replaced, as `kubectl rollout restart` does it."""
        template = pod_template(self.objects[key].manifest)
        assert template is not None
        metadata = template.setdefault("metadata", {})
        metadata["annotations"] = {**(metadata.get("annotations") or {}), RESTARTED: stamp(now)}
        self.settle(now)

    def run(self, key: Key, now: datetime) -> Key:
        """The CronJob has one more Job, with its pod."""
        cron = self.objects[key]
        name = f"{key.name}-{self._letters()}"
        metadata = {"name": name, "namespace": key.namespace, **self._born(now)}
        spec = copy.deepcopy((cron.manifest["spec"].get("jobTemplate") or {}).get("spec") or {})
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}
        made = key_of(job)
        self.objects[made] = Live(job, now.isoformat(), owner=str(key))
        self._make_pod(made, pod_template(job) or {}, {"job-name": name}, f"{name}-{self._letters()}", now)
        return made

    def settle(self, now: datetime, *, started: datetime | None = None) -> bool:
        """Controllers have done what there is to do; whether that was anything. `started` predates pods."""
        before = set(self.objects), sum(1 for live in self.objects.values() if live.problem)
        for key in [k for k, live in self.objects.items() if k.kind in WORKLOADS and not live.owner]:
            self._settle_workload(key, started or now, now)
        return before != (set(self.objects), sum(1 for live in self.objects.values() if live.problem))

    def children(self, key: Key) -> Iterator[tuple[Key, Live]]:
        """Whatever was made of an object, and of that."""
        for child, live in list(self.objects.items()):
            if live.owner == str(key):
                yield child, live
                yield from self.children(child)

    def pods(self, key: Key) -> list[tuple[Key, Live]]:
        """An object's pods, newest last."""
        found = [(k, live) for k, live in self.children(key) if k.kind == "Pod"]
        return sorted(found, key=lambda pair: (pair[1].created, pair[0].name))

    def current(self, key: Key) -> list[tuple[Key, Live]]:
        """The pods that come from a workload's template as it is now."""
        mark = fingerprint(pod_template(self.objects[key].manifest))
        return [
            (k, live) for k, live in self.pods(key) if live.manifest["metadata"]["labels"].get(HASH) == mark
        ]

    def replicas(self, key: Key) -> int:
        """How many pods a workload wants."""
        if key.kind == "DaemonSet":
            return NODES
        wanted = self.objects[key].manifest["spec"].get("replicas", 1)
        return min(int(wanted), MOST_PODS)

    def tell(self, key: Key, kind: str, reason: str, message: str, now: datetime) -> None:
        """An event about an object is in the list."""
        live = self.objects.get(key)
        self.events.append(Event(stamp(now), live.app if live else "", str(key), kind, reason, message))
        del self.events[:-EVENTS_KEPT]

    def snapshot(self) -> dict[str, Any]:
        """Objects and events as JSON values."""
        objects = {str(key): asdict(live) for key, live in self.objects.items()}
        return {"objects": objects, "events": [asdict(e) for e in self.events]}

    def restore(self, saved: dict[str, Any]) -> None:
        """The cluster is as it was."""
        self.objects = {Key.parse(key): Live(**live) for key, live in saved["objects"].items()}
        self.events = [Event(**e) for e in saved["events"]]

    def _settle_workload(self, key: Key, started: datetime, now: datetime) -> None:
        live = self.objects[key]
        template = pod_template(live.manifest) or {}
        mark = fingerprint(template)
        owner = self._replica_set(key, mark, started) if key.kind == "Deployment" else key
        pods, wanted = self.current(key), self.replicas(key)
        for name, _ in pods[wanted:]:
            self.remove(name)
        if self._is_recreated(live) and len(self.pods(key)) > len(pods):
            self._remove_old(key, mark)
        live.problem = ""
        for index in range(len(pods), wanted):
            tail = str(index) if key.kind == "StatefulSet" else self._letters()
            if problem := self._make_pod(owner, template, {HASH: mark}, f"{owner.name}-{tail}", started):
                live.problem = problem
                break
        ready = [pod for _, pod in self.current(key) if pod.is_ready(now)]
        if len(ready) >= wanted:
            self._remove_old(key, mark)

    def _replica_set(self, key: Key, mark: str, at: datetime) -> Key:
        made = Key("apps", "ReplicaSet", key.namespace, f"{key.name}-{mark}")
        if made not in self.objects:
            workload = self.objects[key].manifest
            metadata: Manifest = {
                "name": made.name,
                "namespace": key.namespace,
                **self._born(at),
            }
            spec = {"replicas": self.replicas(key), "template": copy.deepcopy(workload["spec"]["template"])}
            manifest = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}
            metadata["labels"] = {HASH: mark}
            self.objects[made] = Live(manifest, at.isoformat(), app=self.objects[key].app, owner=str(key))
            self.tell(key, "Normal", "ScalingReplicaSet", f"Scaled up replica set {made.name}", at)
        return made

    def _make_pod(
        self, owner: Key, template: Manifest, labels: dict[str, str], name: str, at: datetime
    ) -> str:
        """Make a pod; the result is why there is none, or nothing."""
        spec = copy.deepcopy(template.get("spec") or {})
        account = service_account_name(spec)
        found = self.objects.get(Key("", "ServiceAccount", owner.namespace, account))
        if found is None and account != "default":
            told = f"error looking up service account {owner.namespace}/{account}"
            problem = f'Error creating: pods "{owner.name}-" is forbidden: {told}: '
            problem += f'serviceaccount "{account}" not found'
            self._tell_once(owner, "FailedCreate", problem, at)
            return problem
        metadata = copy.deepcopy(template.get("metadata") or {})
        metadata |= {"name": name, "namespace": owner.namespace, **self._born(at)}
        metadata["labels"] = {**(metadata.get("labels") or {}), **labels}
        spec |= {"serviceAccountName": account, "nodeName": f"aks-nodepool1-{self._rng.randrange(NODES):06d}"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
        made = inject(pod, found.manifest if found else None, self._tenant())
        ready = (at + timedelta(seconds=self._options.startup)).isoformat()
        key = key_of(made)
        self.objects[key] = Live(made, at.isoformat(), app=self._app_of(owner), owner=str(owner), ready=ready)
        self.tell(owner, "Normal", "SuccessfulCreate", f"Created pod: {name}", at)
        self.tell(key, "Normal", "Scheduled", f"Successfully assigned {owner.namespace}/{name}", at)
        return ""

    def _tell_once(self, key: Key, reason: str, message: str, at: datetime) -> None:
        if not any(e.key == str(key) and e.message == message for e in self.events):
            self.tell(key, "Warning", reason, message, at)

    def _remove_old(self, key: Key, mark: str) -> None:
        for name, live in list(self.children(key)):
            if name in self.objects and (live.manifest["metadata"].get("labels") or {}).get(HASH) != mark:
                self.remove(name)

    def _app_of(self, key: Key) -> str:
        live = self.objects[key]
        return live.app or (self._app_of(Key.parse(live.owner)) if live.owner else "")

    def _is_recreated(self, live: Live) -> bool:
        return bool((live.manifest["spec"].get("strategy") or {}).get("type") == "Recreate")

    def _born(self, at: datetime) -> dict[str, str]:
        return {
            "uid": str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
            "creationTimestamp": stamp(at),
        }

    def _letters(self) -> str:
        return "".join(self._rng.choice(LETTERS) for _ in range(5))


def _keep_restart(before: Manifest, after: Manifest) -> None:
    old, new = pod_template(before), pod_template(after)
    at = (((old or {}).get("metadata") or {}).get("annotations") or {}).get(RESTARTED)
    if at and new is not None:
        metadata = new.setdefault("metadata", {})
        metadata["annotations"] = {**(metadata.get("annotations") or {}), RESTARTED: at}
