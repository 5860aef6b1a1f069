"""What can be turned in this Azure: delays, limits and throttles, as plain attributes."""

from dataclasses import dataclass


@dataclass
class Options:
    """Seconds unless said otherwise. The defaults are quick; `realistic()` gives Azure's own times."""

    principal_replication: float = 0.0
    """How long a new principal stays unknown to role assignments that name no type."""
    credential_effect: float = 0.0
    """How long after its writing a federated credential begins to match."""
    role_propagation: float = 0.0
    """How long after it is given or taken back a role assignment takes effect or lasts."""
    credential_write: float = 0.02
    """How long one write of a credential takes; a second one under the same identity meanwhile is refused."""
    cosmos_operation: float = 0.0
    """How long a Cosmos DB role operation runs."""
    cluster_operation: float = 0.0
    """How long creating, changing or deleting a cluster, an account or a resource group runs."""
    token_lifetime: float = 86_400.0
    """How long an access token is good."""

    conflict_retry_after: int = 0
    """Retry-After of the answer to concurrent credential writes; 0 sends none."""
    credentials_per_identity: int = 20
    identities_per_group: int = 800
    assignments_per_subscription: int = 4000
    page_size: int = 100
    """How many objects one answer of an identity or credential list holds."""

    throttle: bool = False
    """Whether the token buckets and the identity provider's own limits are in force."""
    read_bucket: int = 250
    read_refill: float = 25.0
    write_bucket: int = 200
    write_refill: float = 10.0
    delete_bucket: int = 200
    delete_refill: float = 10.0
    identity_limits: bool = True
    """Under `throttle`: whether Microsoft.ManagedIdentity's requests a second are limited, too."""

    def realistic(self) -> "Options":
        """These options with the times that were recorded or documented (azure.md sections 1.2 to 1.8)."""
        self.principal_replication = 22.0
        self.credential_effect = 20.0
        self.role_propagation = 60.0
        self.cosmos_operation = 20.0
        self.cluster_operation = 240.0
        self.throttle = True
        return self
