"""Key Vault's secrets: https://learn.microsoft.com/rest/api/keyvault/secrets/"""

import json
from typing import Any

from aiohttp import web

from sandbox.arm.model import Resource
from sandbox.arm.planes.door import Door, Visitor, bearer

TYPE = "Microsoft.KeyVault/vaults"
AUDIENCES = ("https://vault.azure.net",)
ACTIONS = {
    "get": "getSecret/action",
    "list": "readMetadata/action",
    "set": "setSecret/action",
    "delete": "delete",
}


class Vault:
    """The vaults' data plane."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def answer(self, request: web.Request, name: str, path: str) -> web.Response:
        """The answer of the vault of this name at this path."""
        vault = self._door.named(TYPE, name)
        if vault is None:
            return _refused(404, "VaultNotFound", f"The vault '{name}' does not exist.")
        visitor = self._door.visitor(bearer(request.headers.get("Authorization", "")), AUDIENCES)
        if visitor is None:
            return self._unauthorized(vault)
        kind, _, rest = path.strip("/").partition("/")
        secret = rest.split("/")[0]
        if kind != "secrets":
            return _refused(404, "NotFound", f"Only secrets are kept here, not '{kind}'.")
        doing = {"GET": "get" if secret else "list", "PUT": "set", "DELETE": "delete"}.get(request.method)
        if doing is None:
            return _refused(405, "BadParameter", f"The method {request.method} is not supported.")
        if refusal := self._forbidden(vault, visitor, doing, secret):
            return refusal
        return await self._done(request, vault, doing, secret)

    async def _done(self, request: web.Request, vault: Resource, doing: str, secret: str) -> web.Response:
        state, own = self._door.azure.state, f"{vault.id}/secrets/{secret}"
        base = f"{request.scheme}://{request.host}{request.path.partition('/secrets')[0]}/secrets"
        if doing == "list":
            names = [r.name for r in state.below(vault.id, f"{TYPE}/secrets")]
            listed = [{"id": f"{base}/{n}", "attributes": {"enabled": True}} for n in names]
            return web.json_response({"value": listed, "nextLink": None})
        if doing == "set":
            return self._set(base, vault, secret, await request.text())
        found = state.get(own)
        if found is None:
            return _refused(404, "SecretNotFound", _missing(secret))
        if doing == "delete":
            state.drop(own)
            self._door.azure.changed()
        return web.json_response(_shown(base, found))

    def _set(self, base: str, vault: Resource, secret: str, text: str) -> web.Response:
        try:
            value = json.loads(text)["value"]
        except (ValueError, KeyError, TypeError):
            return _refused(400, "BadParameter", "The body must be a JSON object with a value.")
        now = self._door.azure.now()
        made = Resource(
            f"{vault.id}/secrets/{secret}",
            f"{TYPE}/secrets",
            secret,
            properties={"attributes": {"enabled": True}},
            hidden={"value": str(value)},
            made=now,
            changed=now,
        )
        self._door.azure.state.put(made)
        self._door.azure.changed()
        return web.json_response(_shown(base, made))

    def _forbidden(self, vault: Resource, visitor: Visitor, doing: str, secret: str) -> web.Response | None:
        who = f"appid={visitor.app_id};oid={visitor.oid};iss={visitor.issuer}"
        place = f"{vault.name};location={vault.location}"
        if not vault.properties["enableRbacAuthorization"]:
            if doing in _by_policy(vault, visitor):
                return None
            return _refused(
                403,
                "Forbidden",
                f"The user, group or application '{who}' does not have secrets {doing} permission on key "
                "vault "
                f"'{place}'. For help resolving this issue, please see "
                "https://go.microsoft.com/fwlink/?linkid=2125287",
                "AccessDenied",
            )
        action = f"{TYPE}/secrets/{ACTIONS[doing]}"
        scope = f"{vault.id}/secrets/{secret}" if secret else vault.id
        if self._door.allows(visitor, action, scope):
            return None
        return _refused(
            403,
            "Forbidden",
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny "
            "assignments or role "
            "definitions were changed recently, please observe propagation time.\r\n"
            f"Caller: {who}\r\nAction: '{action}'\r\nResource: '{scope.lower()}'\r\nAssignment: (not "
            "found)\r\n"
            f"DenyAssignmentId: null\r\nDecisionReason: null \r\nVault: {place}\r\n",
            "ForbiddenByRbac",
        )

    def _unauthorized(self, vault: Resource) -> web.Response:
        base = self._door.azure.base
        challenge = f'Bearer authorization="{base}/{vault.properties["tenantId"]}", resource="https://vault.azure.net"'
        answer = _refused(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.")
        answer.headers["WWW-Authenticate"] = challenge
        return answer


def _by_policy(vault: Resource, visitor: Visitor) -> list[str]:
    policies = vault.properties.get("accessPolicies", [])
    return [
        permission.lower()
        for policy in policies
        if policy.get("objectId") == visitor.oid
        for permission in policy.get("permissions", {}).get("secrets", [])
    ]


def _shown(base: str, secret: Resource) -> dict[str, Any]:
    version = f"{int(secret.changed):032x}"
    times = {
        "created": int(secret.made),
        "updated": int(secret.changed),
        "recoveryLevel": "Recoverable+Purgeable",
    }
    return {
        "value": secret.hidden["value"],
        "id": f"{base}/{secret.name}/{version}",
        "attributes": {"enabled": True, **times},
        "tags": {},
    }


def _missing(secret: str) -> str:
    return (
        f"A secret with (name/id) {secret} was not found in this key vault. If you recently deleted this "
        "secret you may "
        "be able to recover it using the correct recovery command. For help resolving this issue, please see "
        "https://go.microsoft.com/fwlink/?linkid=2125182"
    )


def _refused(status: int, code: str, message: str, inner: str = "") -> web.Response:
    body: dict[str, Any] = {"code": code, "message": message}
    if inner:
        body["innererror"] = {"code": inner}
    return web.json_response({"error": body}, status=status)
