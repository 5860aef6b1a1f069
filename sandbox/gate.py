"""What every request passes: latency, ordered faults, the journal."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.faults import Fault
from sandbox.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
UNSEEN = ("/socket",)


def gate(world: World, service: str) -> Any:
    """A middleware for one service's application."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.endswith(UNSEEN):
            return await handler(request)
        began = world.clock.now()
        body = await request.read()
        fault = world.faults.due(service, request.method, request.path)
        await world.delay(service, half=True)
        response = await _answer(world, fault, request, handler)
        await world.delay(service, half=True)
        ended = world.clock.now()
        world.journal.write(
            at=began.isoformat(),
            ended=ended.isoformat(),
            service=service,
            method=request.method,
            path=request.path,
            query=request.query_string,
            status=response.status if response is not None else 0,
            ms=int((ended - began).total_seconds() * 1000),
            request=readable(request.content_type, body),
            note=f"fault {fault.action}" if fault else "",
        )
        if fault and fault.action == "hold":
            await fault.released.wait()
        if response is None or (fault and fault.action == "cut"):
            return _hang_up(request)
        return response

    return middleware


async def _answer(
    world: World, fault: Fault | None, request: web.Request, handler: Handler
) -> web.StreamResponse | None:
    if fault is None or fault.action in ("hold", "cut", "duplicate"):
        return await _handled(request, handler)
    if fault.action == "delay":
        await world.clock.sleep(fault.seconds)
        return await _handled(request, handler)
    if fault.action == "drop":
        return None
    return web.json_response(fault.body, status=fault.status, headers=fault.headers)


async def _handled(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as answer:
        return answer


def _hang_up(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def readable(content_type: str, body: bytes) -> Any:
    """A request's body as JSON values where it is JSON or a form, else its beginning as text."""
    if not body:
        return None
    try:
        if content_type == "application/x-www-form-urlencoded":
            return dict(parse_qsl(body.decode()))
        return json.loads(body)
    except ValueError:
        return body[:2000].decode(errors="replace")
