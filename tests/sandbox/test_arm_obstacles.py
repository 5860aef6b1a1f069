"""What stands in people's way in Azure: rights, conditions, deny assignments, locks, policies, limits."""

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from arm_world import BOT, DATA, IDENTITIES, PROD, SAMPLE, SECRETS_USER, VAULT, Answer, Cloud, running

from sandbox.arm import Options

OTHER = {
    "object_id": "7d1e0000-1111-4222-8333-444455556666",
    "client_id": "7d1e0000-1111-4222-8333-444455557777",
}
GUEST = {**OTHER, "name": "guest", "secret": "not-a-secret"}
FAR = "99990000-1111-4222-8333-444455556666"
GIVEN = f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-4000-8000-000000000001"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
GROUP = f"/subscriptions/{PROD}/resourceGroups/rg-data-prod"
ONLY_THESE = (
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
    "(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals "
    f"{{{SECRETS_USER}, {BLOB_READER}}} AND @Request[Microsoft.Authorization/roleAssignments:PrincipalType] "
    "ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'} AND "
    "@Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAllValues:GuidNotEquals "
    f"{{{BOT}}}))"
)
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


def sample(**changes: Any) -> dict[str, Any]:
    """The sample world with a guest in it, and changed."""
    found = copy.deepcopy(SAMPLE)
    found["applications"] = [GUEST]
    return {**found, **changes}


def granted(*grants: dict[str, str]) -> dict[str, Any]:
    """The sample world in which the caller has these rights and no others."""
    return sample(caller={**SAMPLE["caller"], "grants": list(grants)})


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    async with running(tmp_path, sample()) as found:
        yield found


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


async def test_limits_are_kept(tmp_path: Path) -> None:
    options = Options(credentials_per_identity=2, identities_per_group=2, assignments_per_subscription=5)
    async with running(tmp_path, sample(), options) as cloud:
        first, second, third = [await identity(cloud, f"id-{n}xx") for n in range(3)]
        path = f"{IDENTITIES}/id-0xx/federatedIdentityCredentials"
        credentials = []
        for n in range(3):
            properties = {
                "issuer": "https://i/",
                "subject": f"s{n}",
                "audiences": ["api://AzureADTokenExchange"],
            }
            credentials.append(await cloud.call("PUT", f"{path}/fic-{n}", {"properties": properties}))
        given = (
            await give(cloud),
            await give(cloud, f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{FAR}"),
        )

    assert (first.status, second.status, third.code) == (201, 201, "ResourceGroupQuotaExceeded")
    assert [c.status for c in credentials] == [201, 201, 400]
    assert (given[0].status, given[1].code) == (201, "RoleAssignmentLimitExceeded")


@pytest.mark.parametrize(
    ("name", "properties", "said"),
    [
        ("x", {"issuer": "https://i/", "subject": "s", "audiences": ["a"]}, "name 'x' is invalid"),
        ("one", {}, "has empty properties"),
        (
            "one",
            {"issuer": "https://i/", "audiences": ["a"]},
            "must specify 'issuer', 'subject' and 'audience'",
        ),
        (
            "one",
            {"issuer": "https://i/", "subject": "s", "audiences": ["a", "b"]},
            "must have exactly one audience",
        ),
        ("one", {"issuer": "https://i/", "subject": "s" * 601, "audiences": ["a"]}, "at most 600 characters"),
    ],
)
async def test_a_wrong_credential_is_refused_in_the_documents_words(
    cloud: Cloud, name: str, properties: dict[str, Any], said: str
) -> None:
    await identity(cloud)

    refused = await cloud.call(
        "PUT", f"{IDENTITIES}/id-a-b/federatedIdentityCredentials/{name}", {"properties": properties}
    )

    assert (refused.status, said in refused.message) == (400, True)


async def test_the_same_issuer_and_subject_under_another_name_is_a_conflict(cloud: Cloud) -> None:
    await identity(cloud)
    body = {
        "properties": {"issuer": "https://i/", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}
    }
    path = f"{IDENTITIES}/id-a-b/federatedIdentityCredentials"
    assert (await cloud.call("PUT", f"{path}/one", body)).status == 201
    assert (await cloud.call("PUT", f"{path}/one", body)).status == 200

    refused = await cloud.call("PUT", f"{path}/two", body)

    assert (refused.status, refused.code) == (409, "Conflict")
    assert refused.message == "Issuer and subject combination already exists for this Managed Identity."


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"location": "westeurope", "tags": {f"t{n}": "x" for n in range(51)}}, "InvalidTagCount"),
        ({"location": "westeurope", "tags": {"a": "x" * 257}}, "InvalidTagValueLength"),
        ({"location": "westeurope", "tags": {"a": 1}}, "InvalidRequestContent"),
        ({"tags": {}}, "LocationRequired"),
        ([], "InvalidRequestContent"),
    ],
)
async def test_a_wrong_identity_is_refused(cloud: Cloud, body: Any, code: str) -> None:
    assert (await cloud.call("PUT", f"{IDENTITIES}/id-a-b", body)).code == code


async def test_an_identity_stays_in_its_region(cloud: Cloud) -> None:
    await identity(cloud)

    assert (await identity(cloud, location="northeurope")).code == "InvalidResourceLocation"


async def test_cosmos_refuses_in_its_own_words(cloud: Cloud) -> None:
    made = (await identity(cloud)).body["properties"]
    account = f"{DATA}/Microsoft.DocumentDB/databaseAccounts/cosmos-catalogue"
    path = f"{account}/sqlRoleAssignments/{FAR}"
    reader = f"{account}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000001"

    async def put(principal: str, scope: str) -> Answer:
        properties = {"roleDefinitionId": reader, "scope": scope, "principalId": principal}
        return await cloud.call("PUT", path, {"properties": properties}, version="2024-05-15")

    client, scope, inner = (
        await put(made["clientId"], account),
        await put(made["principalId"], "/dbs/catalogue"),
        await put(made["principalId"], f"{account}/databases/catalogue"),
    )
    missing = await cloud.call("GET", path, version="2024-05-15")

    assert "unsupported type : [Application]" in client.message
    assert "Could not parse property [scope]" in scope.message
    assert "Expected path segment [dbs] at position [0] but found [databases]" in inner.message
    assert (missing.status, missing.code, "error" in missing.body) == (404, "NotFound", False)
