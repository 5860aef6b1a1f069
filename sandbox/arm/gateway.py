"""What every ARM request passes before a service answers: token, version, throttle, right, lock, policy."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from sandbox.arm import errors, ids, locks, policy
from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.limits import Limits
from sandbox.arm.model import Principal
from sandbox.arm.routing import Call, Caller, Reply, Route, Router
from sandbox.arm.tokens import ENTRA, Keyring, TokenError

AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")
VERBS = {
    "GET": "read",
    "HEAD": "read",
    "PUT": "write",
    "PATCH": "write",
    "DELETE": "delete",
    "POST": "action",
}
COMMON = {
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Expires": "-1",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "x-cache": "CONFIG_NOCACHE",
}
REMAINING = {"GET": ("reads", 16499), "DELETE": ("deletes", 11999)}
API_VERSION = r"\d{4}-\d{2}-\d{2}(-[a-z]+(\.\d+)?)?"


class Gateway:
    """ARM's front door."""

    def __init__(self, azure: Azure, router: Router, keyring: Keyring, limits: Limits) -> None:
        self._azure = azure
        self._router = router
        self._keyring = keyring
        self._limits = limits

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """ARM's answer to this request, refusals included."""
        headers = {
            **COMMON,
            "x-ms-request-id": self._azure.new_guid(),
            "x-ms-correlation-request-id": request.headers.get(
                "x-ms-correlation-request-id", self._azure.new_guid()
            ),
        }
        try:
            reply = await self._answered(request, headers)
        except ArmError as error:
            reply = Reply(error.status, error.body(), error.headers)
        headers |= reply.headers
        if reply.body is None:
            return web.Response(status=reply.status, headers=headers)
        return web.json_response(reply.body, status=reply.status, headers=headers)

    async def _answered(self, request: web.Request, headers: dict[str, str]) -> Reply:
        caller = self._caller(request)
        path = "/" + request.path.strip("/")
        route, parts = self._router.find(request.method, path)
        call = Call(
            request.method, path, parts, request.query, await _json(request), caller,
            f"{request.scheme}://{request.host}", request.headers,
        )  # fmt: skip
        _check_version(call)
        self._check_subscription(call)
        self._limits.take(call)
        headers |= _remaining(call)
        self._check_right(route, call)
        locks.check(self._azure.state, call)
        return await route.handler(policy.applied(self._azure, call))

    def _caller(self, request: web.Request) -> Caller:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise self._unauthorized(
                "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
            )
        now = self._azure.now()
        try:
            claims = self._keyring.read(self._azure.state, ENTRA, token.strip(), now)
        except TokenError as error:
            if error.reason == "expired":
                raise self._unauthorized(
                    "ExpiredAuthenticationToken", _expired(error.claims["exp"], now)
                ) from error
            raise self._unauthorized("InvalidAuthenticationToken", "The access token is invalid.") from error
        audience = str(claims.get("aud", "")).rstrip("/")
        if audience not in (*AUDIENCES, self._azure.base):
            raise self._unauthorized(
                "InvalidAuthenticationTokenAudience",
                f"The access token has been obtained for wrong audience or resource '{audience}'. It should "
                "exactly "
                f"match with one of the allowed audiences {', '.join(repr(a + '/') for a in AUDIENCES)}.",
            )
        known = self._azure.state.principals.get(claims["oid"])
        stranger = Principal(claims["oid"], "ServicePrincipal", claims.get("appid", ""), claims["tid"])
        return Caller(known or stranger, claims["tid"], claims)

    def _unauthorized(self, code: str, message: str) -> ArmError:
        challenge = (
            f'Bearer authorization_uri="{self._azure.base}/{self._azure.tenant}", error="invalid_token", '
            f'error_description="{message}"'
        )
        return ArmError(401, code, message, headers={"WWW-Authenticate": challenge}, gateway=True)

    def _check_subscription(self, call: Call) -> None:
        wanted = ids.subscription_of(call.path)
        if wanted is None:
            return
        tenant = self._azure.subscription(wanted).tenant
        if tenant != call.caller.tenant:
            issuer, right = (
                f"https://sts.windows.net/{call.caller.tenant}/",
                f"https://sts.windows.net/{tenant}/",
            )
            raise self._unauthorized(
                "InvalidAuthenticationTokenTenant",
                f"The access token is from the wrong issuer '{issuer}'. It must match the tenant '{right}' "
                "associated "
                "with this subscription. Please use the authority (URL) "
                f"'https://login.windows.net/{tenant}' to get "
                "the token.",
            )

    def _check_right(self, route: Route, call: Call) -> None:
        if not route.action:
            return
        action = _action(call) if route.action == "*" else route.action
        scope = route.scope.format(**call.parts) if route.scope else call.path
        attributes = route.attributes(call) if route.attributes else {}
        self._azure.access.require(call.caller.principal, action, scope, attributes)


async def _json(request: web.Request) -> Any:
    text = await request.text()
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise errors.invalid_content(str(error)) from error


def _check_version(call: Call) -> None:
    version = call.api_version
    if not version:
        raise ArmError(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
            gateway=True,
        )
    if not matches_version(version):
        raise ArmError(
            400,
            "InvalidApiVersionParameter",
            f"The api-version '{version}' is invalid. A version is a date, such as '2024-11-30'.",
            gateway=True,
        )


def matches_version(version: str) -> bool:
    """Whether it has the form of an api-version; every date is taken, as many clients send many."""
    return re.fullmatch(API_VERSION, version, re.IGNORECASE) is not None


def _remaining(call: Call) -> dict[str, str]:
    kind, number = REMAINING.get(call.method, ("writes", 11999))
    whose = "subscription-global" if ids.subscription_of(call.path) else "tenant"
    return {f"x-ms-ratelimit-remaining-{whose}-{kind}": str(number)}


def _action(call: Call) -> str:
    """The action on a resource that no service of its own answers for, made from its type and the method."""
    _, _, below = call.path.rpartition("/providers/")
    namespace, *rest = below.split("/")
    kind = "/".join((namespace, *rest[::2]))
    verb = VERBS[call.method]
    return f"{kind}/{verb}"


def _expired(expiry: float, now: float) -> str:
    times = [f"{datetime.fromtimestamp(at, UTC):%-m/%-d/%Y %-I:%M:%S %p}" for at in (expiry, now)]
    return f"The access token expiry UTC time '{times[0]}' is earlier than current UTC time '{times[1]}'."
