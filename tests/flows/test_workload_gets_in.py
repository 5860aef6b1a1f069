"""What the bot made lets the workload in, and nothing else: judged by Entra's and the vault's own answers."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import WorkloadIdentityCredential

from tests.flows.house import PAYMENTS_DEV, House

TENANT = "3f6c2a1e-8f0d-4b57-9a3c-5d1e7b2f4a60"


async def _token(house: House, folder: Path, scope: str, namespace: str, account: str) -> str:
    """What a pod with this service account gets from Entra, by the unmodified SDK."""
    (made,) = house.identities()
    file = folder / "token"
    file.write_text(house.sandbox.arm.service_account_token("dev-weu", namespace, account))
    credential = WorkloadIdentityCredential(
        tenant_id=TENANT,
        client_id=made["client_id"],
        token_file_path=str(file),
        authority=house.sandbox.world.public["tls"],
        disable_instance_discovery=True,
        connection_verify=str(house.sandbox.tls.ca_file),
    )
    return (await asyncio.to_thread(credential.get_token, scope)).token


async def _visit(house: House, method: str, path: str, token: str) -> int:
    """The status of a data plane's answer."""
    headers = {"Authorization": f"Bearer {token}", "x-ms-version": "2023-11-03"}
    address = f"{house.sandbox.world.public['tls']}{path}"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, address, headers=headers, ssl=False) as answer,
    ):
        return answer.status


async def _approved(house: House, text: str) -> None:
    thread = await house.ask(text)
    await house.approve(thread)
    await house.pull()


async def test_the_workload_reads_its_vault_and_is_refused_next_door(house: House, tmp_path: Path) -> None:
    await _approved(house, PAYMENTS_DEV)

    token = await _token(house, tmp_path, "https://vault.azure.net/.default", "payments", "payments-api")

    assert await _visit(house, "GET", "/vault/kv-payments-dev/secrets/stripe-key", token) == 200
    assert await _visit(house, "GET", "/vault/kv-payments/secrets/stripe-key", token) == 403
    assert await _visit(house, "DELETE", "/vault/kv-payments-dev/secrets/stripe-key", token) == 403


@pytest.mark.parametrize(
    ("namespace", "account"),
    [("payments", "default"), ("orders", "payments-api"), ("payments", "payments-API")],
)
async def test_no_other_service_account_gets_a_token(
    house: House, tmp_path: Path, namespace: str, account: str
) -> None:
    await _approved(house, PAYMENTS_DEV)

    with pytest.raises(ClientAuthenticationError, match="AADSTS70021"):
        await _token(house, tmp_path, "https://vault.azure.net/.default", namespace, account)


async def test_a_sender_may_send_to_its_queue_and_not_receive(house: House, tmp_path: Path) -> None:
    await _approved(
        house,
        "@identity orders in namespace orders on dev-weu needs to send to queue orders in sb-shop-dev "
        "because it takes orders",
    )

    token = await _token(house, tmp_path, "https://servicebus.azure.net/.default", "orders", "orders")

    assert await _visit(house, "POST", "/servicebus/sb-shop-dev/orders/messages", token) == 201
    assert await _visit(house, "DELETE", "/servicebus/sb-shop-dev/orders/messages/head", token) == 403
    assert await _visit(house, "POST", "/servicebus/sb-shop-dev/payments/messages", token) == 403
