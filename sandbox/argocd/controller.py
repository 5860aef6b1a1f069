"""The application controller: looks at Git, compares with what is live, and syncs."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.argocd.cluster import Cluster
from sandbox.argocd.manifests import Key, Manifest
from sandbox.argocd.options import Options
from sandbox.argocd.render import Rendered, Renderer, RenderFailed
from sandbox.argocd.state import Operation, State
from sandbox.clock import Clock
from sandbox.github.git import Git
from sandbox.github.pull import stamp

RUNNING_SINCE = timedelta(days=3)
"""How long ago the applications were deployed when the sandbox starts for the first time."""
HISTORY_KEPT = 10
TICK = 1.0


class Controller:
    """All applications. `told` hears of every change."""

    def __init__(
        self,
        options: Options,
        renderer: Renderer,
        *,
        clusters: dict[str, Cluster],
        clock: Clock,
        told: Callable[[], None],
    ) -> None:
        self.clusters = clusters
        self.clock = clock
        self.states = {a.name: State(a, a.auto_sync) for a in options.applications}
        self._git = renderer.git
        self._renderer = renderer
        self._options = options
        self._told = told
        self._locks = {name: asyncio.Lock() for name in self.states}
        self._looked = asyncio.Event()

    async def run(self) -> None:
        """Look at Git now and after every interval, and let the clusters get on meanwhile."""
        await self._look_at_all()
        self._looked.set()
        due = self.clock.now() + timedelta(seconds=self._options.poll)
        while True:
            await self.clock.sleep(min(TICK, self._options.poll))
            self._settle()
            if self.clock.now() >= due:
                await self._look_at_all()
                due = self.clock.now() + timedelta(seconds=self._options.poll)

    async def looked(self) -> None:
        """Return once every application was looked at for the first time."""
        await self._looked.wait()

    async def refresh(self, name: str) -> None:
        """The application knows what Git holds now, and has synced itself if it does that."""
        state = self.states[name]
        async with self._locks[name]:
            before = self._summary(state)
            rendered = await self._compare(state)
            if rendered is not None and not state.synced_revision:
                self._adopt(state, rendered)
            elif rendered is not None and state.is_due():
                self._sync(state, rendered, by="automated", only=None, prune=True)
            if before != self._summary(state):
                self._told()

    async def sync(self, name: str, *, by: str, only: set[Key] | None = None, prune: bool = False) -> None:
        """What Git holds now is live, or the operation says why not."""
        state = self.states[name]
        async with self._locks[name]:
            rendered = await self._compare(state)
            if rendered is None:
                at = stamp(self.clock.now())
                state.operation = Operation(
                    by, state.revision, at, "Error", f"ComparisonError: {state.error}", at
                )
            else:
                self._sync(state, rendered, by=by, only=only, prune=prune)
            self._told()

    async def manifests(self, name: str, revision: str | None) -> tuple[str, Rendered]:
        """What the application renders to at a branch, tag or commit. RenderFailed says why it does not."""
        app = self.states[name].app
        sha = self._git.resolve(_branch(revision or app.revision, self._git))
        if sha is None:
            raise RenderFailed(f"unable to resolve '{revision or app.revision}' to a commit SHA")
        return sha, await self._renderer.render(sha, app)

    def set_auto_sync(self, name: str, *, on: bool) -> None:
        """Whether the application syncs by itself from now on."""
        self.states[name].auto_sync = on
        self.states[name].tried = ""
        self._told()

    def restart(self, name: str, key: Key) -> None:
        """A workload's pods are being replaced."""
        self.cluster(name).restart(key, self.clock.now())
        self._told()

    def run_job(self, name: str, key: Key) -> Key:
        """A CronJob has run once more."""
        made = self.cluster(name).run(key, self.clock.now())
        self._told()
        return made

    def cluster(self, name: str) -> Cluster:
        """The cluster that an application deploys to."""
        return self.clusters[self.states[name].app.cluster]

    def snapshot(self) -> dict[str, Any]:
        """Applications and clusters as JSON values; what Git wants is read again."""
        kept = {}
        for name, state in self.states.items():
            saved = asdict(replace(state, targets={}))
            kept[name] = {k: v for k, v in saved.items() if k not in ("app", "targets")}
        return {"applications": kept, "clusters": {n: c.snapshot() for n, c in self.clusters.items()}}

    def restore(self, saved: dict[str, Any]) -> None:
        """Applications that are still configured, and clusters, are as they were."""
        for name, kept in saved["applications"].items():
            if name in self.states:
                operation = kept["operation"] and Operation(**kept["operation"])
                self.states[name] = State(self.states[name].app, **{**kept, "operation": operation})
        for name, cluster in self.clusters.items():
            if name in saved["clusters"]:
                cluster.restore(saved["clusters"][name])

    async def _look_at_all(self) -> None:
        await asyncio.gather(*(self.refresh(name) for name in self.states))

    def _settle(self) -> None:
        now = self.clock.now()
        changed = [name for name, cluster in self.clusters.items() if cluster.settle(now)]
        if changed:
            self._told()

    async def _compare(self, state: State) -> Rendered | None:
        app = state.app
        state.reconciled_at = stamp(self.clock.now())
        sha = self._git.resolve(_branch(app.revision, self._git))
        try:
            if sha is None:
                raise RenderFailed(f"unable to resolve '{app.revision}' to a commit SHA")
            rendered = await self._renderer.render(sha, app)
        except RenderFailed as error:
            state.error, state.sync, state.revision = str(error), "Unknown", sha or state.revision
            return None
        state.revision, state.error = sha, ""
        state.source_type, state.targets = rendered.kind, rendered.targets
        fits = all(
            row.sync == "Synced"
            for row in state.resources(self.clusters[state.app.cluster], self.clock.now())
        )
        state.sync = "Synced" if fits and rendered.opaque == state.opaque else "OutOfSync"
        return rendered

    def _adopt(self, state: State, rendered: Rendered) -> None:
        then = self.clock.now() - RUNNING_SINCE
        self._sync(state, rendered, by="automated", only=None, prune=True, at=then)

    def _sync(
        self,
        state: State,
        rendered: Rendered,
        *,
        by: str,
        only: set[Key] | None,
        prune: bool,
        at: datetime | None = None,
    ) -> None:
        now = self.clock.now()
        cluster = self.clusters[state.app.cluster]
        operation = state.operation = Operation(by, state.revision, stamp(at or now))
        state.tried = state.revision
        for key, target in rendered.targets.items():
            if only is None or key in only:
                operation.results.append(_applied(cluster, state.app.name, key, target, at or now))
        for row in state.resources(cluster, now):
            if row.surplus and prune and (only is None or row.key in only):
                cluster.remove(row.key)
                operation.results.append(_result(row.key, "Pruned", "pruned"))
        failed = [row for row in operation.results if row["status"] == "SyncFailed"]
        if failed:
            reasons = ", ".join(row["message"] for row in failed)
            operation.phase = "Failed"
            operation.message = f"one or more objects failed to apply, reason: {reasons}"
        else:
            operation.phase, operation.message = "Succeeded", "successfully synced (all tasks run)"
            state.synced_revision, state.opaque = state.revision, rendered.opaque
            entry = {"id": len(state.history), "revision": state.revision, "deployedAt": stamp(at or now)}
            state.history = [*state.history, entry][-HISTORY_KEPT:]
        operation.finished_at = stamp(at or now)
        cluster.settle(now, started=at)
        fits = all(
            row.sync == "Synced"
            for row in state.resources(self.clusters[state.app.cluster], self.clock.now())
        )
        state.sync = "Synced" if fits and rendered.opaque == state.opaque else "OutOfSync"

    def _weigh(self, state: State, rendered: Rendered) -> None:
        rows = state.resources(self.cluster(state.app.name), self.clock.now())
        fits = all(row.sync == "Synced" for row in rows) and rendered.opaque == state.opaque
        state.sync = "Synced" if fits else "OutOfSync"

    def _summary(self, state: State) -> tuple[Any, ...]:
        health = state.health(self.cluster(state.app.name), self.clock.now())
        return (state.revision, state.sync, state.error, health, state.operation)


def _branch(revision: str, git: Git) -> str:
    return git.head_branch if revision in ("", "HEAD") else revision


def _applied(cluster: Cluster, app: str, key: Key, target: Manifest, at: datetime) -> dict[str, str]:
    named = f"{key.kind.lower()}{'.' if key.group else ''}{key.group}/{key.name}"
    try:
        return _result(key, "Synced", f"{named} {cluster.apply(app, target, at)}")
    except ValueError as refused:
        return _result(key, "SyncFailed", str(refused))


def _result(key: Key, status: str, message: str) -> dict[str, str]:
    return {**asdict(key), "status": status, "message": message}
