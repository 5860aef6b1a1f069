"""Entra's token endpoint: secrets and federated tokens, and its refusals (azure.md section 3)."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from aiohttp import web

from sandbox.arm import federation
from sandbox.arm.aadsts import EntraError
from sandbox.arm.clusters import Clusters
from sandbox.arm.core import Azure
from sandbox.arm.model import Principal
from sandbox.arm.tokens import ENTRA, Keyring

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RESOURCES = {
    "management.azure.com", "management.core.windows.net", "vault.azure.net", "storage.azure.com",
    "servicebus.azure.net", "eventhubs.azure.net", "cosmos.azure.com", "graph.microsoft.com", "azconfig.io",
    "eventgrid.azure.net", "monitor.azure.com",
}  # fmt: skip
SUFFIXES = (".documents.azure.com", ".vault.azure.net", ".blob.core.windows.net", ".servicebus.windows.net")


@dataclass(frozen=True)
class Asked:
    """A token request, read: whose, by what proof, for what."""

    tenant: str
    client_id: str
    secret: str | None
    assertion: str | None
    scope: str


class Entra:
    """The tenants' authority."""

    def __init__(self, azure: Azure, keyring: Keyring, clusters: Clusters) -> None:
        self._azure = azure
        self._keyring = keyring
        self._clusters = clusters

    def add_to(self, app: web.Application) -> None:
        """The application answers at Entra's paths."""
        app.router.add_get("/metadata/endpoints", self.metadata)
        app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self.configuration)
        app.router.add_get("/{tenant}/.well-known/openid-configuration", self.configuration)
        app.router.add_get("/{tenant}/discovery/v2.0/keys", self.keys)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self.token)
        app.router.add_post("/{tenant}/oauth2/token", self.token)

    async def metadata(self, request: web.Request) -> web.Response:
        """The addresses of this cloud: what `az cloud register` reads."""
        base = _base(request)
        body = {
            "name": "Sandbox",
            "portal": base,
            "authentication": {
                "loginEndpoint": base,
                "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
                "tenant": "common",
                "identityProvider": "AAD",
            },
            "resourceManager": base,
            "graphAudience": "https://graph.microsoft.com/",
            "graph": base,
            "microsoftGraphResourceId": base,
            "suffixes": {
                "keyVaultDns": "vault.azure.net",
                "storage": "core.windows.net",
                "acrLoginServer": "azurecr.io",
            },
        }
        return web.json_response(body)

    async def configuration(self, request: web.Request) -> web.Response:
        """The authority's OpenID configuration."""
        try:
            tenant = self._tenant(request.match_info["tenant"])
        except EntraError as error:
            return self._refusal(error)
        base = f"{_base(request)}/{tenant}"
        body = {
            "issuer": f"{base}/v2.0",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "private_key_jwt",
                "client_secret_basic",
            ],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "tenant_region_scope": "EU",
        }
        return web.json_response(body)

    async def keys(self, request: web.Request) -> web.Response:
        """The keys by which access tokens can be checked."""
        return web.json_response(self._keyring.jwks(self._azure.state, ENTRA))

    async def token(self, request: web.Request) -> web.Response:
        """An access token for a client that proves itself by a secret or by a federated token."""
        form = {k: str(v) for k, v in (await request.post()).items()}
        try:
            asked = self._read(request, form)
            client = self._client(asked)
            self._prove(asked, client)
            audience = self._audience(asked)
        except EntraError as error:
            return self._refusal(error)
        lifetime = int(self._azure.options.token_lifetime)
        body: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": lifetime - 1,
            "ext_expires_in": lifetime - 1,
        }
        if "resource" in form:
            body |= {"expires_on": str(int(self._azure.now()) + lifetime), "resource": form["resource"]}
        return web.json_response({**body, "access_token": self.issue(client, audience)})

    def issue(self, principal: Principal, audience: str) -> str:
        """An access token of this principal for this audience."""
        now = int(self._azure.now())
        fresh = ENTRA not in self._azure.state.keys
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{principal.tenant}/",
            "iat": now,
            "nbf": now,
            "exp": now + int(self._azure.options.token_lifetime),
            "appid": principal.app_id,
            "appidacr": "2",
            "idp": f"https://sts.windows.net/{principal.tenant}/",
            "idtyp": "user" if principal.type == "User" else "app",
            "oid": principal.id,
            "sub": principal.id,
            "tid": principal.tenant,
            "ver": "1.0",
            **({"xms_mirid": principal.resource} if principal.resource else {}),
        }
        token = self._keyring.sign(self._azure.state, ENTRA, claims)
        if fresh:
            self._azure.changed()
        return token

    def _tenant(self, named: str) -> str:
        home = self._azure.tenant
        known = {t.lower(): t for t in self._azure.state.tenants} | {"common": home, "organizations": home}
        if named.lower() not in known:
            raise EntraError(
                90002,
                f"Tenant '{named}' not found. This may happen if there are no active subscriptions for the "
                "tenant. Check to "
                "make sure you have the correct tenant ID. Check with your subscription administrator.",
            )
        return known[named.lower()]

    def _read(self, request: web.Request, form: dict[str, str]) -> Asked:
        tenant = self._tenant(request.match_info["tenant"])
        if form.get("grant_type") != "client_credentials":
            raise EntraError(
                70003,
                f"The app requested an unsupported grant type '{form.get('grant_type', '')}'.",
                "unsupported_grant_type",
            )
        client_id, secret = form.get("client_id"), form.get("client_secret")
        if (basic := request.headers.get("Authorization", "")).startswith("Basic "):
            user, _, password = base64.b64decode(basic[6:]).decode().partition(":")
            client_id, secret = unquote(user), unquote(password)
        scope = form.get("scope") or form.get("resource")
        for name, value in (("client_id", client_id), ("scope", scope)):
            if not value:
                raise EntraError(900144, f"The request body must contain the following parameter: '{name}'.")
        assertion = form.get("client_assertion")
        if assertion and form.get("client_assertion_type") != JWT_BEARER:
            raise EntraError(50027, "JWT token is invalid or malformed.")
        return Asked(tenant, client_id or "", secret, assertion, scope or "")

    def _client(self, asked: Asked) -> Principal:
        for principal in self._azure.state.principals.values():
            if (
                principal.app_id
                and principal.app_id == asked.client_id.lower()
                and principal.tenant == asked.tenant
            ):
                if not principal.enabled:
                    raise EntraError(
                        7000112,
                        f"Application '{asked.client_id}'({principal.name}) is disabled.",
                        "unauthorized_client",
                    )
                return principal
        raise EntraError(
            700016,
            f"Application with identifier '{asked.client_id}' was not found in the directory "
            f"'{self._azure.state.tenants[asked.tenant]}'. This can happen if the application has not been "
            "installed by the "
            "administrator of the tenant or consented to by any user in the tenant. You may have sent your "
            "authentication "
            "request to the wrong tenant.",
            "unauthorized_client",
        )

    def _prove(self, asked: Asked, client: Principal) -> None:
        if asked.assertion:
            federation.prove(self._azure, self._keyring, self._clusters, client, asked.assertion)
            return
        if not asked.secret:
            raise EntraError(
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or "
                "'client_secret'.",
                "invalid_client",
                401,
            )
        if not client.secret or asked.secret != client.secret:
            raise EntraError(
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client "
                "secret value, not "
                f"the client secret ID, for a secret added to app '{client.app_id}'.",
                "invalid_client",
                401,
            )

    def _audience(self, asked: Asked) -> str:
        resource = asked.scope.removesuffix("/.default")
        host = urlsplit(resource).hostname or ""
        if host in RESOURCES or host.endswith(SUFFIXES) or resource.rstrip("/") == self._azure.base:
            return resource
        raise EntraError(
            500011,
            f"The resource principal named {resource} was not found in the tenant named "
            f"{self._azure.state.tenants[asked.tenant]}. This can happen if the application has not been "
            "installed by the "
            "administrator of the tenant or consented to by any user in the tenant. You might have sent your "
            "authentication "
            "request to the wrong tenant.",
            "invalid_resource",
        )

    def _refusal(self, error: EntraError) -> web.Response:
        trace, correlation = self._azure.new_guid(), self._azure.new_guid()
        moment = f"{datetime.fromtimestamp(self._azure.now(), UTC):%Y-%m-%d %H:%M:%SZ}"
        body = {
            "error": error.error,
            "error_description": f"AADSTS{error.code}: {error.message} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {moment}",
            "error_codes": [error.code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={error.code}",
        }
        return web.json_response(body, status=error.status)


def _base(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"
