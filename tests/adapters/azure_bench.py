"""The bot's Azure adapter against the sandbox's Azure, in one process: real SDK, real TLS, real tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from bot.arm import Arm, ArmSettings, credential
from bot.domain.catalog import Place
from bot.domain.plan import EnsureCredential, EnsureIdentity, EnsureRoleAssignment
from bot.domain.spec import IdentityRef, Scope, ScopeKind
from sandbox.arm import Arm as SandboxArm
from sandbox.arm.model import Assignment
from sandbox.arm.tls import prepare
from sandbox.world import World

SAMPLE = yaml.safe_load((resources.files("sandbox") / "sample" / "world.yaml").read_text())
PRODUCTION = "1a2b3c4d-0001-4000-8000-00000000aaaa"
DEVELOPMENT = "1a2b3c4d-0002-4000-8000-00000000bbbb"
TENANT = "3f6c2a1e-8f0d-4b57-9a3c-5d1e7b2f4a60"
BOT = "9c1b7e52-40a8-4b6d-8f3e-2a7d5c6e1f04"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
DATA = f"/subscriptions/{PRODUCTION}/resourceGroups/rg-data-prod/providers"
VAULT = Scope(id=f"{DATA}/Microsoft.KeyVault/vaults/kv-payments", kind=ScopeKind.VAULT, name="kv-payments")
PLACE = Place(subscription=PRODUCTION, resource_group="rg-identities-prod", region="westeurope")
REF = IdentityRef(
    subscription=PRODUCTION,
    resource_group="rg-identities-prod",
    name="id-payments-api-prod",
    region="westeurope",
)


@dataclass
class Bench:
    """The adapter under test and the Azure that it talks to."""

    arm: Arm
    azure: SandboxArm
    world: World

    def fault(self, method: str, path: str, **fields: Any) -> Any:
        """An order to the sandbox about requests to its Azure."""
        return self.world.faults.order(service="arm", method=method, path=path, **fields)

    def refuse(
        self, method: str, path: str, status: int, code: str, message: str = "No.", **fields: Any
    ) -> Any:
        """The next such request is not applied and answered with this error."""
        body = {"error": {"code": code, "message": message, **fields.pop("more", {})}}
        return self.fault(method, path, action="answer", status=status, body=body, **fields)

    def somebody_assigns(self, scope: str, role_id: str, principal: str) -> str:
        """Somebody else gives a role under a name of their own; the assignment's id."""
        access = self.azure.azure.state
        made = Assignment(
            "00000000-1111-4222-8333-444444444444", scope, role_id, principal, "ServicePrincipal"
        )
        return access.assign(made).id

    @property
    def requests(self) -> list[str]:
        """Method and path of every request to Azure so far, tokens apart."""
        return [f"{entry.method} {entry.path}" for entry in self.world.journal.read("arm")]


@asynccontextmanager
async def bench(
    folder: Path, patch: pytest.MonkeyPatch, azure: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[Bench]:
    """A bench that works until the end of the block; `azure` changes the sample's section."""
    tls = prepare(folder.parent / "tls")  # one authority for all tests of a run
    world = World(data=folder)
    service = SandboxArm(world, SAMPLE["azure"] | (azure or {}))
    world.add(service)
    runners = [
        web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        for app in (service.app(), service.identity_app())
    ]
    for runner, secure in zip(runners, (tls.context, None), strict=True):
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=secure).start()
    port, plain = (runner.addresses[0][1] for runner in runners)
    world.public["tls"] = f"https://localhost:{port}"
    patch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{plain}/token")
    patch.setenv("IDENTITY_HEADER", "here")
    own = ArmSettings(
        **{
            "subscriptions": (PRODUCTION, DEVELOPMENT),
            "base_url": world.public["tls"],
            "ca_file": str(tls.ca_file),
        }
        | settings
    )
    try:
        async with Arm(credential(TENANT), own) as arm:
            yield Bench(arm, service, world)
    finally:
        world.faults.clear()
        for runner in runners:
            await runner.cleanup()


def identity_step(**changes: Any) -> EnsureIdentity:
    """A step that makes the identity of payments-api."""
    return EnsureIdentity(**{"identity": REF, "tags": {"application": "payments-api"}} | changes)


def credential_step(**changes: Any) -> EnsureCredential:
    """A step that lets the identity trust a service account."""
    values = {
        "key": "credential:one",
        "needs": (),
        "identity": REF,
        "name": "prod-weu-payments-payments-api-0a1b2c3d",
        "issuer": "https://issuer.test/one/",
        "subject": "system:serviceaccount:payments:payments-api",
    }
    return EnsureCredential(**values | changes)


def assignment_step(**changes: Any) -> EnsureRoleAssignment:
    """A step that gives Key Vault Secrets User on kv-payments."""
    values = {
        "key": "grant:one",
        "needs": (),
        "role": "key-vault-secrets-user",
        "role_id": SECRETS_USER,
        "scope": VAULT,
    }
    return EnsureRoleAssignment(**values | changes)
