"""Resources that a role can be given on: found by name among the subscriptions, and read before a grant.

Top-level resources come from Resource Graph. Queues, topics, their subscriptions, blob containers and
vault secrets are not in it and are read from ARM.
"""

import asyncio
import re
from collections.abc import Collection, Iterable
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from bot.arm import kql
from bot.arm.client import PAGES, Connection
from bot.arm.errors import refusal_in
from bot.arm.kinds import BY_TYPE, KINDS, RESOURCE_ID, child, children_of, parse_scope
from bot.domain.observed import TargetSeen
from bot.domain.spec import Scope, ScopeKind
from bot.domain.value import Value

# To somebody without rights ARM answers 403 whether or not the resource exists.
UNSEEN = frozenset({"AuthorizationFailed"})
PARENTS_AT_ONCE = 8
NAME = re.compile(r"[\w.()~$-]{1,260}")
"""What may stand in a path of ARM; no resource that a role is given on here has another character."""


class Found(Value):
    """A resource that exists: its scope, and where it stands."""

    scope: Scope
    subscription: str
    resource_group: str
    region: str = ""


async def find_resources(
    azure: Connection, kinds: Collection[ScopeKind], names: Collection[str] = ()
) -> tuple[Found, ...]:
    """The top-level resources of these kinds with exactly these names (or any), case apart; by id."""
    types = [KINDS[kind].type.casefold() for kind in kinds if KINDS[kind].parent is None]
    if not types or any(not NAME.fullmatch(name) for name in names):
        return ()
    query = f"resources | where type in~ {kql.listed(types)}"
    if names:
        query += f" | where name in~ {kql.listed(names)}"
    rows = await _query(azure, f"{query} | project id, name, type, location | order by id asc")
    return _founds(rows)


async def find_children(
    azure: Connection, parent: Scope, kinds: Collection[ScopeKind] = ()
) -> tuple[Found, ...]:
    """What stands directly in a resource: of these kinds, or of all."""
    wanted = [kind for kind in children_of(parent.kind) if not kinds or kind in kinds]
    lists = await asyncio.gather(*(_children(azure, parent, kind) for kind in wanted))
    return tuple(found for one in lists for found in one)


async def find_within(
    azure: Connection, kind: ScopeKind, name: str, parents: Iterable[Scope] | None = None
) -> tuple[Found, ...]:
    """The children of a kind by name, in these parents or in every one that the bot sees.

    A topic subscription's name is `topic/subscription`, its parents are Service Bus namespaces.
    """
    pieces = name.split("/")
    if not all(NAME.fullmatch(piece) for piece in pieces):
        return ()
    if parents is None:
        parents = [found.scope for found in await find_resources(azure, [_top(kind)])]
    limit = asyncio.Semaphore(PARENTS_AT_ONCE)

    async def within(parent: Scope) -> Found | None:
        inner = _nested(parent, kind, pieces)
        async with limit:
            return await _one(azure, inner) if inner else None

    return tuple(found for found in await asyncio.gather(*map(within, parents)) if found)


async def read_target(azure: Connection, scope: Scope) -> TargetSeen:
    """Whether the scope is there, and, where it is a vault or in one, whether roles work on it."""
    sees = len(azure.settings.subscriptions)
    if scope.kind is ScopeKind.OTHER or scope.kind not in KINDS:
        rows = await _query(azure, f"resources | where id =~ {kql.literal(scope.id)} | project id, type")
        return TargetSeen(scope=scope.id, exists=bool(rows), visible_subscriptions=sees)
    parent = scope
    if scope.kind is ScopeKind.SECRET:
        parent = parse_scope(scope.id.rsplit("/", 2)[0]) or scope
    wanted = {scope.id: scope, parent.id: parent}.values()
    bodies = await asyncio.gather(*(_body(azure, one) for one in wanted))
    vault = bodies[-1] if parent.kind is ScopeKind.VAULT else None
    properties = (vault or {}).get("properties") or {}
    return TargetSeen(
        scope=scope.id,
        exists=all(body is not None for body in bodies),
        visible_subscriptions=sees,
        access_policies=vault is not None and not properties.get("enableRbacAuthorization"),
    )


async def _query(azure: Connection, query: str) -> list[dict[str, Any]]:
    """Every row of a Resource Graph query over the tenant's subscriptions, page by page."""
    rows: list[dict[str, Any]] = []
    token: str | None = None
    for _ in range(PAGES):
        request = QueryRequest(
            query=query,
            subscriptions=list(azure.settings.subscriptions),
            options=QueryRequestOptions(result_format="objectArray", skip_token=token),
        )
        async with azure.call("Looking for resources"):
            answer = await azure.graph.resources(request)
        rows += [dict(row) for row in answer.data]
        token = answer.skip_token
        if not token:
            break
    return rows


async def _children(azure: Connection, parent: Scope, kind: ScopeKind) -> tuple[Found, ...]:
    async with azure.call(f"Reading what is in {parent.short}"):
        items = await azure.listed(f"{parent.id}/{KINDS[kind].within}", KINDS[kind].version)
    return tuple(sorted(_founds(items), key=lambda found: found.scope.name))


async def _one(azure: Connection, scope: Scope) -> Found | None:
    body = await _body(azure, scope)
    found = _founds([body]) if body else ()
    return found[0] if found else None


async def _body(azure: Connection, scope: Scope) -> dict[str, Any] | None:
    """The resource's JSON; None when it is not there, or not for the bot's eyes."""
    async with azure.call(f"Reading {scope.short}"):
        try:
            return await azure.get(scope.id, KINDS[scope.kind].version)
        except HttpResponseError as error:
            if error.status_code == 404 or refusal_in(error).code in UNSEEN:
                return None
            raise


def _founds(items: Iterable[dict[str, Any]]) -> tuple[Found, ...]:
    return tuple(found for item in items if (found := _found(item)))


def _found(item: dict[str, Any]) -> Found | None:
    scope = parse_scope(str(item.get("id") or ""))
    match = RESOURCE_ID.fullmatch(scope.id) if scope else None
    if scope is None or match is None:
        return None
    kind = BY_TYPE.get(str(item.get("type") or "").casefold(), scope.kind)
    return Found(
        scope=scope.model_copy(update={"kind": kind}),
        subscription=match["subscription"],
        resource_group=match["group"],
        region=str(item.get("location") or ""),
    )


def _top(kind: ScopeKind) -> ScopeKind:
    while (parent := KINDS[kind].parent) is not None:
        kind = parent
    return kind


def _nested(parent: Scope, kind: ScopeKind, pieces: list[str]) -> Scope | None:
    """The child by the names on the way to it; None when they are too few or too many."""
    way = [kind]
    while (above := KINDS[way[0]].parent) is not None and above is not parent.kind:
        way.insert(0, above)
    if len(way) != len(pieces):
        return None
    for one, name in zip(way, pieces, strict=True):
        parent = child(parent, one, name)
    return parent
