"""The sandbox's answers by the published descriptions of ARM's services."""

from pathlib import Path
from typing import Any

import pytest
from arm_specs import SPECS, description
from arm_world import BOT, DATA, IDENTITIES, PROD, SAMPLE, SECRETS_USER, VAULT, Cloud, running

pytestmark = pytest.mark.skipif(
    not SPECS.exists(), reason="the descriptions lie beside the project, in ../shared"
)
NAME = "aaaaaaaa-0000-4000-8000-000000000001"
AUTHORIZATION = "providers/Microsoft.Authorization"
ACCOUNT = f"{DATA}/Microsoft.DocumentDB/databaseAccounts/cosmos-catalogue"
CREDENTIAL = {
    "properties": {"issuer": "https://i/", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}
}


def sql(principal: str) -> dict[str, Any]:
    """A Cosmos DB role assignment's body."""
    reader = f"{ACCOUNT}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000001"
    return {"properties": {"roleDefinitionId": reader, "scope": ACCOUNT, "principalId": principal}}


def given() -> dict[str, Any]:
    """A role assignment's body."""
    role = f"/subscriptions/{PROD}/{AUTHORIZATION}/roleDefinitions/{SECRETS_USER}"
    return {"properties": {"roleDefinitionId": role, "principalId": BOT, "principalType": "ServicePrincipal"}}


CUSTOM = {
    "properties": {
        "roleName": "custom",
        "assignableScopes": [f"/subscriptions/{PROD}"],
        "permissions": [{"actions": ["*/read"], "notActions": []}],
    }
}
ONE = f"{IDENTITIES}/id-a-b"
CREDENTIALS = f"{ONE}/federatedIdentityCredentials"
GIVEN = f"{VAULT}/{AUTHORIZATION}/roleAssignments/{NAME}"
ROLE = f"/subscriptions/{PROD}/{AUTHORIZATION}/roleDefinitions/{NAME}"
LOCK = f"/subscriptions/{PROD}/resourceGroups/rg-data-prod/{AUTHORIZATION}/locks/keep"
SQL = f"{ACCOUNT}/sqlRoleAssignments/{NAME}"
GRAPH = "/providers/Microsoft.ResourceGraph/resources"
Step = tuple[str, str, Any]
ALL = f"/subscriptions/{PROD}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
CUSTOM_ROLES, LOCKS, SQL_GIVEN = (path.rsplit("/", 1)[0] for path in (ROLE, LOCK, SQL))
WEST = {"location": "westeurope"}
KEEP = {"properties": {"level": "CanNotDelete", "notes": "n"}}
LIVES: dict[str, tuple[str, list[Step]]] = {
    "identities": (
        "2023-01-31",
        [
            ("PUT", ONE, {**WEST, "tags": {"a": "b"}}),
            ("PUT", ONE, WEST),
            ("GET", ONE, None),
            ("PATCH", ONE, {"tags": {"c": "d"}}),
            ("GET", IDENTITIES, None),
            ("GET", ALL, None),
            ("GET", CREDENTIALS, None),
            ("PUT", f"{CREDENTIALS}/one", CREDENTIAL),
            ("PUT", f"{CREDENTIALS}/one", CREDENTIAL),
            ("GET", f"{CREDENTIALS}/one", None),
            ("GET", CREDENTIALS, None),
            ("GET", f"{CREDENTIALS}/two", None),
            ("DELETE", f"{CREDENTIALS}/one", None),
            ("DELETE", f"{CREDENTIALS}/one", None),
            ("DELETE", ONE, None),
            ("DELETE", ONE, None),
            ("GET", ONE, None),
        ],
    ),
    "role assignments": (
        "2022-04-01",
        [
            ("PUT", GIVEN, given()),
            ("PUT", GIVEN, given()),
            ("GET", GIVEN, None),
            ("GET", f"{VAULT}/{AUTHORIZATION}/roleAssignments", None),
            ("DELETE", GIVEN, None),
            ("DELETE", GIVEN, None),
            ("GET", f"/subscriptions/{PROD}/{AUTHORIZATION}/roleAssignments", None),
            ("GET", GIVEN, None),
        ],
    ),
    "role definitions": (
        "2022-04-01",
        [
            ("PUT", ROLE, CUSTOM),
            ("GET", ROLE, None),
            ("GET", CUSTOM_ROLES, None),
            ("DELETE", ROLE, None),
            ("DELETE", ROLE, None),
            ("GET", ROLE, None),
        ],
    ),
    "deny assignments": (
        "2022-04-01",
        [("GET", f"/subscriptions/{PROD}/{AUTHORIZATION}/denyAssignments", None)],
    ),
    "Cosmos DB roles": (
        "2024-05-15",
        [
            ("PUT", SQL, sql(BOT)),
            ("GET", SQL, None),
            ("GET", SQL_GIVEN, None),
            ("GET", f"{ACCOUNT}/sqlRoleDefinitions", None),
            ("DELETE", SQL, None),
            ("DELETE", SQL, None),
        ],
    ),
    "locks": (
        "2016-09-01",
        [
            ("PUT", LOCK, KEEP),
            ("GET", LOCK, None),
            ("GET", LOCKS, None),
            ("DELETE", LOCK, None),
            ("DELETE", LOCK, None),
        ],
    ),
    "Resource Graph": (
        "2021-03-01",
        [("POST", GRAPH, {"query": "resources | project id"}), ("POST", GRAPH, {"query": "what is this"})],
    ),
}
LIVES["identities of 2024"] = ("2024-11-30", LIVES["identities"][1])


@pytest.mark.parametrize("service", LIVES)
async def test_every_answer_of_a_whole_life_is_as_described(service: str, tmp_path: Path) -> None:
    """Statuses that are not described, and keys that are not declared, count as wrong."""
    version, steps = LIVES[service]
    owner = {
        **SAMPLE,
        "caller": {**SAMPLE["caller"], "grants": [{"role": "Owner", "scope": "shop-production"}]},
    }
    async with running(tmp_path, owner) as cloud:
        complaints = [line for step in steps for line in await _complaints(cloud, service, version, step)]

    assert not complaints, "\n".join(complaints)


async def _complaints(cloud: Cloud, service: str, version: str, step: Step) -> list[str]:
    method, path, body = step
    answer = await cloud.call(method, path, body, version=version)
    return description(service).complaints(method, path, answer.status, answer.body)
