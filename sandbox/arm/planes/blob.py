"""Blob storage: https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api"""

import base64
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from aiohttp import web

from sandbox.arm.model import Resource
from sandbox.arm.planes.door import Door, Visitor, bearer

TYPE = "Microsoft.Storage/storageAccounts"
BLOBS = f"{TYPE}/blobServices/containers/blobs"
DELEGATION = f"{TYPE}/blobServices/generateUserDelegationKey/action"
ACTIONS = {"GET": "read", "HEAD": "read", "PUT": "write", "DELETE": "delete"}
FIRST_WITH_TOKENS = "2017-11-09"


class Blob:
    """The storage accounts' blob service."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def answer(self, request: web.Request, name: str, path: str) -> web.Response:
        """The answer of the account of this name at this path."""
        account = self._door.named(TYPE, name)
        if account is None:
            return self._refused(404, "ResourceNotFound", "The specified resource does not exist.")
        audiences = ("https://storage.azure.com", f"https://{account.name}.blob.core.windows.net")
        visitor = self._door.visitor(bearer(request.headers.get("Authorization", "")), audiences)
        if visitor is None:
            return self._unauthorized()
        if request.headers.get("x-ms-version", "") < FIRST_WITH_TOKENS:
            return self._refused(
                400, "InvalidHeaderValue", f"x-ms-version must be {FIRST_WITH_TOKENS} or later."
            )
        container, _, blob = path.strip("/").partition("/")
        if request.query.get("comp") == "userdelegationkey":
            return self._delegated(account, visitor)
        return await self._at(
            request, visitor, f"{account.id}/blobServices/default/containers/{container}", blob
        )

    async def _at(self, request: web.Request, visitor: Visitor, scope: str, blob: str) -> web.Response:
        verb = ACTIONS.get(request.method)
        if verb is None:
            return self._refused(
                405, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb."
            )
        if not self._door.allows(visitor, f"{BLOBS}/{verb}", scope):
            return self._mismatch()
        if self._door.azure.state.get(scope) is None:
            return self._refused(404, "ContainerNotFound", "The specified container does not exist.")
        if not blob:
            return self._listed(scope)
        return await self._blob(request, f"{scope}/blobs/{blob}")

    async def _blob(self, request: web.Request, own: str) -> web.Response:
        data = self._door.azure.state.data
        if request.method == "PUT":
            data[own.lower()] = base64.b64encode(await request.read()).decode()
            self._door.azure.changed()
            return web.Response(status=201, headers=self._headers())
        if own.lower() not in data:
            return self._refused(404, "BlobNotFound", "The specified blob does not exist.")
        if request.method == "DELETE":
            del data[own.lower()]
            self._door.azure.changed()
            return web.Response(status=202, headers=self._headers())
        content = base64.b64decode(data[own.lower()])
        return web.Response(body=content, content_type="application/octet-stream", headers=self._headers())

    def _listed(self, scope: str) -> web.Response:
        inside = f"{scope}/blobs/".lower()
        names = sorted(k[len(inside) :] for k in self._door.azure.state.data if k.startswith(inside))
        blobs = "".join(f"<Blob><Name>{escape(n)}</Name></Blob>" for n in names)
        return self._xml(
            200, f"<EnumerationResults><Blobs>{blobs}</Blobs><NextMarker /></EnumerationResults>"
        )

    def _delegated(self, account: Resource, visitor: Visitor) -> web.Response:
        # An action at the account, and no data action: a role on one container does not have it.
        if not self._door.allows(visitor, DELEGATION, account.id, data=False):
            return self._mismatch()
        value = base64.b64encode(self._door.azure.new_guid().encode()).decode()
        key = f"<SignedOid>{visitor.oid}</SignedOid><SignedService>b</SignedService><Value>{value}</Value>"
        return self._xml(200, f"<UserDelegationKey>{key}</UserDelegationKey>")

    def _mismatch(self) -> web.Response:
        return self._refused(
            403,
            "AuthorizationPermissionMismatch",
            "This request is not authorized to perform this operation using this permission.",
        )

    def _unauthorized(self) -> web.Response:
        azure = self._door.azure
        answer = self._refused(401, "InvalidAuthenticationInfo", "Server failed to authenticate the request.")
        answer.headers["WWW-Authenticate"] = (
            f"Bearer authorization_uri={azure.base}/{azure.tenant}/oauth2/authorize "
            "resource_id=https://storage.azure.com"
        )
        return answer

    def _refused(self, status: int, code: str, message: str) -> web.Response:
        azure = self._door.azure
        now = datetime.fromtimestamp(azure.now(), UTC)
        full = f"{message}\nRequestId:{azure.new_guid()}\nTime:{now:%Y-%m-%dT%H:%M:%S.%f}0Z"
        answer = self._xml(status, f"<Error><Code>{code}</Code><Message>{escape(full)}</Message></Error>")
        answer.headers["x-ms-error-code"] = code
        return answer

    def _xml(self, status: int, inner: str) -> web.Response:
        text = f'<?xml version="1.0" encoding="utf-8"?>{inner}'
        return web.Response(status=status, text=text, content_type="application/xml", headers=self._headers())

    def _headers(self) -> dict[str, str]:
        now = datetime.fromtimestamp(self._door.azure.now(), UTC)
        return {
            "x-ms-version": "2025-11-05",
            "x-ms-request-id": self._door.azure.new_guid(),
            "Last-Modified": format_datetime(now, usegmt=True),
        }
