"""Worlds with something in the way, and the two requests that are tried in them."""

import copy
from typing import Any

from arm_world import IDENTITIES, PROD, SAMPLE, SECRETS_USER, VAULT, Answer, Cloud

OTHER = {
    "object_id": "7d1e0000-1111-4222-8333-444455556666",
    "client_id": "7d1e0000-1111-4222-8333-444455557777",
}
GUEST = {**OTHER, "name": "guest", "secret": "not-a-secret"}
FAR = "99990000-1111-4222-8333-444455556666"
GIVEN = f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-4000-8000-000000000001"
GROUP = f"/subscriptions/{PROD}/resourceGroups/rg-data-prod"


def sample(**changes: Any) -> dict[str, Any]:
    """The sample world with a guest in it, and changed."""
    found = copy.deepcopy(SAMPLE)
    found["applications"] = [GUEST]
    return {**found, **changes}


def granted(*grants: dict[str, str]) -> dict[str, Any]:
    """The sample world in which the caller has these rights and no others."""
    return sample(caller={**SAMPLE["caller"], "grants": list(grants)})


async def identity(cloud: Cloud, name: str = "id-a-b", **body: Any) -> Answer:
    return await cloud.call("PUT", f"{IDENTITIES}/{name}", {"location": "westeurope", **body})


async def give(cloud: Cloud, path: str = GIVEN, role: str = SECRETS_USER, **more: Any) -> Answer:
    properties = {
        "roleDefinitionId": f"/subscriptions/{PROD}/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "principalId": OTHER["object_id"],
        "principalType": "ServicePrincipal",
        **more,
    }
    return await cloud.call("PUT", path, {"properties": properties}, version="2022-04-01")
