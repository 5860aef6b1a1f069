"""The kinds of resource that a role can be given on: their types, where their children are, how to ask."""

import re
from dataclasses import dataclass

from bot.domain.spec import Scope, ScopeKind

COSMOS_VERSION = "2024-05-15"
KEY_VAULT_VERSION = "2023-07-01"
SERVICE_BUS_VERSION = "2021-11-01"
STORAGE_VERSION = "2023-05-01"

RESOURCE_ID = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/providers/(?P<namespace>[^/]+)/(?P<rest>[^/]+/[^/]+(?:/[^/]+/[^/]+)*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Kind:
    """One kind: its ARM type, the api-version to ask with, and for a child the kind that it is in.

    `within` is what stands between the parent's id and the child's name.
    """

    type: str
    version: str
    parent: ScopeKind | None = None
    within: str = ""


KINDS: dict[ScopeKind, Kind] = {
    ScopeKind.VAULT: Kind("Microsoft.KeyVault/vaults", KEY_VAULT_VERSION),
    ScopeKind.SECRET: Kind(
        "Microsoft.KeyVault/vaults/secrets", KEY_VAULT_VERSION, ScopeKind.VAULT, "secrets"
    ),
    ScopeKind.STORAGE: Kind("Microsoft.Storage/storageAccounts", STORAGE_VERSION),
    ScopeKind.CONTAINER: Kind(
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        STORAGE_VERSION,
        ScopeKind.STORAGE,
        "blobServices/default/containers",
    ),
    ScopeKind.SERVICE_BUS: Kind("Microsoft.ServiceBus/namespaces", SERVICE_BUS_VERSION),
    ScopeKind.QUEUE: Kind(
        "Microsoft.ServiceBus/namespaces/queues", SERVICE_BUS_VERSION, ScopeKind.SERVICE_BUS, "queues"
    ),
    ScopeKind.TOPIC: Kind(
        "Microsoft.ServiceBus/namespaces/topics", SERVICE_BUS_VERSION, ScopeKind.SERVICE_BUS, "topics"
    ),
    ScopeKind.TOPIC_SUBSCRIPTION: Kind(
        "Microsoft.ServiceBus/namespaces/topics/subscriptions",
        SERVICE_BUS_VERSION,
        ScopeKind.TOPIC,
        "subscriptions",
    ),
    ScopeKind.COSMOS: Kind("Microsoft.DocumentDB/databaseAccounts", COSMOS_VERSION),
}
BY_TYPE = {kind.type.casefold(): name for name, kind in KINDS.items()}


def children_of(kind: ScopeKind) -> tuple[ScopeKind, ...]:
    """The kinds that stand directly in this one."""
    return tuple(name for name, one in KINDS.items() if one.parent is kind)


def parse_scope(resource_id: str) -> Scope | None:
    """The scope of a full resource id, in the case it was given; None when it is none (a group, say).

    A child is named with what it is in: `sb-shop/payments`, `stshop/invoices`.
    """
    match = RESOURCE_ID.fullmatch(resource_id.rstrip("/"))
    if not match:
        return None
    pieces = match["rest"].split("/")
    kind_of = "/".join((match["namespace"], *pieces[::2])).casefold()
    kind = BY_TYPE.get(kind_of, ScopeKind.OTHER)
    names = [name for type_, name in zip(pieces[::2], pieces[1::2], strict=True) if type_ != "blobServices"]
    return Scope(id=resource_id.rstrip("/"), kind=kind, name="/".join(names))


def child(parent: Scope, kind: ScopeKind, name: str) -> Scope:
    """The scope of a child by name, whether or not it exists."""
    return Scope(id=f"{parent.id}/{KINDS[kind].within}/{name}", kind=kind, name=f"{parent.name}/{name}")
