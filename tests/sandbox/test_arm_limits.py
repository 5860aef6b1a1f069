"""What the sandbox's Azure refuses because it is too much, or not well formed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from arm_obstacles import FAR, GROUP, give, identity, sample
from arm_world import DATA, IDENTITIES, Answer, Cloud, running

from sandbox.arm import Options


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    async with running(tmp_path, sample()) as found:
        yield found


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
