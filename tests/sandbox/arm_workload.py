"""A workload of the sample's world: its identity, its pod, and what its tokens open."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from arm_world import IDENTITIES, PROD, TENANT, VAULT, Cloud
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import WorkloadIdentityCredential

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
