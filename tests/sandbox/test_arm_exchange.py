"""A workload's way in: its service account's token, Entra's answer, and what the answer opens."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from arm_world import DATA, DEV, IDENTITIES, PROD, SECRETS_USER, TENANT, VAULT, Cloud, running
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import WorkloadIdentityCredential
from azure.identity.aio import ManagedIdentityCredential

AUDIENCE = "api://AzureADTokenExchange"
SUBJECT = "system:serviceaccount:payments:payments-api"
ASSIGNED = f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-4000-8000-000000000001"
ROLES = "/providers/Microsoft.Authorization/roleDefinitions"


@dataclass
class Workload:
    """An identity for payments-api on prod-weu, and the pod that uses it."""

    cloud: Cloud
    folder: Path
    identity: dict[str, Any]
    path: str = f"{IDENTITIES}/id-payments-api"
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def client_id(self) -> str:
        return self.identity["properties"]["clientId"]

    @property
    def principal_id(self) -> str:
        return self.identity["properties"]["principalId"]

    async def trust(self, name: str = "prod-weu", **changes: Any) -> None:
        """The identity trusts the service account on the cluster."""
        issuer = self.cloud.arm.clusters.issuer(self.cloud.arm.clusters.named("prod-weu"))
        properties = {"issuer": issuer, "subject": SUBJECT, "audiences": [AUDIENCE], **changes}
        answer = await self.cloud.call(
            "PUT", f"{self.path}/federatedIdentityCredentials/{name}", {"properties": properties}
        )
        assert answer.status in (200, 201), answer.body

    def credential(
        self, token: str | None = None, *, tenant: str = TENANT, client: str | None = None
    ) -> WorkloadIdentityCredential:
        """The unmodified credential of the SDK, in a pod with this token."""
        file = self.folder / "token"
        file.write_text(token or self.cloud.arm.service_account_token("prod-weu", "payments", "payments-api"))
        return WorkloadIdentityCredential(
            tenant_id=tenant, client_id=client or self.client_id, token_file_path=str(file),
            authority=self.cloud.url, disable_instance_discovery=True, connection_verify=self.cloud.ca,
        )  # fmt: skip

    async def token(self, scope: str = "https://vault.azure.net/.default", **pod: Any) -> str:
        """The access token that the pod gets."""
        return (await asyncio.to_thread(self.credential(**pod).get_token, scope)).token

    async def refusal(self, scope: str = "https://vault.azure.net/.default", **pod: Any) -> dict[str, Any]:
        """What Entra says instead of a token."""
        with pytest.raises(ClientAuthenticationError) as caught:
            await self.token(scope, **pod)
        return json.loads(caught.value.response.text())

    async def grant(self, scope: str, role: str, name: str = "aaaaaaaa-0000-4000-8000-000000000001") -> None:
        """The identity holds the role on the scope."""
        properties = {
            "roleDefinitionId": f"/subscriptions/{PROD}{ROLES}/{role}",
            "principalId": self.principal_id,
            "principalType": "ServicePrincipal",
        }
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
        answer = await self.cloud.call("PUT", path, {"properties": properties}, version="2022-04-01")
        assert answer.status == 201, answer.body

    async def visit(self, method: str, path: str, token: str, **options: Any) -> tuple[int, str]:
        """A request to a data plane, and its status and text."""
        headers = {
            "Authorization": f"Bearer {token}",
            "x-ms-version": "2023-11-03",
            **options.pop("headers", {}),
        }
        async with self.cloud.session.request(
            method, self.cloud.url + path, headers=headers, **options
        ) as answer:
            return answer.status, await answer.text()


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


async def test_a_vault_opens_for_the_granted_and_its_neighbour_stays_shut(workload: Workload) -> None:
    await workload.trust()
    token = await workload.token()
    status, text = await workload.visit("GET", "/vault/kv-payments/secrets/stripe-key", token)
    assert (status, json.loads(text)["error"]["innererror"]["code"]) == (403, "ForbiddenByRbac")

    await workload.grant(VAULT, SECRETS_USER)

    assert (await workload.visit("GET", "/vault/kv-payments/secrets/stripe-key", token))[0] == 200
    assert (await workload.visit("GET", "/vault/kv-payments/secrets", token))[0] == 200
    assert (await workload.visit("PUT", "/vault/kv-payments/secrets/new", token, json={"value": "x"}))[
        0
    ] == 403
    assert (await workload.visit("GET", "/vault/kv-orders/secrets/smtp-password", token))[0] == 403


async def test_a_role_does_nothing_in_a_vault_with_access_policies(workload: Workload) -> None:
    await workload.trust()
    await workload.grant(f"{DATA}/Microsoft.KeyVault/vaults/kv-legacy", SECRETS_USER)

    status, text = await workload.visit("GET", "/vault/kv-legacy/secrets/ftp", await workload.token())

    assert (status, json.loads(text)["error"]["innererror"]["code"]) == (403, "AccessDenied")


async def test_a_role_on_one_secret_gives_that_secret_and_no_list(workload: Workload) -> None:
    await workload.trust()
    await workload.grant(f"{VAULT}/secrets/stripe-key", SECRETS_USER)
    token = await workload.token()

    assert (await workload.visit("GET", "/vault/kv-payments/secrets/stripe-key", token))[0] == 200
    assert (await workload.visit("GET", "/vault/kv-payments/secrets/psp-cert", token))[0] == 403
    assert (await workload.visit("GET", "/vault/kv-payments/secrets", token))[0] == 403


async def test_a_blob_reader_reads_its_container_and_signs_no_delegation_key(workload: Workload) -> None:
    await workload.trust()
    container = (
        f"{DATA}/Microsoft.Storage/storageAccounts/stshopinvoices/blobServices/default/containers/invoices"
    )
    await workload.grant(container, "ba92f5b4-2d11-453d-a403-e96b0029c9fe")
    token = await workload.token("https://storage.azure.com/.default")

    assert (await workload.visit("PUT", "/blob/stshopinvoices/invoices/1.pdf", token, data=b"one"))[0] == 201
    assert await workload.visit("GET", "/blob/stshopinvoices/invoices/1.pdf", token) == (200, "one")
    status, text = await workload.visit("GET", "/blob/stshopinvoices/exports/1.pdf", token)
    assert (status, "AuthorizationPermissionMismatch" in text) == (403, True)
    key = "/blob/stshopinvoices/?restype=service&comp=userdelegationkey"
    assert (await workload.visit("POST", key, token))[0] == 403


async def test_a_receiver_receives_from_its_queue_and_cannot_send(workload: Workload) -> None:
    await workload.trust()
    namespace = f"{DATA}/Microsoft.ServiceBus/namespaces/sb-shop"
    await workload.grant(f"{namespace}/queues/orders", "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0")
    await workload.grant(
        f"{namespace}/topics/events",
        "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
        "aaaaaaaa-0000-4000-8000-000000000002",
    )
    token = await workload.token("https://servicebus.azure.net/.default")

    assert (await workload.visit("DELETE", "/servicebus/sb-shop/orders/messages/head", token))[0] == 204
    assert (await workload.visit("POST", "/servicebus/sb-shop/events/messages", token, data="hello"))[
        0
    ] == 201
    status, text = await workload.visit("POST", "/servicebus/sb-shop/orders/messages", token, data="hello")
    assert (status, "'Send' claim(s) are required" in text) == (401, True)
    assert (await workload.visit("DELETE", "/servicebus/sb-shop/payments/messages/head", token))[0] == 401


async def test_cosmos_items_open_by_its_own_roles_only(workload: Workload) -> None:
    await workload.trust()
    account = f"{DATA}/Microsoft.DocumentDB/databaseAccounts/cosmos-catalogue"
    await workload.grant(account, "fbdf93bf-df7d-467e-a4d2-9458aa1360c8")
    token = await workload.token("https://cosmos-catalogue.documents.azure.com/.default")
    headers = {"Authorization": f"type%3Daad%26ver%3D1.0%26sig%3D{token}"}
    docs = "/cosmos/cosmos-catalogue/dbs/catalogue/colls/products/docs"
    assert (await workload.visit("POST", docs, token, json={"id": "1"}, headers=headers))[0] == 403

    properties = {
        "roleDefinitionId": f"{account}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002",
        "scope": f"{account}/dbs/catalogue/colls/products",
        "principalId": workload.principal_id,
    }
    given = f"{account}/sqlRoleAssignments/bbbbbbbb-0000-4000-8000-000000000001"
    assert (
        await workload.cloud.call("PUT", given, {"properties": properties}, version="2024-05-15")
    ).status == 202

    assert (await workload.visit("POST", docs, token, json={"id": "1"}, headers=headers))[0] == 201
    assert (await workload.visit("GET", docs + "/1", token, headers=headers))[0] == 200
    assert (await workload.visit("GET", docs.replace("products", "prices"), token, headers=headers))[0] == 403


async def test_a_token_for_one_service_is_no_token_for_another(workload: Workload) -> None:
    await workload.trust()
    await workload.grant(VAULT, SECRETS_USER)

    token = await workload.token("https://storage.azure.com/.default")

    assert (await workload.visit("GET", "/vault/kv-payments/secrets/stripe-key", token))[0] == 401
    assert (await workload.cloud.call("GET", VAULT, token=token)).code == "InvalidAuthenticationTokenAudience"


async def test_a_grant_opens_late_and_closes_late(workload: Workload) -> None:
    workload.cloud.arm.options.role_propagation = 5
    await workload.trust()
    await workload.grant(VAULT, SECRETS_USER)
    token, path = await workload.token(), "/vault/kv-payments/secrets/stripe-key"
    assert (await workload.visit("GET", path, token))[0] == 403
    workload.cloud.world.clock.advance(6)
    assert (await workload.visit("GET", path, token))[0] == 200

    assert (await workload.cloud.call("DELETE", ASSIGNED, version="2022-04-01")).status == 200

    assert (await workload.visit("GET", path, token))[0] == 200
    workload.cloud.world.clock.advance(6)
    assert (await workload.visit("GET", path, token))[0] == 403


async def test_the_hosts_identity_endpoint_gives_the_callers_token(
    workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", workload.cloud.plain + "/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "sandbox")
    async with ManagedIdentityCredential() as credential:
        token = (await credential.get_token("https://management.azure.com/.default")).token

    seen = await workload.cloud.call("GET", "/subscriptions", token=token, version="2022-12-01")
    assert {s["subscriptionId"] for s in seen.body["value"]} == {PROD, DEV}


async def test_a_data_plane_answers_at_its_own_host_name_too(workload: Workload) -> None:
    await workload.trust()
    await workload.grant(VAULT, SECRETS_USER)

    headers = {"Host": "kv-payments.vault.azure.net"}
    status, text = await workload.visit("GET", "/secrets/stripe-key", await workload.token(), headers=headers)

    assert (status, json.loads(text)["value"]) == (200, "value of stripe-key")


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
