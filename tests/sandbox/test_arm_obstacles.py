"""What stands in people's way in the sandbox's Azure: locks and policies."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from arm_obstacles import GIVEN, GROUP, give, granted, identity, sample
from arm_world import IDENTITIES, PROD, VAULT, Cloud, running

CREDENTIAL = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
TAGGED = {
    "name": "require-owner", "display": "Identities need an owner",
    "scope": "shop-production", "effect": "deny",
    "condition": {"allOf": [
        {"field": "type", "equals": "Microsoft.ManagedIdentity/userAssignedIdentities"},
        {"field": "tags['owner']", "exists": "false"},
    ]},
}  # fmt: skip
STAMPED = {
    "name": "stamp", "display": "Cost centre", "scope": "shop-production", "effect": "modify",
    "condition": {"field": "type", "equals": "Microsoft.ManagedIdentity/userAssignedIdentities"},
    "operations": [{"operation": "addOrReplace", "field": "tags['costcentre']", "value": "4711"}],
}  # fmt: skip
ISSUERS = {
    "name": "issuers", "display": "Only our clusters", "scope": "shop-production", "effect": "deny",
    "reason": "credentials may trust our clusters only",
    "condition": {"allOf": [
        {"field": "type", "equals": CREDENTIAL},
        {"not": {"field": f"{CREDENTIAL}/issuer", "like": "https://localhost*/oidc/*"}},
    ]},
}  # fmt: skip


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    async with running(tmp_path, sample()) as found:
        yield found


async def test_a_delete_lock_lets_give_and_forbids_to_take_back(cloud: Cloud) -> None:
    lock = f"{GROUP}/providers/Microsoft.Authorization/locks/keep"
    cloud.arm.extend(
        {"locks": [{"name": "keep", "scope": "shop-production/rg-data-prod", "level": "CanNotDelete"}]}
    )

    assert (await give(cloud)).status == 201
    refused = await cloud.call("DELETE", GIVEN, version="2022-04-01")
    listed = await cloud.call("GET", f"{VAULT}/providers/Microsoft.Authorization/locks", version="2016-09-01")

    assert (refused.status, refused.code) == (409, "ScopeLocked")
    assert refused.message == (
        f"The scope '{GIVEN}' cannot perform delete operation because following scope(s) are locked: "
        f"'{GROUP}'. "
        "Please remove the lock and try again."
    )
    assert [(found["id"], found["properties"]["level"]) for found in listed.body["value"]] == [
        (lock, "CanNotDelete")
    ]


async def test_a_read_only_lock_forbids_to_give(cloud: Cloud) -> None:
    cloud.arm.extend(
        {
            "locks": [
                {"name": "frozen", "scope": "shop-production/rg-data-prod/kv-payments", "level": "ReadOnly"}
            ]
        }
    )

    refused = await give(cloud)

    assert (refused.status, refused.code, "cannot perform write operation" in refused.message) == (
        409,
        "ScopeLocked",
        True,
    )


async def test_locks_are_set_and_taken_away_by_who_may(tmp_path: Path) -> None:
    async with running(tmp_path, granted({"role": "Owner", "scope": "shop-production"})) as cloud:
        path = f"{VAULT}/providers/Microsoft.Authorization/locks/keep"
        made = await cloud.call(
            "PUT", path, {"properties": {"level": "CanNotDelete", "notes": "x"}}, version="2016-09-01"
        )
        wrong = await cloud.call("PUT", path, {"properties": {"level": "Never"}}, version="2016-09-01")
        gone = await cloud.call("DELETE", path, version="2016-09-01")

    assert (made.status, wrong.status, gone.status) == (201, 400, 200)


async def test_a_denying_policy_names_its_assignment(cloud: Cloud) -> None:
    cloud.arm.extend({"policies": [TAGGED]})

    refused = await identity(cloud)

    assert (refused.status, refused.code) == (403, "RequestDisallowedByPolicy")
    assert "Identities need an owner" in refused.message
    violation = refused.body["error"]["additionalInfo"][0]
    assert (violation["type"], violation["info"]["policyAssignmentName"]) == (
        "PolicyViolation",
        "require-owner",
    )
    assert (await identity(cloud, tags={"Owner": "payments"})).status == 201


async def test_a_modifying_policy_adds_its_tag_to_what_was_sent(cloud: Cloud) -> None:
    cloud.arm.extend({"policies": [STAMPED]})

    made = await identity(cloud, tags={"team": "payments"})

    assert made.body["tags"] == {"team": "payments", "costcentre": "4711"}


async def test_a_policy_on_issuers_stops_credentials_of_strangers(cloud: Cloud) -> None:
    cloud.arm.extend({"policies": [ISSUERS]})
    await identity(cloud)
    path, subject = f"{IDENTITIES}/id-a-b/federatedIdentityCredentials/one", "system:serviceaccount:a:b"
    ours = cloud.arm.clusters.issuer(cloud.arm.clusters.named("prod-weu"))

    def body(issuer: str) -> dict[str, Any]:
        return {
            "properties": {"issuer": issuer, "subject": subject, "audiences": ["api://AzureADTokenExchange"]}
        }

    refused = await cloud.call("PUT", path, body("https://token.example.com"))
    assert (refused.status, "credentials may trust our clusters only" in refused.message) == (403, True)
    assert (await cloud.call("PUT", path, body(ours))).status == 201


async def test_policy_says_beforehand_what_it_would_refuse(cloud: Cloud) -> None:
    cloud.arm.extend({"policies": [TAGGED]})
    group = f"/subscriptions/{PROD}/resourceGroups/rg-identities-prod"
    path = f"{group}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions"
    content = {
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
        "name": "id-a-b",
        "location": "westeurope",
    }
    body = {"resourceDetails": {"resourceContent": content}, "pendingFields": [{"field": "tags['owner']"}]}

    refused = await cloud.call("POST", path, body, version="2022-03-01")
    content["tags"] = {"owner": "payments"}
    passed = await cloud.call("POST", path, body, version="2022-03-01")

    found = refused.body["contentEvaluationResult"]["policyEvaluations"]
    assert [e["policyInfo"]["policyAssignmentId"].rsplit("/", 1)[1] for e in found] == ["require-owner"]
    assert found[0]["effectDetails"] == {"policyEffect": "Deny"}
    assert refused.body["fieldRestrictions"][0]["restrictions"][0]["result"] == "Required"
    assert passed.body["contentEvaluationResult"]["policyEvaluations"] == []


async def test_an_exempt_scope_is_spared(cloud: Cloud) -> None:
    spared = f"/subscriptions/{PROD}/resourceGroups/rg-identities-prod"
    cloud.arm.extend({"policies": [{**TAGGED, "exempt": [spared]}]})

    assert (await identity(cloud)).status == 201
