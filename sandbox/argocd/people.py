"""What people do on Argo CD's pages, as plain methods and over HTTP without a token."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.argocd.controller import Controller
from sandbox.argocd.manifests import WORKLOADS, Key, pod_template
from sandbox.argocd.refusal import Refused, invalid

Shown = Callable[[str], dict[str, Any]]


class People:
    """Operators at work; `shown` gives an application as the page shows it."""

    def __init__(self, controller: Controller, shown: Shown) -> None:
        self._controller = controller
        self._shown = shown

    async def sync(self, login: str, name: str) -> dict[str, Any]:
        """What Git holds now is live, surplus objects are gone."""
        self._check(name)
        await self._controller.sync(name, by=login, prune=True)
        return self._shown(name)

    async def refresh(self, login: str, name: str) -> dict[str, Any]:
        """Argo CD has looked at Git."""
        self._check(name)
        await self._controller.refresh(name)
        return self._shown(name)

    async def restart(self, login: str, name: str, kind: str, resource: str) -> dict[str, Any]:
        """A workload's pods are being replaced."""
        key = self._find(name, resource, {kind} & WORKLOADS)
        self._controller.restart(name, key)
        return self._shown(name)

    async def run_job(self, login: str, name: str, resource: str) -> dict[str, Any]:
        """A CronJob has run once more."""
        self._controller.run_job(name, self._find(name, resource, {"CronJob"}))
        return self._shown(name)

    async def auto_sync(self, login: str, name: str, on: bool) -> dict[str, Any]:
        """The application syncs by itself from now on, or does not."""
        self._check(name)
        self._controller.set_auto_sync(name, on=on)
        return self._shown(name)

    async def log(self, login: str, name: str, resource: str, lines: list[str]) -> dict[str, Any]:
        """These lines are at the end of the logs of the pods that an object has now."""
        cluster = self._controller.cluster(self._check(name))
        key = self._find(name, resource, {k.kind for k in cluster.objects})
        for _, pod in cluster.pods(key):
            pod.lines += [str(line) for line in lines]
        return self._shown(name)

    def _check(self, name: str) -> str:
        if name not in self._controller.states:
            known = ", ".join(sorted(self._controller.states)) or "none"
            raise Refused(5, f"There is no application {name}; known: {known}")
        return name

    def _find(self, name: str, resource: str, kinds: set[str]) -> Key:
        objects = self._controller.cluster(self._check(name)).objects
        for key, live in objects.items():
            if (
                key.name == resource
                and live.app == name
                and key.kind in kinds
                and pod_template(live.manifest)
            ):
                return key
        raise Refused(5, f"{name} has no {resource} that has pods")


def people_routes(people: People) -> list[web.RouteDef]:
    """`POST /people/{login}/{act}`; see README.md."""
    acts: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
        "sync": people.sync,
        "refresh": people.refresh,
        "restart": people.restart,
        "run-job": people.run_job,
        "auto-sync": people.auto_sync,
        "log": people.log,
    }

    async def act(request: web.Request) -> web.Response:
        name = request.match_info["act"]
        if name not in acts:
            raise Refused(5, f"Nobody can {name}; known: {', '.join(sorted(acts))}")
        try:
            told = json.loads(await request.read() or b"{}")
            found = await acts[name](request.match_info["login"], **told)
        except (TypeError, ValueError) as error:
            raise invalid(f"The body does not fit {name}: {error}") from error
        return web.json_response(found)

    return [web.post("/people/{login}/{act}", act)]
