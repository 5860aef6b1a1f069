"""The control API: order faults, read the journal, move the clock, look at the whole world."""

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web
from aiohttp.client_exceptions import ClientConnectionResetError

from sandbox.faults import Fault
from sandbox.judge import Grant, Workload, judge
from sandbox.world import World

FIELDS = (
    "service",
    "method",
    "path",
    "action",
    "nth",
    "times",
    "chance",
    "status",
    "headers",
    "body",
    "seconds",
)

CLOSED = "closed"


def control_app(world: World, sandbox: Any) -> web.Application:
    """The application that is mounted under `/control`."""
    control = _Control(world, sandbox)
    app = web.Application()
    app.add_routes(
        [
            web.get("/environment", control.environment),
            web.get("/faults", control.faults),
            web.post("/faults", control.order),
            web.delete("/faults", control.clear_faults),
            web.post("/faults/{id}/release", control.release),
            web.get("/journal", control.journal),
            web.delete("/journal", control.clear_journal),
            web.post("/reset", control.reset),
            web.post("/clock", control.clock),
            web.post("/latency", control.latency),
            web.post("/options/{service}", control.options),
            web.get("/view", control.view),
            web.post("/judge", control.judge),
            web.get("/events", control.events),
        ]
    )
    app.on_shutdown.append(control.close)
    return app


class _Control:
    def __init__(self, world: World, sandbox: Any) -> None:
        self._world = world
        self._sandbox = sandbox

    async def environment(self, _: web.Request) -> web.Response:
        return web.json_response(self._sandbox.environment())

    async def faults(self, _: web.Request) -> web.Response:
        return web.json_response([_shown(fault) for fault in self._world.faults.all()])

    async def order(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if unknown := set(wanted) - set(FIELDS):
            raise web.HTTPBadRequest(text=f"unknown: {sorted(unknown)}; known are {list(FIELDS)}")
        try:
            fault = self._world.faults.order(**wanted)
        except TypeError as error:
            raise web.HTTPBadRequest(text=f"service, method, path and action are needed: {error}") from error
        return web.json_response(_shown(fault), status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._world.faults.clear()
        return web.Response(status=204)

    async def release(self, request: web.Request) -> web.Response:
        self._world.faults.release(int(request.match_info["id"]))
        return web.Response(status=204)

    async def journal(self, request: web.Request) -> web.Response:
        since = int(request.query.get("since", "0"))
        entries = self._world.journal.read(request.query.get("service"), since)
        return web.json_response([asdict(entry) for entry in entries])

    async def clear_journal(self, _: web.Request) -> web.Response:
        self._world.journal.clear()
        return web.Response(status=204)

    async def reset(self, _: web.Request) -> web.Response:
        """The world is as it was at its very first start: nothing asked, nothing made, no fault."""
        self._sandbox.reset()
        return web.Response(status=204)

    async def clock(self, request: web.Request) -> web.Response:
        self._world.clock.advance(float((await request.json())["advance"]))
        return web.json_response({"now": self._world.clock.now().isoformat()})

    async def latency(self, request: web.Request) -> web.Response:
        self._world.latency |= {name: int(ms) for name, ms in (await request.json()).items()}
        return web.json_response(self._world.latency)

    async def options(self, request: web.Request) -> web.Response:
        """Set attributes of a service's `options` object: delays, limits, rights."""
        service: Any = self._world.services.get(request.match_info["service"])
        options = getattr(service, "options", None)
        if options is None:
            raise web.HTTPNotFound(text="this service has no options")
        for name, value in (await request.json()).items():
            if not hasattr(options, name):
                raise web.HTTPBadRequest(text=f"no option {name}; there are {sorted(vars(options))}")
            setattr(options, name, value)
        return web.json_response({k: v for k, v in vars(options).items() if _plain(v)})

    async def view(self, _: web.Request) -> web.Response:
        shown = {name: service.view() for name, service in self._world.services.items()}
        return web.json_response({**shown, "now": self._world.clock.now().isoformat()})

    async def judge(self, request: web.Request) -> web.Response:
        """Complaints about a pull request, for a workload given as JSON; none when it is right."""
        wanted = await request.json()
        number = wanted.pop("number", None)
        try:
            grants = wanted.pop("grants", None)
            given = None if grants is None else tuple(Grant(**grant) for grant in grants)
            workload = Workload(grants=given, **wanted)
        except TypeError as error:
            raise web.HTTPBadRequest(text=f"a workload and its grants are needed: {error}") from error
        arm = self._sandbox.arm.view()
        complaints = await judge(
            self._sandbox.github, arm, workload, number, self._sandbox.argocd.options.applications
        )
        return web.json_response({"complaints": complaints})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: `journal` with an entry, `changed` with a service's name."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )
        await response.prepare(request)
        await response.write(b": connected\n\n")
        try:
            async for kind, data in self._world.journal.follow():
                if kind == CLOSED:
                    break
                await response.write(f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode())
        except (ClientConnectionResetError, ConnectionResetError):
            pass
        return response

    async def close(self, _: web.Application) -> None:
        """Streams end by themselves, so that nobody waits for them when the sandbox stops."""
        self._world.journal.tell(CLOSED, None)


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | None)


def _shown(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.id,
        **{name: getattr(fault, name) for name in FIELDS},
        "seen": fault.seen,
        "acted": fault.acted,
        "reached": fault.reached.is_set(),
    }
