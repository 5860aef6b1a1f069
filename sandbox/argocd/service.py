"""The service as the world sees it: one application, one snapshot, one view."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from sandbox.argocd.call import CALL, Call, account_of
from sandbox.argocd.cluster import Cluster
from sandbox.argocd.controller import Controller
from sandbox.argocd.options import Account, read_options
from sandbox.argocd.page import application_view, view
from sandbox.argocd.people import People, people_routes
from sandbox.argocd.refusal import Refused
from sandbox.argocd.render import Renderer
from sandbox.argocd.routes import API, routes
from sandbox.gate import Handler, gate
from sandbox.github import GitHub
from sandbox.world import World

OPEN = (f"{API}/session", "/version")


class ArgoCd:
    """Argo CD for the applications of one repository. ValueError when the options are wrong."""

    name = "argocd"

    def __init__(self, world: World, sample: dict[str, Any], github: GitHub) -> None:
        git = github.hosting.git
        self.options = read_options(sample, github.options.full_name, git.head_branch)
        self._world = world
        names = sorted({a.cluster for a in self.options.applications})
        clusters = {n: Cluster(n, self.options, tenant=self._tenant, rng=world.rng) for n in names}
        renderer = Renderer(git, world.data / "argocd" / "checkouts")
        told = functools.partial(world.changed, self.name)
        self.controller = Controller(self.options, renderer, clusters=clusters, clock=world.clock, told=told)
        self.people = People(self.controller, self._shown)

    @property
    def token(self) -> str:
        """A token that is good: the first of the options."""
        return next(iter(self.options.tokens))

    def app(self) -> web.Application:
        """The API under `/api`, people under `/people`; the controller runs for as long as it does."""
        app = web.Application(middlewares=[gate(self._world, self.name), self._middleware()])
        app.add_routes(routes)
        app.add_routes(people_routes(self.people))
        app.cleanup_ctx.append(self._running)
        return app

    def snapshot(self) -> dict[str, Any]:
        """Applications and clusters."""
        return self.controller.snapshot()

    def restore(self, saved: dict[str, Any]) -> None:
        """All is as it was; the next look at Git tells what it wants now."""
        self.controller.restore(saved)

    def view(self) -> dict[str, Any]:
        """What the page shows; see README.md."""
        return view(self.options, self.controller, self._azure)

    def _shown(self, name: str) -> dict[str, Any]:
        return application_view(self.options, self.controller, name, self._azure())

    def _azure(self) -> dict[str, Any] | None:
        arm = self._world.services.get("arm")
        return arm.view() if arm is not None else None

    def _tenant(self) -> str:
        if self.options.tenant:
            return self.options.tenant
        tenants = (self._azure() or {}).get("tenants") or [{"id": ""}]
        return str(tenants[0]["id"])

    async def _running(self, app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self.controller.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def _middleware(self) -> Any:
        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await self._answered(request, handler)
            except Refused as refused:
                return web.json_response(refused.body(), status=refused.status)
            except web.HTTPNotFound:
                return web.json_response(Refused(5, "Not Found").body(), status=404)

        return middleware

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await self.controller.looked()
        account = Account("anonymous", ())
        if "/people/" not in request.path and not request.path.endswith(OPEN):
            account = account_of(self.options, request.headers.get("Authorization"))
        request[CALL] = Call(self.options, self.controller, account, self._azure)
        return await handler(request)
