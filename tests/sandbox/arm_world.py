"""An Azure of the sandbox on loopback, and the unmodified clients pointed at it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web
from azure.core.credentials import AccessToken

from sandbox.arm import Arm, Options
from sandbox.arm.tls import Tls, prepare
from sandbox.world import World

SAMPLE = yaml.safe_load((Path(__file__).parents[2] / "sandbox" / "sample" / "world.yaml").read_text())[
    "azure"
]
PROD, DEV = (s["id"] for s in SAMPLE["subscriptions"])
TENANT = SAMPLE["tenant"]
BOT = SAMPLE["caller"]["object_id"]
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
IDENTITIES = f"/subscriptions/{PROD}/resourceGroups/rg-identities-prod/providers/{IDENTITY}"
DATA = f"/subscriptions/{PROD}/resourceGroups/rg-data-prod/providers"
VAULT = f"{DATA}/Microsoft.KeyVault/vaults/kv-payments"
KEYS: list[str] = []
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


class Token:
    """A credential of the SDKs' kind that always has this token."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        return AccessToken(self._token, 2**31)

    async def close(self) -> None:
        pass


@dataclass
class Cloud:
    """A running Azure: its service, its addresses, and clients for it."""

    arm: Arm
    world: World
    tls: Tls
    url: str
    plain: str
    session: aiohttp.ClientSession

    @property
    def ca(self) -> str:
        return str(self.tls.ca_file)

    def token(self, principal: str = BOT, audience: str = "https://management.azure.com") -> str:
        """An access token of somebody in this tenant."""
        return self.arm.entra.issue(self.arm.azure.state.principals[principal], audience)

    def sdk(self, client: Any, subscription: str | None = PROD, **options: Any) -> Any:
        """One of the SDK's asynchronous clients, pointed here."""
        args = [Token(self.token())] + ([subscription] if subscription else [])
        return client(*args, base_url=self.url, connection_verify=self.ca, retry_total=0, **options)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: str = "2024-11-30",
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> "Answer":
        """One raw request to ARM."""
        query = "" if "api-version" in path else ("&" if "?" in path else "?") + f"api-version={version}"
        sent = {"Authorization": f"Bearer {token or self.token()}", **(headers or {})}
        async with self.session.request(method, self.url + path + query, json=body, headers=sent) as response:
            text = await response.text()
            return Answer(response.status, dict(response.headers), await response.json() if text else None)


@dataclass(frozen=True)
class Answer:
    """An answer of ARM."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> str:
        """The error's code."""
        return (self.body.get("error") or self.body)["code"] if isinstance(self.body, dict) else ""

    @property
    def message(self) -> str:
        """The error's message."""
        return (self.body.get("error") or self.body)["message"]


@asynccontextmanager
async def running(
    folder: Path,
    sample: dict[str, Any] | None = None,
    options: Options | None = None,
    world: World | None = None,
) -> AsyncIterator[Cloud]:
    """An Azure runs on loopback for as long as the context lasts."""
    world = world or World(data=folder / "world")
    arm = Arm(world, sample or SAMPLE, options)
    world.add(arm)
    _lend_keys(arm)
    tls = prepare(folder / "tls")
    runners = []
    try:
        url = await _start(runners, arm.app(), tls)
        outer = web.Application()
        outer.add_subapp("/msi", arm.identity_app())
        plain = await _start(runners, outer, None)
        world.public["tls"] = url
        async with aiohttp.ClientSession(connector=_connector(tls)) as session:
            yield Cloud(arm, world, tls, url, plain, session)
    finally:
        for runner in runners:
            await runner.cleanup()


def _lend_keys(arm: Arm) -> None:
    """Making keys is slow; every Azure of one run of the tests signs with the same few."""
    for issuer in ("entra", *(c.hidden["issuer"] for c in arm.clusters.all())):
        place = len(arm.azure.state.keys)
        if place == len(KEYS):
            arm.keyring.key(arm.azure.state, issuer)
            KEYS.append(arm.azure.state.keys[issuer])
        arm.azure.state.keys[issuer] = KEYS[place]


async def _start(runners: list[web.AppRunner], app: web.Application, tls: Tls | None) -> str:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    runners.append(runner)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls.context if tls else None, backlog=512).start()
    port = runner.addresses[0][1]
    return f"{'https' if tls else 'http'}://localhost:{port}"


def _connector(tls: Tls) -> aiohttp.TCPConnector:
    import ssl

    return aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(tls.ca_file)), limit=300)
