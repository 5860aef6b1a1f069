"""The sandbox's Azure on the wire: versions, tokens, case, restarts, many calls at once."""

import asyncio
import re
import ssl
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from arm_answers import GUID
from arm_recordings import DATA as RECORDED
from arm_world import DATA, IDENTITIES, TENANT, Cloud, running
from azure.mgmt.msi.aio import ManagedServiceIdentityClient

from sandbox.arm import Options

SANDBOX = Path(__file__).parents[2] / "sandbox"
GROUP, NAME = "rg-identities-prod", "id-payments-api"
ACCOUNT = f"{DATA}/Microsoft.DocumentDB/databaseAccounts/cosmos-catalogue"


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    async with running(tmp_path) as found:
        yield found


async def _identity(cloud: Cloud, **body: Any) -> Any:
    async with cloud.sdk(ManagedServiceIdentityClient) as client:
        wanted = {"location": "westeurope", **body}
        return await client.user_assigned_identities.create_or_update(GROUP, NAME, wanted)


async def test_an_absent_identity_is_told_by_the_gateway(cloud: Cloud) -> None:
    missing = await cloud.call("GET", f"{IDENTITIES}/nobody")
    nowhere = await cloud.call("GET", f"{IDENTITIES}/nobody".replace(GROUP, "rg-none"))
    gone = await cloud.call("DELETE", f"{IDENTITIES}/nobody")

    assert (missing.status, missing.code, missing.headers["x-ms-failure-cause"]) == (
        404,
        "ResourceNotFound",
        "gateway",
    )
    assert (nowhere.status, nowhere.code) == (404, "ResourceGroupNotFound")
    assert gone.status == 204


async def test_case_counts_nowhere_in_a_path(cloud: Cloud) -> None:
    await _identity(cloud)

    found = await cloud.call(
        "GET", f"{IDENTITIES}/{NAME}".upper().replace("/SUBSCRIPTIONS", "/Subscriptions")
    )

    assert (found.status, found.body["name"]) == (200, NAME)


async def test_many_api_versions_are_taken_for_one_path_and_nonsense_is_not(cloud: Cloud) -> None:
    for version in ("2018-11-30", "2023-01-31", "2024-11-30", "2025-05-31-preview"):
        assert (await cloud.call("GET", IDENTITIES, version=version)).status == 200
    assert (await cloud.call("GET", IDENTITIES, version="latest")).code == "InvalidApiVersionParameter"
    async with cloud.session.get(
        cloud.url + IDENTITIES, headers={"Authorization": f"Bearer {cloud.token()}"}
    ) as answer:
        assert (await answer.json())["error"]["code"] == "MissingApiVersionParameter"


@pytest.mark.parametrize(
    ("header", "code"), [("", "AuthenticationFailed"), ("Bearer x.y.z", "InvalidAuthenticationToken")]
)
async def test_without_a_good_token_there_is_only_a_challenge(cloud: Cloud, header: str, code: str) -> None:
    async with cloud.session.get(
        f"{cloud.url}/subscriptions?api-version=2022-12-01", headers={"Authorization": header}
    ) as got:
        body = await got.json()

    assert (got.status, body["error"]["code"]) == (401, code)
    assert got.headers["WWW-Authenticate"].startswith(f'Bearer authorization_uri="{cloud.url}/{TENANT}"')


async def test_a_token_expires(cloud: Cloud) -> None:
    token = cloud.token()
    cloud.world.clock.advance(cloud.arm.options.token_lifetime + 1)

    assert (await cloud.call("GET", "/subscriptions", token=token)).code == "ExpiredAuthenticationToken"


async def test_vaults_storage_buses_and_accounts_are_read_with_what_findings_need(cloud: Cloud) -> None:
    vault = (await cloud.call("GET", f"{DATA}/Microsoft.KeyVault/vaults/kv-legacy")).body
    storage = (await cloud.call("GET", f"{DATA}/Microsoft.Storage/storageAccounts/stshopinvoices")).body
    queues = (await cloud.call("GET", f"{DATA}/Microsoft.ServiceBus/namespaces/sb-shop/queues")).body
    database = f"{ACCOUNT}/sqlDatabases/catalogue/containers"
    containers = (await cloud.call("GET", database)).body

    assert vault["properties"]["enableRbacAuthorization"] is False
    assert storage["properties"]["allowSharedKeyAccess"] is True
    assert [q["name"] for q in queues["value"]] == ["orders", "payments"]
    assert [c["name"] for c in containers["value"]] == ["prices", "products"]


async def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as cloud:
        made = await _identity(cloud, tags={"team": "payments"})
        token, before = cloud.token(), cloud.arm.view()
        cloud.world.save()
    async with running(tmp_path) as cloud:
        await asyncio.sleep(0)
        found = await cloud.call("GET", f"{IDENTITIES}/{NAME}", token=token)
        after = cloud.arm.view()

    assert found.body["properties"]["principalId"] == made.principal_id
    assert [i["id"] for i in after["identities"]] == [i["id"] for i in before["identities"]]


async def test_a_seed_repeats_every_id(tmp_path: Path) -> None:
    found = []
    for place in ("one", "two"):
        async with running(tmp_path / place) as cloud:
            made = await _identity(cloud)
            found.append(
                (made.principal_id, made.client_id, cloud.arm.clusters.named("prod-weu").hidden["issuer"])
            )

    assert found[0] == found[1]


async def test_plain_clients_trust_the_ca_file_and_nothing_less(cloud: Cloud) -> None:
    url = f"{cloud.url}/metadata/endpoints?api-version=2022-09-01"

    def read(context: ssl.SSLContext) -> bytes:
        with urllib.request.urlopen(url, context=context) as answer:
            return answer.read()

    assert b"loginEndpoint" in await asyncio.to_thread(read, ssl.create_default_context(cafile=cloud.ca))
    with pytest.raises(urllib.error.URLError):
        await asyncio.to_thread(read, ssl.create_default_context())


async def test_two_hundred_calls_at_once_are_borne(cloud: Cloud) -> None:
    async def one(n: int) -> int:
        answer = await cloud.call("PUT", f"{IDENTITIES}/id-{n:03}", {"location": "westeurope"})
        return answer.status

    began = time.perf_counter()
    statuses = await asyncio.gather(*(one(n) for n in range(200)))
    took = time.perf_counter() - began

    print(f"\n200 parallel writes in {took:.2f} s: {200 / took:.0f} calls a second")
    assert set(statuses) == {201}
    assert took < 10


@pytest.mark.skipif(not RECORDED.exists(), reason="the recordings lie beside the project, in ../shared")
def test_no_value_out_of_a_recording_stands_in_the_sandbox() -> None:
    """Ids of Azure's own, which stand in its documents, are not values of a recording."""
    public = {m[0].lower() for m in GUID.finditer((RECORDED / "builtin_roles.json").read_text())}
    recorded: set[str] = set()
    for file in [*RECORDED.glob("*/*.yaml"), *RECORDED.glob("*/*.extract.json")]:
        text = file.read_text()
        recorded |= {m[0].lower() for m in GUID.finditer(text)}
        recorded |= {m[0] for m in re.finditer(r"asotest[\w-]{6,}|cli[a-z_]*0000\d\d|MC_clitest\w+", text)}
    recorded = {value for value in recorded - public if len(set(value)) > 4}

    ours = "\n".join(p.read_text().lower() for p in SANDBOX.rglob("*") if p.suffix in (".py", ".yaml", ".md"))

    assert not [value for value in recorded if value in ours]


def test_every_option_is_in_the_readme_with_its_default() -> None:
    readme = (SANDBOX / "arm" / "README.md").read_text()
    rows = dict(re.findall(r"\| `(\w+)` \| (\S+) \|", readme))

    assert {name: str(value) for name, value in vars(Options()).items()} == {
        n: rows.get(n) for n in vars(Options())
    }


async def test_a_reset_forgets_what_was_made(cloud: Cloud) -> None:
    await _identity(cloud)

    cloud.arm.reset()

    assert set(cloud.arm.identities) == {"id-identity-bot"}
