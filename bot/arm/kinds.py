"""How each kind of resource is asked for: its api-version, what it lies in, and the path between the two."""

from dataclasses import dataclass

from bot.domain.roles import RESOURCE_TYPES
from bot.domain.spec import ScopeKind

VERSIONS = {
    "microsoft.appconfiguration": "2024-05-01",
    "microsoft.containerregistry": "2023-07-01",
    "microsoft.documentdb": "2024-05-15",
    "microsoft.eventgrid": "2022-06-15",
    "microsoft.eventhub": "2024-01-01",
    "microsoft.insights": "2020-02-02",
    "microsoft.keyvault": "2023-07-01",
    "microsoft.servicebus": "2021-11-01",
    "microsoft.storage": "2023-05-01",
}
LIES_IN = {
    ScopeKind.SECRET: ScopeKind.VAULT,
    ScopeKind.KEY: ScopeKind.VAULT,
    ScopeKind.CERTIFICATE: ScopeKind.VAULT,
    ScopeKind.CONTAINER: ScopeKind.STORAGE,
    ScopeKind.STORAGE_QUEUE: ScopeKind.STORAGE,
    ScopeKind.STORAGE_TABLE: ScopeKind.STORAGE,
    ScopeKind.QUEUE: ScopeKind.SERVICE_BUS,
    ScopeKind.TOPIC: ScopeKind.SERVICE_BUS,
    ScopeKind.TOPIC_SUBSCRIPTION: ScopeKind.TOPIC,
    ScopeKind.EVENT_HUB: ScopeKind.EVENT_HUBS,
    ScopeKind.COSMOS_DATABASE: ScopeKind.COSMOS,
    ScopeKind.COSMOS_CONTAINER: ScopeKind.COSMOS_DATABASE,
}
ONLY_IN_DATA_PLANE = frozenset({ScopeKind.CERTIFICATE})
"""What Resource Manager can neither list nor read: what it lies in has to speak for it."""


@dataclass(frozen=True)
class Kind:
    """One kind; `within` is what stands between the id of what it lies in and its own name."""

    type: str
    version: str
    lies_in: ScopeKind | None
    within: str


def _kind(kind: ScopeKind, type_: str) -> Kind:
    outer = LIES_IN.get(kind)
    between = type_[len(RESOURCE_TYPES[outer]) + 1 :] if outer else ""
    # A storage account's services have one instance each, called default.
    within = between.replace("Services/", "Services/default/")
    return Kind(type_, VERSIONS[type_.split("/", maxsplit=1)[0].casefold()], outer, within)


KINDS = {kind: _kind(kind, type_) for kind, type_ in RESOURCE_TYPES.items()}


def way_to(kind: ScopeKind) -> tuple[ScopeKind, ...]:
    """The kinds from the top-level resource down to this one, both included."""
    way = [kind]
    while (outer := KINDS[way[0]].lies_in) is not None:
        way.insert(0, outer)
    return tuple(way)
