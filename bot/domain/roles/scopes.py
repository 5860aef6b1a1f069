"""What an ARM id is the id of."""

from bot.domain.spec import ScopeKind

RESOURCE_TYPES: dict[ScopeKind, str] = {
    ScopeKind.VAULT: "Microsoft.KeyVault/vaults",
    ScopeKind.SECRET: "Microsoft.KeyVault/vaults/secrets",
    ScopeKind.KEY: "Microsoft.KeyVault/vaults/keys",
    ScopeKind.CERTIFICATE: "Microsoft.KeyVault/vaults/certificates",
    ScopeKind.STORAGE: "Microsoft.Storage/storageAccounts",
    ScopeKind.CONTAINER: "Microsoft.Storage/storageAccounts/blobServices/containers",
    ScopeKind.STORAGE_QUEUE: "Microsoft.Storage/storageAccounts/queueServices/queues",
    ScopeKind.STORAGE_TABLE: "Microsoft.Storage/storageAccounts/tableServices/tables",
    ScopeKind.SERVICE_BUS: "Microsoft.ServiceBus/namespaces",
    ScopeKind.QUEUE: "Microsoft.ServiceBus/namespaces/queues",
    ScopeKind.TOPIC: "Microsoft.ServiceBus/namespaces/topics",
    ScopeKind.TOPIC_SUBSCRIPTION: "Microsoft.ServiceBus/namespaces/topics/subscriptions",
    ScopeKind.EVENT_HUBS: "Microsoft.EventHub/namespaces",
    ScopeKind.EVENT_HUB: "Microsoft.EventHub/namespaces/eventhubs",
    ScopeKind.EVENT_GRID_TOPIC: "Microsoft.EventGrid/topics",
    ScopeKind.APP_CONFIGURATION: "Microsoft.AppConfiguration/configurationStores",
    ScopeKind.REGISTRY: "Microsoft.ContainerRegistry/registries",
    ScopeKind.APP_INSIGHTS: "Microsoft.Insights/components",
    ScopeKind.COSMOS: "Microsoft.DocumentDB/databaseAccounts",
    ScopeKind.COSMOS_DATABASE: "Microsoft.DocumentDB/databaseAccounts/sqlDatabases",
    ScopeKind.COSMOS_CONTAINER: "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers",
}
"""The ARM type of every kind of scope; groups, subscriptions and other resources have none here."""

_KINDS = {type_.casefold(): kind for kind, type_ in RESOURCE_TYPES.items()}
# Cosmos DB's own role assignments write databases and containers in another way (azure.md 1.6).
_KINDS["microsoft.documentdb/databaseaccounts/dbs"] = ScopeKind.COSMOS_DATABASE
_KINDS["microsoft.documentdb/databaseaccounts/dbs/colls"] = ScopeKind.COSMOS_CONTAINER


def scope_kind_of(arm_id: str) -> ScopeKind:
    """What an ARM id is the id of; `OTHER` for a resource that no role of the table is given on."""
    parts = arm_id.strip().strip("/").split("/")
    lowered = [part.casefold() for part in parts]
    if lowered[0] != "subscriptions" or len(parts) < 2 or not all(parts):
        return ScopeKind.OTHER
    if len(parts) == 2:
        return ScopeKind.SUBSCRIPTION
    if lowered[2] == "resourcegroups" and len(parts) == 4:
        return ScopeKind.RESOURCE_GROUP
    if "providers" not in lowered or len(parts) % 2:
        return ScopeKind.OTHER
    # An extension (a lock, a role assignment) stands after a second `providers` and is no scope.
    _, *rest = "/".join(lowered).split("/providers/")
    if len(rest) != 1:
        return ScopeKind.OTHER
    namespace, *pairs = rest[0].split("/")
    return _KINDS.get("/".join((namespace, *pairs[::2])), ScopeKind.OTHER)
