"""What grants are for, as resources: vaults, storage accounts, Service Bus, Cosmos DB and others."""

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.arm.model import Resource

Shape = Callable[[str, dict[str, Any], str], Iterator[Resource]]
NETWORK = {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []}


def _outer(
    group: str, type_: str, wanted: dict[str, Any], properties: dict[str, Any], **extra: Any
) -> Resource:
    properties = {**properties, "provisioningState": "Succeeded", **wanted.get("properties", {})}
    return Resource(
        f"{group}/providers/{type_}/{wanted['name']}", type_, wanted["name"], wanted["location"],
        dict(wanted.get("tags", {})), properties, extra,
    )  # fmt: skip


def _inner(outer: Resource, kind: str, name: str, properties: dict[str, Any], **hidden: Any) -> Resource:
    own = f"{outer.id}/{kind}/{name}"
    return Resource(own, f"{outer.type}/{kind}", name, properties=properties, hidden=hidden)


def _network(wanted: dict[str, Any]) -> dict[str, Any]:
    """Open to all networks, unless the sample says `private: true`."""
    closed = bool(wanted.get("private"))
    rules = {**NETWORK, "defaultAction": "Deny" if closed else "Allow"}
    return {"networkAcls": rules, "publicNetworkAccess": "Disabled" if closed else "Enabled"}


def vault(group: str, wanted: dict[str, Any], tenant: str) -> Iterator[Resource]:
    """A vault with its secrets, of which ARM shows no values; `rbac: false`: access-policy mode."""
    outer = _outer(
        group,
        "Microsoft.KeyVault/vaults",
        wanted,
        {
            "sku": {"family": "A", "name": "standard"},
            "tenantId": tenant,
            "accessPolicies": [],
            "enabledForDeployment": False,
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": 90,
            "enableRbacAuthorization": wanted.get("rbac", True),
            "vaultUri": f"https://{wanted['name']}.vault.azure.net/",
            **_network(wanted),
        },
    )
    yield outer
    for name in wanted.get("secrets", ()):
        uri = f"{outer.properties['vaultUri']}secrets/{name}"
        yield _inner(
            outer,
            "secrets",
            name,
            {"attributes": {"enabled": True}, "secretUri": uri},
            value=f"value of {name}",
        )


def storage(group: str, wanted: dict[str, Any], _tenant: str) -> Iterator[Resource]:
    """A storage account with its containers, queues and tables."""
    services = ("blob", "queue", "table", "dfs", "file", "web")
    outer = _outer(
        group,
        "Microsoft.Storage/storageAccounts",
        wanted,
        {
            "allowSharedKeyAccess": wanted.get("shared_keys", True),
            "allowBlobPublicAccess": False,
            "isHnsEnabled": wanted.get("hierarchical", False),
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": True,
            "primaryEndpoints": {s: f"https://{wanted['name']}.{s}.core.windows.net/" for s in services},
            **_network(wanted),
        },
        sku={"name": "Standard_LRS", "tier": "Standard"},
        kind="StorageV2",
    )
    yield outer
    for service, kind in (
        ("blobServices", "containers"),
        ("queueServices", "queues"),
        ("tableServices", "tables"),
    ):
        default = _inner(outer, service, "default", {})
        if names := wanted.get(kind, ()):
            yield default
            for name in names:
                yield _inner(default, kind, name, {"publicAccess": "None"} if kind == "containers" else {})


def servicebus(group: str, wanted: dict[str, Any], _tenant: str) -> Iterator[Resource]:
    """A Service Bus namespace with its queues, topics and subscriptions."""
    outer = _outer(
        group,
        "Microsoft.ServiceBus/namespaces",
        wanted,
        {
            "disableLocalAuth": not wanted.get("shared_keys", True),
            "status": "Active",
            "serviceBusEndpoint": f"https://{wanted['name']}.servicebus.windows.net:443/",
            "publicNetworkAccess": _network(wanted)["publicNetworkAccess"],
        },
        sku={"name": "Standard", "tier": "Standard"},
    )
    yield outer
    for name in wanted.get("queues", ()):
        yield _inner(outer, "queues", name, {"status": "Active", "maxDeliveryCount": 10})
    for name, subscriptions in wanted.get("topics", {}).items():
        topic = _inner(outer, "topics", name, {"status": "Active", "subscriptionCount": len(subscriptions)})
        yield topic
        for subscription in subscriptions:
            yield _inner(topic, "subscriptions", subscription, {"status": "Active", "maxDeliveryCount": 10})


def cosmos(group: str, wanted: dict[str, Any], tenant: str) -> Iterator[Resource]:
    """A Cosmos DB account with its databases and containers; `api`: sql, mongo, cassandra and so on."""
    api = wanted.get("api", "sql")
    capabilities = [] if api == "sql" else [{"name": f"Enable{api.capitalize()}"}]
    outer = _outer(
        group,
        "Microsoft.DocumentDB/databaseAccounts",
        wanted,
        {
            "documentEndpoint": f"https://{wanted['name']}.documents.azure.com:443/",
            "databaseAccountOfferType": "Standard",
            "disableLocalAuth": not wanted.get("shared_keys", True),
            "capabilities": capabilities,
            "publicNetworkAccess": _network(wanted)["publicNetworkAccess"],
            "tenantId": tenant,
        },
        kind="MongoDB" if api == "mongo" else "GlobalDocumentDB",
    )
    yield outer
    for database, containers in wanted.get("databases", {}).items():
        inner = _inner(outer, "sqlDatabases", database, {"resource": {"id": database}})
        yield inner
        for container in containers:
            yield _inner(inner, "containers", container, {"resource": {"id": container}})


def other(group: str, wanted: dict[str, Any], _tenant: str) -> Iterator[Resource]:
    """Any other resource, given by its type: event hubs, registries, configuration stores."""
    yield _outer(group, wanted["type"], wanted, {}, **{k: wanted[k] for k in ("kind", "sku") if k in wanted})


TARGETS: dict[str, Shape] = {
    "vaults": vault,
    "storage": storage,
    "servicebus": servicebus,
    "cosmos": cosmos,
    "resources": other,
}
