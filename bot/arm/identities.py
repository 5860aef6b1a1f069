"""User-assigned managed identities: read, counted, ensured."""

from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.msi.v2024_11_30.models import Identity
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from bot.arm.client import Connection
from bot.arm.errors import refusal_in
from bot.arm.kql import literal
from bot.domain.catalog import Place
from bot.domain.observed import IdentitySeen
from bot.domain.plan import EnsureIdentity
from bot.domain.spec import IdentityRef
from bot.errors import NeedsOperator, Obstacle, TryLater

# The identity provider keeps writing these for a moment after the identity itself.
REPLICATION = 2.0
ABSENT = frozenset({"ResourceNotFound", "NotFound"})


async def read_identity(azure: Connection, ref: IdentityRef) -> IdentitySeen | None:
    """The identity as Azure has it, or None; a missing resource group is an error of the catalog's."""
    async with azure.call(f"Reading the identity {ref.name}"):
        try:
            found = await azure.identities(ref.subscription).user_assigned_identities.get(
                ref.resource_group, ref.name
            )
        except ResourceNotFoundError as error:
            if refusal_in(error).code not in ABSENT:
                raise
            return None
    return _seen(found, ref)


async def ensure_identity(azure: Connection, step: EnsureIdentity) -> dict[str, str]:
    """The identity is there; its client, principal and tenant ids and its ARM id.

    One that was there already is read and not written: its tags may be somebody else's.
    """
    if step.present:
        seen = await read_identity(azure, step.identity)
        if seen is None:
            raise NeedsOperator(
                f"The identity {step.identity.name} was there when the plan was made, and is gone.",
                "Find out who removed it; then ask again, so that a new plan makes it anew.",
                Obstacle.FOREIGN,
            )
        return _outputs(seen)
    ref = step.identity
    async with azure.call(f"Making the identity {ref.name}"):
        made = await azure.identities(ref.subscription).user_assigned_identities.create_or_update(
            ref.resource_group, ref.name, Identity(location=ref.region, tags=step.tags)
        )
    return _outputs(_seen(made, ref))


async def count_identities(azure: Connection, place: Place) -> int:
    """How many identities the resource group holds, as Resource Graph counts them (it may lag a minute)."""
    query = (
        "resources | where type =~ 'microsoft.managedidentity/userassignedidentities'"
        f" | where resourceGroup =~ {literal(place.resource_group)} | project id"
    )
    async with azure.call(f"Counting the identities in {place.resource_group}"):
        answer = await azure.graph.resources(
            QueryRequest(query=query, subscriptions=[place.subscription], options=QueryRequestOptions(top=1))
        )
    return int(answer.total_records)


def _seen(found: Identity, ref: IdentityRef) -> IdentitySeen:
    if not (found.client_id and found.principal_id and found.tenant_id):
        raise TryLater(f"The identity {ref.name} has no client id yet.", REPLICATION)
    return IdentitySeen(
        id=found.id or ref.id,
        client_id=found.client_id,
        principal_id=found.principal_id,
        tenant_id=found.tenant_id,
        region=found.location or "",
        tags=dict(found.tags or {}),
    )


def _outputs(seen: IdentitySeen) -> dict[str, str]:
    return {
        "client_id": seen.client_id,
        "principal_id": seen.principal_id,
        "tenant_id": seen.tenant_id,
        "id": seen.id,
    }
