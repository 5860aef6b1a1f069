"""Resources that a role can be given on: found by name among the subscriptions, and read before a grant.

Top-level resources come from Resource Graph. What lies in them (queues, containers, secrets) is not in
it and is read from Resource Manager.
"""

import asyncio
import re
from collections.abc import Collection
from typing import Any, cast

from azure.core.exceptions import HttpResponseError
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from bot.arm import kql
from bot.arm.client import PAGES, Connection
from bot.arm.errors import refusal_in
from bot.arm.kinds import KINDS, ONLY_IN_DATA_PLANE, way_to
from bot.domain.draft.addresses import names_in
from bot.domain.draft.values import Found, Lookup
from bot.domain.observed import TargetSeen
from bot.domain.roles import scope_kind_of
from bot.domain.spec import Scope, ScopeKind
from bot.errors import AskAgain

# To somebody without rights ARM answers 403 whether or not the resource exists.
UNSEEN = frozenset({"AuthorizationFailed"})
AT_ONCE = 8
MOST_PARENTS = 60
"""With more than this, a name inside is not looked for in every one of them."""
NAME = re.compile(r"[A-Za-z0-9_$][A-Za-z0-9_.()~$-]{0,259}")
"""What may stand in a path of ARM; none of these resources has another character in its name."""
ID = re.compile(
    rf"/subscriptions/(?P<subscription>[0-9a-fA-F-]{{36}})/resourceGroups(/{NAME.pattern}){{5,}}",
    re.IGNORECASE,
)


async def find(azure: Connection, lookup: Lookup) -> tuple[Found, ...]:
    """Every resource that is called so and is of one of the kinds, case apart; by id.

    The name can be a full id. `within` is the name or the id of the top-level resource that it lies in.
    Raises AskAgain when there are too many of those to look into.
    """
    if lookup.name.startswith("/"):
        return await _by_id(azure, lookup)
    pieces = lookup.name.split("/")
    if not all(NAME.fullmatch(piece) for piece in pieces):
        return ()
    depth = {kind: len(way_to(kind)) for kind in lookup.kinds}
    is_top = len(pieces) == 1 and lookup.within is None
    top = [kind for kind in lookup.kinds if depth[kind] == 1 and is_top]
    inner = [kind for kind in lookup.kinds if depth[kind] == len(pieces) + 1]
    found = await asyncio.gather(
        _top_level(azure, top, [lookup.name]),
        *(_inside(azure, kind, pieces, lookup.within) for kind in inner),
    )
    return tuple(sorted((one for some in found for one in some), key=lambda f: f.id.casefold()))


async def children(azure: Connection, parent_id: str, kind: ScopeKind) -> tuple[Found, ...]:
    """Everything of this kind that lies directly in a resource, by name."""
    async with azure.call(f"Reading every {kind} in {parent_id.rsplit('/', 1)[-1]}"):
        items = await azure.listed(f"{parent_id}/{KINDS[kind].within}", KINDS[kind].version)
    found = (
        Found(id=item["id"], kind=kind, name=item["id"].rsplit("/", 1)[-1], parent=parent_id)
        for item in items
    )
    return tuple(sorted(found, key=lambda one: one.name))


async def read_target(azure: Connection, scope: Scope) -> TargetSeen:
    """Whether the scope is there, and, where it is a vault or in one, whether roles work on it."""
    sees = len(azure.settings.subscriptions)
    if scope.kind not in KINDS:
        rows = await _query(azure, f"resources | where id =~ {kql.literal(scope.id)} | project id")
        return TargetSeen(scope=scope.id, exists=bool(rows), visible_subscriptions=sees)
    top = way_to(scope.kind)[0]
    wanted = [(scope.id, scope.kind)]
    if top is ScopeKind.VAULT and scope.kind is not top:
        wanted = [(scope.id.rsplit("/", 2)[0], top), *wanted]
    bodies = await asyncio.gather(*(_body(azure, *one) for one in wanted if one[1] not in ONLY_IN_DATA_PLANE))
    vault = bodies[0] if top is ScopeKind.VAULT else None
    properties = (vault or {}).get("properties") or {}
    return TargetSeen(
        scope=scope.id,
        exists=all(body is not None for body in bodies),
        visible_subscriptions=sees,
        access_policies=vault is not None and not properties.get("enableRbacAuthorization"),
    )


async def _by_id(azure: Connection, lookup: Lookup) -> tuple[Found, ...]:
    """The resource of this id, in the case in which Azure writes it; only in the tenant's subscriptions."""
    resource_id = lookup.name.rstrip("/")
    match, kind = ID.fullmatch(resource_id), scope_kind_of(resource_id)
    mine = match is not None and match["subscription"].lower() in azure.settings.subscriptions
    if not mine or (lookup.kinds and kind not in lookup.kinds):
        return ()
    if kind in KINDS:
        body = await _body(azure, resource_id, kind)
        rows = [body] if body else []
    else:
        rows = await _query(azure, f"resources | where id =~ {kql.literal(resource_id)} | project id")
    outer, *inner = names_in(resource_id)
    name = "/".join(inner) or outer
    return tuple(
        Found(id=row["id"], kind=kind, name=name, parent=_outermost(row["id"], kind)) for row in rows
    )


async def _top_level(
    azure: Connection, kinds: Collection[ScopeKind], names: Collection[str]
) -> tuple[Found, ...]:
    """The resources of these kinds with these names, or with any, as Resource Graph knows them."""
    if not kinds:
        return ()
    types = [KINDS[kind].type.casefold() for kind in kinds]
    query = f"resources | where type in~ {kql.listed(types)}"
    if names:
        query += f" | where name in~ {kql.listed(names)}"
    rows = await _query(azure, f"{query} | project id, name, type | order by id asc")
    by_type = {KINDS[kind].type.casefold(): kind for kind in kinds}
    return tuple(Found(id=row["id"], kind=by_type[row["type"].casefold()], name=row["name"]) for row in rows)


async def _inside(
    azure: Connection, kind: ScopeKind, pieces: list[str], within: str | None
) -> tuple[Found, ...]:
    """The resources of an inner kind by the names on the way to it, in one top-level resource or in all."""
    top, *way = way_to(kind)
    parents = await _parents(azure, kind, top, within)
    limit = asyncio.Semaphore(AT_ONCE)

    async def inside(parent: str) -> Found | None:
        inner = parent
        for step, name in zip(way, pieces, strict=True):
            inner = f"{inner}/{KINDS[step].within}/{name}"
        async with limit:
            body = {"id": inner} if kind in ONLY_IN_DATA_PLANE else await _body(azure, inner, kind)
        return Found(id=body["id"], kind=kind, name="/".join(pieces), parent=parent) if body else None

    return tuple(found for found in await asyncio.gather(*map(inside, parents)) if found)


async def _parents(azure: Connection, kind: ScopeKind, top: ScopeKind, within: str | None) -> list[str]:
    if within and within.startswith("/subscriptions/"):
        return [within.rstrip("/")]
    if within and not NAME.fullmatch(within):
        return []
    if within is None and kind in ONLY_IN_DATA_PLANE:
        raise AskAgain(f"I cannot look for a {kind} in every {top}.", f"Say in which {top} it is.")
    parents = [found.id for found in await _top_level(azure, [top], [within] if within else [])]
    if len(parents) > MOST_PARENTS:
        raise AskAgain(f"There are {len(parents)} of the kind {top}.", f"Say in which one the {kind} is.")
    return parents


def _outermost(resource_id: str, kind: ScopeKind) -> str:
    """The id of the top-level resource that this one lies in; empty when it is one itself."""
    if kind not in KINDS or KINDS[kind].lies_in is None:
        return ""
    return "/".join(resource_id.split("/")[:9])


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
        rows += cast(list[dict[str, Any]], answer.data)
        token = answer.skip_token
        if not token:
            break
    return rows


async def _body(azure: Connection, resource_id: str, kind: ScopeKind) -> dict[str, Any] | None:
    """The resource's JSON; None when it is not there, or not for the bot's eyes."""
    async with azure.call(f"Reading the {kind} {resource_id.rsplit('/', 1)[-1]}"):
        try:
            return await azure.get(resource_id, KINDS[kind].version)
        except HttpResponseError as error:
            if error.status_code == 404 or refusal_in(error).code in UNSEEN:
                return None
            raise
