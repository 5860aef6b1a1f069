"""Cosmos DB for NoSQL: https://learn.microsoft.com/rest/api/cosmos-db/"""

import json
from typing import Any
from urllib.parse import parse_qs, unquote

from aiohttp import web

from sandbox.arm import ids
from sandbox.arm.cosmos import Cosmos
from sandbox.arm.cosmos_body import ACCOUNT, ITEMS, METADATA
from sandbox.arm.model import Resource
from sandbox.arm.planes.door import Door, Visitor

ACTIONS = {"GET": "items/read", "POST": "items/create", "PUT": "items/replace", "DELETE": "items/delete"}


class Documents:
    """The accounts' items."""

    def __init__(self, door: Door, sql: Cosmos) -> None:
        self._door = door
        self._sql = sql

    async def answer(self, request: web.Request, name: str, path: str) -> web.Response:
        """The answer of the account of this name at this path."""
        account = self._door.named(ACCOUNT, name)
        if account is None:
            return self._refused(404, "NotFound", f"The account '{name}' does not exist.")
        audiences = (f"https://{account.name}.documents.azure.com", "https://cosmos.azure.com")
        visitor = self._door.visitor(_token(request), audiences)
        if visitor is None:
            return self._refused(401, "Unauthorized", "Required Header authorization is missing or not good.")
        parts = path.strip("/").split("/")
        inner, item = "/".join(parts[:4]), "/".join(parts[5:])
        action = self._action(request, parts)
        if not self._allows(account, visitor, action, inner):
            return self._blocked(account, visitor, action, inner)
        if action == METADATA:
            return web.json_response({"id": account.name, "_dbs": "//dbs/", "media": "//media/"})
        return await self._done(request, account, inner, item)

    def _action(self, request: web.Request, parts: list[str]) -> str:
        if len(parts) < 5:
            return METADATA
        if request.headers.get("x-ms-documentdb-isquery", "").lower() == "true":
            return f"{ITEMS}/executeQuery"
        if request.method == "GET" and len(parts) == 5:
            feed = request.headers.get("A-IM", "") == "Incremental feed"
            return f"{ITEMS}/readChangeFeed" if feed else f"{ITEMS}/executeQuery"
        return f"{ITEMS}/{ACTIONS.get(request.method, 'items/replace')}"

    def _allows(self, account: Resource, visitor: Visitor, action: str, inner: str) -> bool:
        scope, late = f"{account.id}/{inner}", self._door.azure.options.role_propagation
        who = {visitor.oid, *self._door.azure.access.groups_of(visitor.oid)}
        return any(
            given.properties["principalId"] in who
            and ids.contains(given.properties["scope"], scope)
            and given.made + late <= self._door.azure.now()
            and self._sql.covers(given.properties["roleDefinitionId"], action)
            for given in self._sql.effective(account.id)
        )

    async def _done(self, request: web.Request, account: Resource, inner: str, item: str) -> web.Response:
        database, _, container = inner.removeprefix("dbs/").partition("/colls/")
        if self._door.azure.state.get(f"{account.id}/sqlDatabases/{database}/containers/{container}") is None:
            return self._refused(404, "NotFound", f"The container '{inner}' does not exist.")
        held: dict[str, Any] = self._door.azure.state.data.setdefault(f"{account.id}/{inner}".lower(), {})
        if request.method == "POST" and request.headers.get("x-ms-documentdb-isquery", "").lower() != "true":
            return self._created(held, await request.text())
        if not item:
            return web.json_response({"_rid": "", "Documents": list(held.values()), "_count": len(held)})
        item = item.removeprefix("docs/")
        if item not in held:
            return self._refused(
                404, "NotFound", "Entity with the specified id does not exist in the system."
            )
        if request.method == "DELETE":
            del held[item]
            self._door.azure.changed()
            return web.Response(status=204)
        return web.json_response(held[item])

    def _created(self, held: dict[str, Any], text: str) -> web.Response:
        try:
            body = json.loads(text)
            name = str(body["id"])
        except (ValueError, KeyError, TypeError):
            return self._refused(
                400, "BadRequest", "The input content is invalid: a JSON object with an id is needed."
            )
        if name in held:
            return self._refused(
                409, "Conflict", "Entity with the specified id already exists in the system."
            )
        held[name] = body
        self._door.azure.changed()
        return web.json_response(body, status=201)

    def _blocked(self, account: Resource, visitor: Visitor, action: str, inner: str) -> web.Response:
        return self._refused(
            403,
            "Forbidden",
            f"Request blocked by Auth {account.name} : Request is blocked because principal [{visitor.oid}] "
            "does not have "
            f"required RBAC permissions to perform action [{action}] on resource [{inner}]. Learn more: "
            "https://aka.ms/cosmos-native-rbac.",
        )

    def _refused(self, status: int, code: str, message: str) -> web.Response:
        full = (
            f"{message}\r\nActivityId: {self._door.azure.new_guid()}, Microsoft.Azure.Documents.Common/2.14.0"
        )
        return web.json_response({"code": code, "message": full}, status=status)


def _token(request: web.Request) -> str:
    """The token of `type=aad&ver=1.0&sig=…`, which comes URL-encoded."""
    fields = parse_qs(unquote(request.headers.get("Authorization", "")))
    return fields.get("sig", [""])[0] if fields.get("type") == ["aad"] else ""
