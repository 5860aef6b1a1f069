"""Who may do what in the sandbox's Azure: roles, conditions, groups, deny assignments, tenants."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from arm_obstacles import FAR, GIVEN, GROUP, OTHER, give, granted, identity, sample
from arm_world import BOT, IDENTITIES, SAMPLE, SECRETS_USER, VAULT, Cloud, running

BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
ONLY_THESE = (
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
    "(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals "
    f"{{{SECRETS_USER}, {BLOB_READER}}} AND @Request[Microsoft.Authorization/roleAssignments:PrincipalType] "
    "ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'} AND "
    "@Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAllValues:GuidNotEquals "
    f"{{{BOT}}}))"
)


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    async with running(tmp_path, sample()) as found:
        yield found


async def test_somebody_without_rights_sees_nothing_and_is_told_so(cloud: Cloud) -> None:
    token = cloud.token(OTHER["object_id"])

    subscriptions = await cloud.call("GET", "/subscriptions", token=token)
    read = await cloud.call("GET", VAULT, token=token)
    query = "/providers/Microsoft.ResourceGraph/resources"
    found = await cloud.call("POST", query, {"query": "resources"}, version="2021-03-01", token=token)

    assert subscriptions.body["value"] == found.body["data"] == []
    assert (read.status, read.code, read.headers["x-ms-failure-cause"]) == (
        403,
        "AuthorizationFailed",
        "gateway",
    )
    assert read.message == (
        f"The client '{OTHER['client_id']}' with object id '{OTHER['object_id']}' does not have "
        "authorization to perform "
        f"action 'Microsoft.KeyVault/vaults/read' over scope '{VAULT}' or the scope is invalid. If access "
        "was recently "
        "granted, please refresh your credentials."
    )


async def test_rights_reach_as_far_as_their_scope(tmp_path: Path) -> None:
    rights = {"role": "Managed Identity Contributor", "scope": "shop-production/rg-identities-prod"}
    async with running(tmp_path, granted(rights)) as cloud:
        inside = await identity(cloud)
        outside = await cloud.call(
            "PUT",
            f"{IDENTITIES}/id-a-b".replace("rg-identities-prod", "rg-data-prod"),
            {"location": "westeurope"},
        )
        given = await give(cloud)

    assert (inside.status, outside.status, outside.code) == (201, 403, "AuthorizationFailed")
    assert "does not have authorization or an ABAC condition not fulfilled to perform action" in given.message
    assert f"over scope '{GIVEN}'" in given.message


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 201),
        ({"role": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"}, 403),
        ({"principalType": None}, 403),
        ({"principalId": BOT}, 403),
    ],
)
async def test_a_condition_lets_through_what_it_names_only(
    tmp_path: Path, change: dict[str, Any], status: int
) -> None:
    rights = {
        "role": "Role Based Access Control Administrator",
        "scope": "shop-production",
        "condition": ONLY_THESE,
    }
    async with running(tmp_path, granted(rights)) as cloud:
        assert (await give(cloud, **change)).status == status


async def test_a_group_gives_its_rights_to_its_members(tmp_path: Path) -> None:
    group = {"id": "11110000-2222-4333-8444-555566667777", "name": "readers", "members": [OTHER["object_id"]]}
    given = {"principal": group["id"], "role": "Reader", "scope": "shop-production/rg-data-prod"}
    async with running(tmp_path, sample(directory_groups=[group], assignments=[given])) as cloud:
        token = cloud.token(OTHER["object_id"])
        assert (await cloud.call("GET", VAULT, token=token)).status == 200
        path = f"{VAULT}/providers/Microsoft.Authorization/roleAssignments?$filter="
        transitive = await cloud.call("GET", f"{path}assignedTo('{OTHER['object_id']}')")
        direct = await cloud.call("GET", f"{path}principalId eq '{OTHER['object_id']}'")

    assert ([a["properties"]["principalId"] for a in transitive.body["value"]], direct.body["value"]) == (
        [group["id"]],
        [],
    )


async def test_the_caller_can_ask_what_it_may_do(tmp_path: Path) -> None:
    async with running(tmp_path, granted({"role": "Reader", "scope": "shop-production"})) as cloud:
        path = f"{GROUP}/providers/Microsoft.Authorization/permissions"
        answer = await cloud.call("GET", path, version="2022-04-01")

    assert [p["actions"] for p in answer.body["value"]] == [["*/read"]]


async def test_a_deny_assignment_is_stronger_than_a_right_and_names_itself(cloud: Cloud) -> None:
    deny = {"display": "Managed application", "scope": "shop-production/rg-data-prod", "actions": ["*/write"]}
    cloud.arm.extend({"denies": [deny]})

    refused = await give(cloud)
    listed = await cloud.call(
        "GET", f"{GROUP}/providers/Microsoft.Authorization/denyAssignments", version="2022-04-01"
    )

    assert (refused.status, refused.code) == (403, "DenyAssignmentAuthorizationFailed")
    assert "the deny assignment with name 'Managed application'" in refused.message
    assert [d["properties"]["denyAssignmentName"] for d in listed.body["value"]] == ["Managed application"]
    assert (await cloud.call("GET", VAULT)).status == 200


async def test_another_tenants_subscription_wants_another_tenants_token(tmp_path: Path) -> None:
    far = {"id": "1a2b3c4d-0003-4000-8000-00000000cccc", "name": "partner", "tenant": FAR}
    world = sample(
        tenants=[{"id": FAR, "name": "Partner"}],
        subscriptions=[*SAMPLE["subscriptions"], far],
        groups=[*SAMPLE["groups"], {"subscription": "partner", "name": "rg-far", "location": "westeurope"}],
    )
    async with running(tmp_path, world) as cloud:
        seen = await cloud.call("GET", "/subscriptions")
        refused = await cloud.call("GET", f"/subscriptions/{far['id']}/resourceGroups")
        unknown = await cloud.call("GET", f"/subscriptions/{FAR}/resourceGroups")

    assert far["id"] not in [s["subscriptionId"] for s in seen.body["value"]]
    assert (refused.status, refused.code) == (401, "InvalidAuthenticationTokenTenant")
    assert (unknown.status, unknown.code) == (404, "SubscriptionNotFound")


async def test_a_caller_sees_the_subscriptions_in_which_it_holds_something(tmp_path: Path) -> None:
    async with running(
        tmp_path, granted({"role": "Reader", "scope": "shop-development/rg-data-dev"})
    ) as cloud:
        seen = await cloud.call("GET", "/subscriptions")
        body = {"query": "resources | project name | order by name asc"}
        found = await cloud.call(
            "POST", "/providers/Microsoft.ResourceGraph/resources", body, version="2021-03-01"
        )

    assert [s["displayName"] for s in seen.body["value"]] == ["shop-development"]
    assert [r["name"] for r in found.body["data"]] == ["kv-payments-dev", "sb-shop-dev", "stshopdev"]
