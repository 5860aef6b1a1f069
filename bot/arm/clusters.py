"""AKS clusters, as far as workload identity needs them."""

from azure.core.exceptions import ResourceNotFoundError

from bot.arm.client import Connection
from bot.domain.catalog import Cluster
from bot.domain.observed import ClusterSeen
from bot.errors import NeedsOperator, Obstacle


async def read_cluster(azure: Connection, cluster: Cluster) -> ClusterSeen:
    """What AKS says of a cluster of the catalog; its issuer byte for byte, with the slash at its end."""
    client = azure.clusters(cluster.subscription).managed_clusters
    async with azure.call(f"Reading the cluster {cluster.name}"):
        try:
            found = await client.get(cluster.resource_group, cluster.name)
        except ResourceNotFoundError as error:
            raise NeedsOperator(
                f"The cluster {cluster.name} is not in {cluster.resource_group}, or the bot cannot see it.",
                "Correct its name, resource group and subscription in the catalog, or give the bot's "
                "identity Reader on it.",
                Obstacle.NOT_VISIBLE,
            ) from error
    issuer = found.oidc_issuer_profile
    workload = found.security_profile.workload_identity if found.security_profile else None
    return ClusterSeen(
        name=cluster.name,
        issuer=issuer.issuer_url if issuer else None,
        oidc_enabled=bool(issuer and issuer.enabled),
        workload_identity_enabled=bool(workload and workload.enabled),
    )
