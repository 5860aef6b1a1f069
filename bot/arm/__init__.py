"""Azure as the bot needs it: one tenant's Resource Manager, in the domain's values and the bot's errors."""

from typing import Self

from azure.core.credentials_async import AsyncTokenCredential

from bot.arm import assignments, clusters, credentials, identities, resources, rights
from bot.arm.client import ArmSettings, Connection, credential
from bot.arm.rights import Checked, Whoami
from bot.domain.catalog import Catalog, Cluster, Place, Tenant
from bot.domain.draft.values import Found, Lookup
from bot.domain.observed import AssignmentSeen, ClusterSeen, CredentialSeen, IdentitySeen, TargetSeen
from bot.domain.plan import EnsureCredential, EnsureIdentity, EnsureRoleAssignment
from bot.domain.spec import IdentityRef, Scope, ScopeKind

__all__ = ["Arm", "ArmSettings", "Checked", "Whoami", "credential"]


class Arm:
    """One tenant's Azure Resource Manager.

    An async context: calls work inside it. Every call ends in time and raises nothing but TryLater and
    NeedsOperator; none waits for anything to become true, that is the reconciler's to do.
    """

    def __init__(self, credential: AsyncTokenCredential, settings: ArmSettings) -> None:
        self._azure = Connection(credential, settings)

    async def __aenter__(self) -> Self:
        await self._azure.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._azure.__aexit__(*exc)

    async def read_identity(self, ref: IdentityRef) -> IdentitySeen | None:
        """The identity as Azure has it, or None."""
        return await identities.read_identity(self._azure, ref)

    async def read_credentials(self, ref: IdentityRef) -> tuple[CredentialSeen, ...]:
        """The identity's credentials, by name; none when there is no identity."""
        return await credentials.read_credentials(self._azure, ref)

    async def read_assignments(self, scope_id: str) -> tuple[AssignmentSeen, ...]:
        """Everybody's role assignments at a scope, inherited ones too."""
        return await assignments.read_assignments(self._azure, scope_id)

    async def read_held(self, principal_id: str, subscription: str) -> tuple[AssignmentSeen, ...]:
        """What one principal holds at a subscription and anywhere below it."""
        return await assignments.read_held(self._azure, principal_id, subscription)

    async def read_cluster(self, cluster: Cluster) -> ClusterSeen:
        """What AKS says of a cluster of the catalog."""
        return await clusters.read_cluster(self._azure, cluster)

    async def read_target(self, scope: Scope) -> TargetSeen:
        """Whether a grant's scope is there, and what keeps roles from working on it."""
        return await resources.read_target(self._azure, scope)

    async def find(self, lookup: Lookup) -> tuple[Found, ...]:
        """Every resource that is called so and is of one of the kinds, by id."""
        return await resources.find(self._azure, lookup)

    async def children(self, parent_id: str, kind: ScopeKind) -> tuple[Found, ...]:
        """Everything of a kind that lies directly in a resource: queues, containers, secrets."""
        return await resources.children(self._azure, parent_id, kind)

    async def count_identities(self, place: Place) -> int:
        """How many identities a resource group holds."""
        return await identities.count_identities(self._azure, place)

    async def ensure_identity(self, step: EnsureIdentity) -> dict[str, str]:
        """The identity is there; its `client_id`, `principal_id`, `tenant_id` and `id`."""
        return await identities.ensure_identity(self._azure, step)

    async def ensure_credential(self, step: EnsureCredential) -> dict[str, str]:
        """The identity trusts the issuer and subject; the credential's `name`."""
        return await credentials.ensure_credential(self._azure, step)

    async def ensure_role_assignment(
        self, step: EnsureRoleAssignment, principal_id: str, description: str
    ) -> dict[str, str]:
        """The principal holds the role on the scope; the assignment's `id`."""
        return await assignments.ensure_role_assignment(self._azure, step, principal_id, description)

    async def whoami(self) -> Whoami:
        """Whose token the bot has."""
        return await rights.whoami(self._azure)

    async def check(self, catalog: Catalog, tenant: Tenant) -> tuple[Checked, ...]:
        """What `bot check` says of this tenant: token, subscriptions, identity groups, clusters, rights."""
        return await rights.check(self._azure, catalog, tenant)
