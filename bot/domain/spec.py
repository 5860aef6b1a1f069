"""What is wanted: one identity, the workloads that use it, the grants it holds."""

from enum import StrEnum

from bot.domain.value import Value


class Consumer(StrEnum):
    """What uses the service account."""

    POD = "pod"
    EXTERNAL_SECRETS = "external-secrets"
    KEDA = "keda"
    CSI = "csi"


class Person(Value):
    """A Slack account, bound by user, team and enterprise; never by a name or an address."""

    user: str
    team: str
    enterprise: str | None = None


class Workload(Value):
    """Cluster, namespace and service account; `consumer` is what uses the account."""

    cluster: str
    namespace: str
    service_account: str
    consumer: Consumer = Consumer.POD

    @property
    def key(self) -> str:
        """One text for one workload."""
        return f"{self.cluster}/{self.namespace}/{self.service_account}"

    @property
    def subject(self) -> str:
        """The subject of the service account's tokens, as Kubernetes writes it."""
        return f"system:serviceaccount:{self.namespace}:{self.service_account}"


class ScopeKind(StrEnum):
    """What a scope is; the recommended width is a resource."""

    VAULT = "key vault"
    SECRET = "secret"
    STORAGE = "storage account"
    CONTAINER = "blob container"
    STORAGE_QUEUE = "storage queue"
    STORAGE_TABLE = "storage table"
    KEY = "key"
    CERTIFICATE = "certificate"
    SERVICE_BUS = "service bus namespace"
    QUEUE = "queue"
    TOPIC = "topic"
    TOPIC_SUBSCRIPTION = "topic subscription"
    EVENT_HUBS = "event hubs namespace"
    EVENT_HUB = "event hub"
    EVENT_GRID_TOPIC = "event grid topic"
    APP_CONFIGURATION = "app configuration"
    REGISTRY = "container registry"
    APP_INSIGHTS = "application insights"
    COSMOS = "cosmos account"
    COSMOS_DATABASE = "cosmos database"
    COSMOS_CONTAINER = "cosmos container"
    RESOURCE_GROUP = "resource group"
    SUBSCRIPTION = "subscription"
    OTHER = "resource"


class Scope(Value):
    """Where a role is given: a full ARM id in the case Azure wrote it, and how to call it."""

    id: str
    kind: ScopeKind
    name: str

    @property
    def short(self) -> str:
        """The scope as a person says it: `key vault kv-payments`."""
        return f"{self.kind} {self.name}"

    def same_as(self, other_id: str) -> bool:
        """Whether the other id is this one: ARM ids differ in case (azure.md 0.3)."""
        return self.id.casefold() == other_id.casefold()


class Grant(Value):
    """A role, by its key in `bot.domain.roles`, on a scope."""

    role: str
    scope: Scope


class IdentityRef(Value):
    """Where the user-assigned managed identity stands or will stand, and its name."""

    subscription: str
    resource_group: str
    name: str
    region: str

    @property
    def id(self) -> str:
        """Its ARM id as we write it; Azure answers with `/resourcegroups/` in lower case."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{self.name}"
        )


class Spec(Value):
    """Everything that is asked for. Derived wholly from a draft and the catalog."""

    tenant: str
    application: str
    team: str | None
    identity: IdentityRef
    workloads: tuple[Workload, ...]
    grants: tuple[Grant, ...]
    reason: str
