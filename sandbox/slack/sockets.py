"""The app's Socket Mode connections.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.slack.model import Json
from sandbox.world import World

CONNECTIONS = 10
GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class Connection:
    """One open WebSocket and the TCP connection under it."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None

    def cut(self) -> None:
        """The connection is gone without a closing word."""
        if self.transport is not None:
            self.transport.abort()


class Connections:
    """Up to ten connections that take turns; `heard` gets every frame the app sends."""

    def __init__(
        self, world: World, app_id: str, heard: Callable[[Json], None], changed: Callable[[], None]
    ) -> None:
        self._world = world
        self._changed = changed
        self._app_id = app_id
        self._heard = heard
        self._tickets: set[str] = set()
        self._open: list[Connection] = []
        self._turn = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._came = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    def ticket(self) -> str:
        """A word that opens one connection."""
        word = f"{self._world.rng.getrandbits(96):024x}"
        self._tickets.add(word)
        return word

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """One connection of the app, from hello to its end; 401 without an unused ticket."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=401)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=1 << 20)
        await socket.prepare(request)
        if len(self._open) >= CONNECTIONS:
            await socket.send_json(self._goodbye("too_many_websockets"))
            await socket.close()
        else:
            await self._serve(Connection(socket, request.transport))
        return socket

    async def put(self, frame: Json, *, cut: bool = False) -> bool:
        """Whether a connection took the frame: the next in turn that is alive. `cut` ends it after that."""
        while self._open:
            self._turn += 1
            connection = self._open[self._turn % len(self._open)]
            try:
                await connection.socket.send_json(frame)
            except (ConnectionError, RuntimeError):
                self._drop(connection)
                continue
            if cut:
                connection.cut()
            return True
        return False

    async def next_one(self) -> None:
        """Return when somebody connects."""
        await self._came.wait()

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """The app was told to reconnect; `abort` cuts every connection without a word.

        `warning` and `refresh_requested` leave 10 s to do so, other reasons none.
        """
        for connection in list(self._open):
            if reason == "abort":
                connection.cut()
                continue
            await connection.socket.send_json(self._goodbye(reason))
            if reason in ("warning", "refresh_requested"):
                self._run(self._close_later(connection))
            else:
                await connection.socket.close()

    async def close(self) -> None:
        """No connection is open."""
        for task in list(self._tasks):
            task.cancel()
        for connection in list(self._open):
            await connection.socket.close(code=1001)

    async def _serve(self, connection: Connection) -> None:
        self._open.append(connection)
        try:
            await connection.socket.send_json(self._hello())
            self._came.set()
            self._came = asyncio.Event()
            self._changed()
            async for message in connection.socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(message.data)
        finally:
            self._drop(connection)
            self._changed()

    def _hear(self, data: str) -> None:
        try:
            frame = json.loads(data)
        except ValueError:
            return
        if isinstance(frame, dict):
            self._heard(frame)

    def _drop(self, connection: Connection) -> None:
        if connection in self._open:
            self._open.remove(connection)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self._app_id},
        }

    def _goodbye(self, reason: str) -> Json:
        return {
            "type": "disconnect",
            "reason": reason,
            "debug_info": {"host": "applink-sandbox"},
            "connection_info": {"app_id": self._app_id},
        }

    async def _close_later(self, connection: Connection) -> None:
        await self._world.clock.sleep(GRACE_SECONDS)
        await connection.socket.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
