"""What a workload's token opens, and what stays shut."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from arm_workload import ASSIGNED, Workload
from arm_world import DATA, IDENTITIES, SECRETS_USER, VAULT, running


@pytest.fixture
async def workload(tmp_path: Path) -> AsyncIterator[Workload]:
    async with running(tmp_path) as cloud:
        made = await cloud.call("PUT", f"{IDENTITIES}/id-payments-api", {"location": "westeurope"})
        yield Workload(cloud, tmp_path, made.body)


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
    assert (status, "'Send' claim(s) are required" in text) == (403, True)
    assert (await workload.visit("DELETE", "/servicebus/sb-shop/payments/messages/head", token))[0] == 403


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


async def test_a_data_plane_answers_at_its_own_host_name_too(workload: Workload) -> None:
    await workload.trust()
    await workload.grant(VAULT, SECRETS_USER)

    headers = {"Host": "kv-payments.vault.azure.net"}
    status, text = await workload.visit("GET", "/secrets/stripe-key", await workload.token(), headers=headers)

    assert (status, json.loads(text)["value"]) == (200, "value of stripe-key")
