"""Azure over time: replication, concurrent writes, long operations, throttles."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from arm_world import BOT, DATA, IDENTITIES, PROD, SECRETS_USER, VAULT, Answer, Cloud, running

CREDENTIALS = f"{IDENTITIES}/id-a-b/federatedIdentityCredentials"
ACCOUNT = f"{DATA}/Microsoft.DocumentDB/databaseAccounts/cosmos-catalogue"
ONE, TWO = (f"aaaaaaaa-0000-4000-8000-00000000000{n}" for n in (1, 2))


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    async with running(tmp_path) as found:
        made = await found.call("PUT", f"{IDENTITIES}/id-a-b", {"location": "westeurope"})
        assert made.status == 201
        yield found


async def principal(cloud: Cloud) -> str:
    found = await cloud.call("GET", f"{IDENTITIES}/id-a-b")
    return str(found.body["properties"]["principalId"])


async def trust(cloud: Cloud, name: str) -> Answer:
    properties = {"issuer": "https://i/", "subject": name, "audiences": ["api://AzureADTokenExchange"]}
    return await cloud.call("PUT", f"{CREDENTIALS}/{name}", {"properties": properties})


async def give(cloud: Cloud, **properties: Any) -> Answer:
    role = f"/subscriptions/{PROD}/providers/Microsoft.Authorization/roleDefinitions/{SECRETS_USER}"
    body = {"properties": {"roleDefinitionId": role, "principalId": await principal(cloud), **properties}}
    path = f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/{ONE}"
    return await cloud.call("PUT", path, body, version="2022-04-01")


async def give_cosmos(cloud: Cloud, name: str = ONE) -> Answer:
    properties = {
        "roleDefinitionId": f"{ACCOUNT}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000001",
        "scope": ACCOUNT,
        "principalId": await principal(cloud),
    }
    path = f"{ACCOUNT}/sqlRoleAssignments/{name}"
    return await cloud.call("PUT", path, {"properties": properties}, version="2024-05-15")


async def test_a_new_principal_is_unknown_for_a_while_to_who_does_not_name_its_type(cloud: Cloud) -> None:
    cloud.arm.options.principal_replication = 22

    early = await give(cloud)
    assert (early.status, early.code) == (400, "PrincipalNotFound")
    assert f"Principal {(await principal(cloud)).replace('-', '')} does not exist" in early.message
    cloud.world.clock.advance(23)

    assert (await give(cloud)).body["properties"]["principalType"] == "ServicePrincipal"


async def test_who_names_the_type_need_not_wait(cloud: Cloud) -> None:
    cloud.arm.options.principal_replication = 22

    assert (await give(cloud, principalType="ServicePrincipal")).status == 201


async def test_parallel_credential_writes_of_one_identity_get_the_documented_409(cloud: Cloud) -> None:
    cloud.arm.options.credential_write = 0.3

    answers = await asyncio.gather(*(trust(cloud, f"fic-{n}") for n in range(4)))

    refused = [a for a in answers if a.status == 409]
    assert len(refused) == 3
    assert refused[0].code == "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity"
    assert "/providers/microsoft.managedidentity/userassignedidentities/id-a-b'" in refused[0].message
    assert "Retry-After" not in refused[0].headers
    assert len(cloud.arm.credentials) == 1


async def test_deletes_of_credentials_count_as_writes(cloud: Cloud) -> None:
    await trust(cloud, "one")
    cloud.arm.options.credential_write, cloud.arm.options.conflict_retry_after = 0.3, 5

    answers = await asyncio.gather(trust(cloud, "two"), cloud.call("DELETE", f"{CREDENTIALS}/one"))

    assert sorted(a.status for a in answers) in ([200, 409], [201, 409])
    assert next(a for a in answers if a.status == 409).headers["Retry-After"] == "5"


async def test_different_identities_are_written_in_parallel(cloud: Cloud) -> None:
    cloud.arm.options.credential_write = 0.2
    await cloud.call("PUT", f"{IDENTITIES}/id-c-d", {"location": "westeurope"})
    properties = {"issuer": "https://i/", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}
    other = f"{IDENTITIES}/id-c-d/federatedIdentityCredentials/one"

    answers = await asyncio.gather(trust(cloud, "one"), cloud.call("PUT", other, {"properties": properties}))

    assert [a.status for a in answers] == [201, 201]


async def test_a_cosmos_operation_runs_and_locks_its_account(cloud: Cloud) -> None:
    cloud.arm.options.cosmos_operation = 20

    begun = await give_cosmos(cloud)
    second = await give_cosmos(cloud, TWO)
    early = await cloud.call("GET", f"{ACCOUNT}/sqlRoleAssignments/{ONE}", version="2024-05-15")

    assert (begun.status, begun.body, "Retry-After" in begun.headers) == (202, {"status": "Enqueued"}, False)
    assert (second.status, second.code, early.status) == (412, "PreconditionFailed", 404)
    poll = begun.headers["Azure-AsyncOperation"].removeprefix(cloud.url)
    assert (await cloud.call("GET", poll)).body == {"status": "Enqueued"}
    cloud.world.clock.advance(11)
    assert (await cloud.call("GET", poll)).body == {"status": "Dequeued"}
    cloud.world.clock.advance(11)
    assert (await cloud.call("GET", poll)).body == {"status": "Succeeded"}
    result = await cloud.call("GET", begun.headers["Location"].removeprefix(cloud.url))
    assert (result.status, result.body["name"]) == (200, ONE)
    assert (await give_cosmos(cloud, TWO)).status == 202


async def test_cosmos_knows_a_new_principal_only_after_a_while(cloud: Cloud) -> None:
    cloud.arm.options.principal_replication = 22

    early = await give_cosmos(cloud)

    assert (early.status, "was not found in the AAD tenant(s)" in early.message) == (400, True)


async def test_the_buckets_run_dry_and_say_when_to_come_back(cloud: Cloud) -> None:
    options = cloud.arm.options
    options.throttle, options.read_bucket, options.read_refill, options.identity_limits = True, 5, 0.5, False

    answers = [await cloud.call("GET", IDENTITIES) for _ in range(6)]

    assert [a.status for a in answers] == [200] * 5 + [429]
    assert answers[-1].code == "SubscriptionRequestsThrottled"
    cloud.world.clock.advance(int(answers[-1].headers["Retry-After"]))
    assert (await cloud.call("GET", IDENTITIES)).status == 200


async def test_one_identity_cannot_be_written_faster_than_its_provider_likes(cloud: Cloud) -> None:
    cloud.arm.options.throttle = True

    answers = [await trust(cloud, f"fic-{n}") for n in range(3)]

    assert [a.status for a in answers] == [201, 201, 429]
    assert "has issued too many requests. Retry after" in answers[-1].message
    cloud.world.clock.advance(int(answers[-1].headers["Retry-After"]))
    assert (await trust(cloud, "fic-2")).status == 201


async def test_a_group_and_all_that_was_in_it_are_gone_when_its_deletion_is_over(cloud: Cloud) -> None:
    cloud.arm.options.cluster_operation = 60
    cloud.arm.extend({"assignments": [{"principal": BOT, "role": "Owner", "scope": "shop-production"}]})
    group = f"/subscriptions/{PROD}/resourceGroups/rg-identities-prod"

    begun = await cloud.call("DELETE", group, version="2022-09-01")
    poll = begun.headers["Location"].removeprefix(cloud.url)
    assert (begun.status, (await cloud.call("GET", poll)).status) == (202, 202)
    cloud.world.clock.advance(61)

    assert (await cloud.call("GET", poll)).status == 200
    assert (await cloud.call("GET", f"{IDENTITIES}/id-a-b")).code == "ResourceGroupNotFound"


async def test_ordered_faults_reach_azure_too(cloud: Cloud) -> None:
    body = {"error": {"code": "TooManyRequests", "message": "later"}}
    cloud.world.faults.order(
        service="arm",
        method="PUT",
        path="federated",
        action="answer",
        status=429,
        headers={"Retry-After": "7"},
        body=body,
    )

    refused, passed = await trust(cloud, "one"), await trust(cloud, "one")

    assert (refused.status, refused.headers["Retry-After"], passed.status) == (429, "7", 201)
