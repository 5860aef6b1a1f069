"""What the bot itself may do in one tenant, line by line, for `bot check`."""

import asyncio
import base64
import fnmatch
import json
from collections.abc import Awaitable, Iterable
from typing import Any, Literal

from bot.arm.client import Connection
from bot.arm.clusters import read_cluster
from bot.arm.resources import find
from bot.domain.catalog import Catalog, Cluster, Place, Tenant
from bot.domain.draft.values import Lookup
from bot.domain.spec import ScopeKind
from bot.domain.value import Value
from bot.errors import BotError, TryLater

SUBSCRIPTIONS_VERSION = "2022-12-01"
AUTHORIZATION_VERSION = "2022-04-01"
ON_IDENTITIES = (
    "Microsoft.ManagedIdentity/userAssignedIdentities/read",
    "Microsoft.ManagedIdentity/userAssignedIdentities/write",
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read",
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
)
ASSIGNING = "Microsoft.Authorization/roleAssignments/write"


class Whoami(Value):
    """Whom Azure takes the bot for, out of its own token."""

    tenant_id: str
    object_id: str
    client_id: str


class Checked(Value):
    """One thing that was looked at: how it stands, and what to do when it is not well."""

    about: str
    verdict: Literal["ok", "wrong", "unknown"]
    problem: str = ""
    remedy: str = ""


async def whoami(azure: Connection) -> Whoami:
    """Whose token the bot has. It is read, not verified: Azure does that."""
    async with azure.call("Getting a token"):
        token = await azure.token()
    claims = _claims(token)
    return Whoami(
        tenant_id=str(claims.get("tid", "")),
        object_id=str(claims.get("oid", "")),
        client_id=str(claims.get("appid") or claims.get("azp") or ""),
    )


async def check(azure: Connection, catalog: Catalog, tenant: Tenant) -> tuple[Checked, ...]:
    """Every line on one tenant; nothing more is asked of Azure when there is no token."""
    token = await _line(f"token of tenant {tenant.name}", _token(azure, catalog, tenant))
    if token.verdict == "wrong":
        return (token,)
    own = [cluster for cluster in catalog.clusters if cluster.tenant == tenant.name]
    places = {(c.identities.subscription, c.identities.resource_group.casefold()): c.identities for c in own}
    lines = await asyncio.gather(
        _line(f"subscriptions of tenant {tenant.name}", _subscriptions(azure, tenant)),
        _line(f"Resource Graph of tenant {tenant.name}", _graph(azure)),
        *(_line(f"identities in {p.resource_group}", _identity_group(azure, p)) for p in places.values()),
        *(_line(f"cluster {cluster.name}", _cluster(azure, cluster)) for cluster in own),
        *(_line(f"role assignments in {s}", _assigning(azure, s)) for s in tenant.subscriptions),
    )
    return (token, *lines)


def allows(permissions: Iterable[dict[str, Any]], action: str) -> bool:
    """Whether one of the permissions, as ARM lists them, gives the action; case does not count."""
    return any(
        _among(action, given.get("actions")) and not _among(action, given.get("notActions"))
        for given in permissions
    )


async def _line(about: str, looked: Awaitable[Checked]) -> Checked:
    try:
        found = await looked
    except TryLater as error:
        return Checked(about=about, verdict="unknown", problem=error.problem, remedy="Run the check again.")
    except BotError as error:
        return Checked(about=about, verdict="wrong", problem=error.problem, remedy=error.remedy)
    return found.model_copy(update={"about": about})


def _ok() -> Checked:
    return Checked(about="", verdict="ok")


def _wrong(problem: str, remedy: str) -> Checked:
    return Checked(about="", verdict="wrong", problem=problem, remedy=remedy)


async def _token(azure: Connection, catalog: Catalog, tenant: Tenant) -> Checked:
    me = await whoami(azure)
    if me.tenant_id != tenant.id:
        return _wrong(
            f"The bot's token is of tenant {me.tenant_id or '(none)'}, not {tenant.id}.",
            "Correct the tenant in the catalog, or the bot's own workload identity.",
        )
    if catalog.tenants[0] == tenant and me.object_id != catalog.bot.principal:
        return _wrong(
            f"The bot is the principal {me.object_id}, and the catalog says {catalog.bot.principal}.",
            "Correct `bot.principal` in the catalog: the bot must be able to refuse itself as a target.",
        )
    return _ok()


async def _subscriptions(azure: Connection, tenant: Tenant) -> Checked:
    async with azure.call("Listing the subscriptions"):
        items = await azure.listed("/subscriptions", SUBSCRIPTIONS_VERSION)
    seen = {str(item.get("subscriptionId", "")).casefold() for item in items}
    missing = [s for s in tenant.subscriptions if s not in seen]
    if missing:
        return _wrong(
            f"The bot cannot see {', '.join(missing)}.",
            "Give its identity Reader there, or take them out of the catalog.",
        )
    return _ok()


async def _graph(azure: Connection) -> Checked:
    await find(azure, Lookup(name="nothing", kinds=(ScopeKind.VAULT,)))
    return _ok()


async def _identity_group(azure: Connection, place: Place) -> Checked:
    scope = f"/subscriptions/{place.subscription}/resourceGroups/{place.resource_group}"
    given = await _permissions(azure, scope)
    missing = [action for action in ON_IDENTITIES if not allows(given, action)]
    if missing:
        return _wrong(
            f"The bot may not do {', '.join(missing)}.",
            f"Give its identity Managed Identity Contributor on the resource group {place.resource_group}.",
        )
    return _ok()


async def _cluster(azure: Connection, cluster: Cluster) -> Checked:
    seen = await read_cluster(azure, cluster)
    if not seen.oidc_enabled or not seen.workload_identity_enabled:
        return _wrong(
            "Its OIDC issuer or its workload identity is switched off.",
            "az aks update --enable-oidc-issuer --enable-workload-identity",
        )
    if seen.issuer != cluster.issuer:
        return _wrong(
            f"AKS says the issuer is {seen.issuer}, and the catalog says {cluster.issuer}.",
            "Copy it from AKS byte for byte, with the slash at its end.",
        )
    return _ok()


async def _assigning(azure: Connection, subscription: str) -> Checked:
    """Rights on a whole subscription show here; narrower ones show only when they are used."""
    if allows(await _permissions(azure, f"/subscriptions/{subscription}"), ASSIGNING):
        return _ok()
    return Checked(
        about="",
        verdict="unknown",
        problem="The bot may not assign roles on the whole subscription; perhaps on groups within it.",
        remedy="Give its identity Role Based Access Control Administrator, conditioned, where targets are.",
    )


async def _permissions(azure: Connection, scope: str) -> list[dict[str, Any]]:
    async with azure.call("Reading the bot's own rights"):
        return await azure.listed(
            f"{scope}/providers/Microsoft.Authorization/permissions", AUTHORIZATION_VERSION
        )


def _among(action: str, patterns: list[str] | None) -> bool:
    wanted = action.casefold()
    return any(fnmatch.fnmatchcase(wanted, pattern.casefold()) for pattern in patterns or ())


def _claims(token: str) -> dict[str, object]:
    try:
        body = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
