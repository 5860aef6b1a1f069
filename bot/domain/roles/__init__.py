"""The roles that can be offered: what each is called, lets a workload do, and makes sense on."""

from bot.domain.roles.scopes import RESOURCE_TYPES, scope_kind_of
from bot.domain.roles.table import ROLES
from bot.domain.roles.values import Action, Family, Role
from bot.domain.spec import Scope, ScopeKind

__all__ = [
    "RESOURCE_TYPES",
    "ROLES",
    "Action",
    "Family",
    "Role",
    "by_id",
    "by_name",
    "can",
    "role",
    "scope_kind_of",
]

_BY_KEY = {r.key: r for r in ROLES}
_BY_ID = {r.id: r for r in ROLES}
_BY_NAME = {r.name.casefold(): r for r in ROLES}


def role(key: str) -> Role:
    """The role of this key; KeyError when there is none."""
    return _BY_KEY[key]


def by_id(guid: str) -> Role | None:
    """The role whose definition has this GUID, in any case; None when the table has none."""
    return _BY_ID.get(guid.casefold())


def by_name(name: str) -> Role | None:
    """The role that Azure calls so, in any case; None when the table has none."""
    return _BY_NAME.get(" ".join(name.casefold().split()))


def can(key: str, scope: Scope) -> str:
    """What the role lets a workload do there: `read every secret of key vault kv-payments`."""
    one = role(key)
    single = scope.kind in (ScopeKind.SECRET, ScopeKind.KEY, ScopeKind.CERTIFICATE)
    return f"{one.lets_one if single and one.lets_one else one.lets} {scope.short}"
