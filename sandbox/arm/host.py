"""The identity endpoint of the host that the caller runs on, over plain HTTP."""

from aiohttp import web

from sandbox.arm.core import Azure
from sandbox.arm.entra import Entra
from sandbox.arm.model import Principal

HOST_API = "2019-08-01"


class Host:
    """What IDENTITY_ENDPOINT leads to in App Service's form."""

    def __init__(self, azure: Azure, entra: Entra, caller: str) -> None:
        self._azure = azure
        self._entra = entra
        self._caller = caller

    async def token(self, request: web.Request) -> web.Response:
        """A token of the host's identity for the resource asked for."""
        if not request.headers.get("X-IDENTITY-HEADER"):
            return _refused(401, "The header X-IDENTITY-HEADER is missing.")
        if request.query.get("api-version") != HOST_API:
            return _refused(400, f"The query parameter api-version must be {HOST_API}.")
        resource = request.query.get("resource")
        if not resource:
            return _refused(400, "The query parameter resource is missing.")
        principal = self._asked(request)
        if principal is None:
            return _refused(
                400, "No managed identity of this host fits the client_id, principal_id or mi_res_id given."
            )
        body = {
            "access_token": self._entra.issue(principal, resource),
            "client_id": principal.app_id,
            "expires_on": str(int(self._azure.now() + self._azure.options.token_lifetime)),
            "not_before": str(int(self._azure.now())),
            "resource": resource,
            "token_type": "Bearer",
        }
        return web.json_response(body)

    def _asked(self, request: web.Request) -> Principal | None:
        own = self._azure.state.principals.get(self._caller)
        if own is None:
            return None
        wanted = {
            "client_id": own.app_id, "principal_id": own.id, "object_id": own.id,
            "mi_res_id": own.resource, "msi_res_id": own.resource,
        }  # fmt: skip
        fits = all(request.query[k].lower() == v.lower() for k, v in wanted.items() if k in request.query)
        return own if fits else None


def _refused(status: int, message: str) -> web.Response:
    return web.json_response({"statusCode": status, "message": message}, status=status)
