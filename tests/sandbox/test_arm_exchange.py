"""A workload's way in: its service account's token, and Entra's answer."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from arm_workload import AUDIENCE, SUBJECT, Workload
from arm_world import DEV, IDENTITIES, PROD, SECRETS_USER, TENANT, VAULT, running
from azure.identity.aio import ManagedIdentityCredential


@pytest.fixture
async def workload(tmp_path: Path) -> AsyncIterator[Workload]:
    async with running(tmp_path) as cloud:
        made = await cloud.call("PUT", f"{IDENTITIES}/id-payments-api", {"location": "westeurope"})
        yield Workload(cloud, tmp_path, made.body)


async def test_a_trusted_service_account_gets_a_token_of_its_identity(workload: Workload) -> None:
    await workload.trust()

    token = await workload.token()

    claims = workload.cloud.arm.keyring.read(workload.cloud.arm.azure.state, "entra", token, 0)
    assert (claims["oid"], claims["appid"], claims["tid"]) == (
        workload.principal_id,
        workload.client_id,
        TENANT,
    )
    assert claims["aud"] == "https://vault.azure.net"


Case = Callable[[Workload], dict[str, Any]]


SIGNED: dict[str, tuple[int, dict[str, Any], Case]] = {
    "no credential at all": (70025, {}, lambda w: {}),
    "an issuer without its slash": (
        700211,
        {"issuer": "https://localhost/oidc/x"},
        lambda w: {},
    ),
    "another subject": (700213, {"subject": "system:serviceaccount:payments:other"}, lambda w: {}),
    "a subject in other case": (
        7002138,
        {"subject": SUBJECT.replace("payments-api", "Payments-API")},
        lambda w: {},
    ),
    "another audience": (700212, {"audiences": ["api://other"]}, lambda w: {}),
    "the principal id instead of the client id": (700016, {"": ""}, lambda w: {"client": w.principal_id}),
    "another tenant": (90002, {"": ""}, lambda w: {"tenant": "11111111-1111-4111-8111-111111111111"}),
    "a token that expired": (
        700024,
        {"": ""},
        lambda w: {
            "token": w.cloud.arm.service_account_token("prod-weu", "payments", "payments-api", age=7200)
        },
    ),
    "no JWT": (50027, {"": ""}, lambda w: {"token": "no-token"}),
}


@pytest.mark.parametrize("case", SIGNED)
async def test_what_does_not_match_is_refused_with_entras_own_code(workload: Workload, case: str) -> None:
    code, changes, pod = SIGNED[case]
    if changes:
        await workload.trust(**{k: v for k, v in changes.items() if k})

    refusal = await workload.refusal(**pod(workload))

    assert refusal["error_codes"] == [code]
    assert refusal["error_description"].startswith(f"AADSTS{code}: ")
    print(f"  {case}: expected {code}, answered {refusal['error_codes'][0]} ({refusal['error']})")


async def test_an_issuer_that_lacks_its_last_slash_matches_nothing(workload: Workload) -> None:
    issuer = workload.cloud.arm.clusters.issuer(workload.cloud.arm.clusters.named("prod-weu"))
    await workload.trust(issuer=issuer.rstrip("/"))

    assert (await workload.refusal())["error_codes"] == [700211]


async def test_an_unknown_resource_is_named_in_the_refusal(workload: Workload) -> None:
    await workload.trust()

    refusal = await workload.refusal("https://vault.example.com/.default")

    assert (refusal["error"], refusal["error_codes"]) == ("invalid_resource", [500011])
    assert "https://vault.example.com" in refusal["error_description"]


async def test_a_disabled_identity_gets_no_token(workload: Workload) -> None:
    await workload.trust()
    workload.cloud.arm.azure.state.principals[workload.principal_id].enabled = False

    assert (await workload.refusal())["error_codes"] == [7000112]


async def test_a_token_signed_by_other_keys_is_refused(workload: Workload) -> None:
    await workload.trust()
    before = workload.cloud.arm.service_account_token("prod-weu", "payments", "payments-api")
    issuer = workload.cloud.arm.clusters.named("prod-weu").hidden["issuer"]
    del workload.cloud.arm.azure.state.keys[issuer]

    assert (await workload.refusal(token=before))["error_codes"] == [700027]


async def test_a_rebuilt_cluster_is_trusted_by_nobody_until_a_new_credential_stands_beside_the_old(
    workload: Workload,
) -> None:
    await workload.trust("old")
    before = workload.cloud.arm.service_account_token("prod-weu", "payments", "payments-api")

    workload.cloud.arm.rebuild_cluster("prod-weu")

    assert (await workload.refusal())["error_codes"] == [700211]
    assert (await workload.refusal(token=before))["error_codes"] == [501661]
    await workload.trust("new")
    assert await workload.token()
    assert len(workload.cloud.arm.credentials) == 2


async def test_blue_and_green_clusters_can_share_one_identity(workload: Workload) -> None:
    await workload.trust("blue")
    green = workload.cloud.arm.clusters.issuer(workload.cloud.arm.clusters.named("dev-weu"))
    await workload.trust("green", issuer=green)

    assert await workload.token()
    assert await workload.token(
        token=workload.cloud.arm.service_account_token("dev-weu", "payments", "payments-api")
    )


async def test_a_new_credential_takes_effect_only_after_a_while(workload: Workload) -> None:
    workload.cloud.arm.options.credential_effect = 20
    await workload.trust()
    assert (await workload.refusal())["error_codes"] == [70025]

    workload.cloud.world.clock.advance(21)

    assert await workload.token()


async def test_a_deleted_identity_is_gone_and_a_new_one_of_its_name_is_somebody_else(
    workload: Workload,
) -> None:
    await workload.trust()
    await workload.grant(VAULT, SECRETS_USER)

    await workload.cloud.call("DELETE", workload.path)
    assert (await workload.refusal())["error_codes"] == [700016]
    again = await workload.cloud.call("PUT", workload.path, {"location": "westeurope"})

    assert again.body["properties"]["principalId"] != workload.principal_id
    assert [a["orphaned"] for a in workload.cloud.arm.view()["other_assignments"]] == [True]


async def test_the_clusters_documents_lead_to_the_key_that_signs(workload: Workload) -> None:
    issuer = workload.cloud.arm.clusters.issuer(workload.cloud.arm.clusters.named("prod-weu"))
    async with workload.cloud.session.get(issuer + ".well-known/openid-configuration") as answer:
        found = await answer.json()
    async with workload.cloud.session.get(found["jwks_uri"]) as answer:
        keys = (await answer.json())["keys"]

    import jwt

    key = jwt.PyJWK(keys[0])
    token = workload.cloud.arm.service_account_token("prod-weu", "payments", "payments-api")
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=found["issuer"])
    assert (found["issuer"], claims["sub"]) == (issuer, SUBJECT)


async def test_the_hosts_identity_endpoint_gives_the_callers_token(
    workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", workload.cloud.plain + "/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "sandbox")
    async with ManagedIdentityCredential() as credential:
        token = (await credential.get_token("https://management.azure.com/.default")).token

    seen = await workload.cloud.call("GET", "/subscriptions", token=token, version="2022-12-01")
    assert {s["subscriptionId"] for s in seen.body["value"]} == {PROD, DEV}


async def test_a_preview_trusts_subjects_by_an_expression(workload: Workload) -> None:
    issuer = workload.cloud.arm.clusters.issuer(workload.cloud.arm.clusters.named("prod-weu"))
    expression = {"value": "claims['sub'] matches 'system:serviceaccount:payments:*'", "languageVersion": 1}
    properties = {"issuer": issuer, "claimsMatchingExpression": expression, "audiences": [AUDIENCE]}
    path = f"{workload.path}/federatedIdentityCredentials/flexible"
    assert (await workload.cloud.call("PUT", path, {"properties": properties})).status == 400

    version = "2025-01-31-preview"
    assert (await workload.cloud.call("PUT", path, {"properties": properties}, version=version)).status == 201
    assert await workload.token()


@pytest.mark.parametrize(
    ("query", "header", "status"),
    [
        ("api-version=2019-08-01&resource=https://vault.azure.net", "", 401),
        ("resource=https://vault.azure.net", "x", 400),
        ("api-version=2019-08-01", "x", 400),
        ("api-version=2019-08-01&resource=https://vault.azure.net&client_id=other", "x", 400),
    ],
)
async def test_the_identity_endpoint_is_particular(
    workload: Workload, query: str, header: str, status: int
) -> None:
    url = f"{workload.cloud.plain}/msi/token?{query}"
    async with workload.cloud.session.get(
        url, headers={"X-IDENTITY-HEADER": header} if header else {}
    ) as answer:
        assert answer.status == status
