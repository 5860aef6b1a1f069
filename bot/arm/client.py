"""The connection to one Azure Resource Manager: one pipeline, shared by the SDK's clients and by plain reads.

The pipeline neither retries nor registers resource providers: waiting belongs to the reconciler, and
what the bot does in Azure is in the plan (azure.md 1.8, 1.9).
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import aiohttp
from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline import AsyncPipeline
from azure.core.pipeline.policies import (
    ContentDecodePolicy,
    DistributedTracingPolicy,
    HeadersPolicy,
    RequestIdPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.identity.aio import ManagedIdentityCredential, WorkloadIdentityCredential
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.containerservice.aio import ContainerServiceClient
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy
from azure.mgmt.msi.v2024_11_30.aio import ManagedServiceIdentityClient
from azure.mgmt.resourcegraph.aio import ResourceGraphClient

from bot.arm.errors import translated
from bot.errors import NeedsOperator, Obstacle

PUBLIC = "https://management.azure.com"
KEPT_OPEN = 60.0
"""Seconds that a connection waits for the next request: a new one costs three round trips."""
PAGES = 50
"""More pages of one list than this are not read: something is wrong with it."""


@dataclass(frozen=True)
class ArmSettings:
    """Which Azure, whose certificates it is trusted by, how long a call may take, and where to look.

    `ca_file` is a PEM file; None means the system's authorities. `seconds` is for one call with its
    token. `subscriptions` are the tenant's of the catalog, in which resources are looked for.
    """

    subscriptions: tuple[str, ...]
    base_url: str = PUBLIC
    scope: str = f"{PUBLIC}/.default"
    ca_file: str | None = None
    seconds: float = 10.0
    connections: int = 64


def credential(
    tenant_id: str,
    client_id: str | None = None,
    token_file: str | None = None,
    authority: str | None = None,
    ca_file: str | None = None,
) -> AsyncTokenCredential:
    """The bot's own credential: by its service account's token file, else by the host's managed identity.

    Without `token_file` the SDK reads IDENTITY_ENDPOINT and IDENTITY_HEADER, or asks the virtual machine.
    """
    if token_file is None:
        return ManagedIdentityCredential(client_id=client_id, retry_total=0)
    more: dict[str, Any] = {}
    if authority:
        more["authority"] = authority
    if ca_file:
        more["connection_verify"] = ca_file
    return WorkloadIdentityCredential(
        tenant_id=tenant_id, client_id=client_id, token_file_path=token_file, retry_total=0, **more
    )


class Connection:
    """One ARM for one credential, both open from `__aenter__` to `__aexit__`."""

    def __init__(self, credential: AsyncTokenCredential, settings: ArmSettings) -> None:
        self.settings = settings
        self.base_url = settings.base_url.rstrip("/")
        self._credential = credential
        self._authorization: dict[str, AuthorizationManagementClient] = {}
        self._identities: dict[str, ManagedServiceIdentityClient] = {}
        self._clusters: dict[str, ContainerServiceClient] = {}

    async def __aenter__(self) -> Self:
        # A path given to the transport would be read anew, and its certificates parsed, on every request.
        trust = ssl.create_default_context(cafile=self.settings.ca_file)
        connector = aiohttp.TCPConnector(
            ssl=trust, limit=self.settings.connections, keepalive_timeout=KEPT_OPEN
        )
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=True, auto_decompress=False
        )
        self._pipeline = self._new_pipeline()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._credential.close()

    def authorization(self, subscription: str) -> AuthorizationManagementClient:
        """The client of role assignments for a subscription."""
        if subscription not in self._authorization:
            self._authorization[subscription] = AuthorizationManagementClient(
                self._credential, subscription, base_url=self.base_url, pipeline=self._pipeline
            )
        return self._authorization[subscription]

    def identities(self, subscription: str) -> ManagedServiceIdentityClient:
        """The client of managed identities and their credentials for a subscription."""
        if subscription not in self._identities:
            self._identities[subscription] = ManagedServiceIdentityClient(
                self._credential, subscription, base_url=self.base_url, pipeline=self._pipeline
            )
        return self._identities[subscription]

    def clusters(self, subscription: str) -> ContainerServiceClient:
        """The client of AKS for a subscription."""
        if subscription not in self._clusters:
            self._clusters[subscription] = ContainerServiceClient(
                self._credential, subscription, base_url=self.base_url, pipeline=self._pipeline
            )
        return self._clusters[subscription]

    @cached_property
    def graph(self) -> ResourceGraphClient:
        """The client of Resource Graph."""
        return ResourceGraphClient(self._credential, base_url=self.base_url, pipeline=self._pipeline)

    @cached_property
    def _plain(self) -> AsyncPipelineClient[HttpRequest, AsyncHttpResponse]:
        return AsyncPipelineClient(self.base_url, pipeline=self._pipeline)

    @asynccontextmanager
    async def call(self, doing: str) -> AsyncIterator[None]:
        """What is awaited inside ends in time, and fails only with TryLater or NeedsOperator."""
        async with translated(doing), asyncio.timeout(self.settings.seconds):
            yield

    async def get(self, path: str, api_version: str, **parameters: str) -> dict[str, Any]:
        """The JSON object at a path of ARM; azure.core's HttpResponseError for every other answer."""
        return await self._get(f"{self.base_url}{path}", {"api-version": api_version, **parameters})

    async def listed(self, path: str, api_version: str, **parameters: str) -> list[dict[str, Any]]:
        """Every item of a list at a path of ARM, over all of its pages."""
        page = await self.get(path, api_version, **parameters)
        items = list(page.get("value", ()))
        for _ in range(PAGES):
            link = page.get("nextLink")
            if not link:
                return items
            self._own(link)
            page = await self._get(link, {})
            items += page.get("value", ())
        raise NeedsOperator(f"{path} has no end.", "Ask for it by name.", Obstacle.UNEXPECTED)

    async def token(self) -> str:
        """An access token for ARM, as the pipeline sends it."""
        return (await self._credential.get_token(self.settings.scope)).token

    async def _get(self, url: str, parameters: dict[str, str]) -> dict[str, Any]:
        response = await self._plain.send_request(HttpRequest("GET", url, params=parameters))
        if response.status_code != 200:
            raise HttpResponseError(response=response)
        found = response.json()
        return found if isinstance(found, dict) else {"value": found}

    def _own(self, link: str) -> None:
        """A link out of an answer is followed only on the same host: the token goes with it."""
        if not link.casefold().startswith(self.base_url.casefold() + "/"):
            raise NeedsOperator(
                "Azure's list goes on at another address than the bot's.",
                "Set the address of Azure Resource Manager to the one that it names itself.",
                Obstacle.MISCONFIGURED,
            )

    def _new_pipeline(self) -> AsyncPipeline[HttpRequest, AsyncHttpResponse]:
        return AsyncPipeline(
            AioHttpTransport(session=self._session, session_owner=False),
            [
                RequestIdPolicy(),
                HeadersPolicy(),
                UserAgentPolicy(base_user_agent="identity-bot"),
                ContentDecodePolicy(),
                AsyncARMChallengeAuthenticationPolicy(self._credential, self.settings.scope),
                DistributedTracingPolicy(),
            ],
        )
