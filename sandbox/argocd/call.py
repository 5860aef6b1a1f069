"""One request as the routes see it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.argocd.controller import Controller
from sandbox.argocd.manifests import Key
from sandbox.argocd.options import Account, Options
from sandbox.argocd.refusal import Refused, denied, invalid


@dataclass(frozen=True)
class Call:
    """What a route needs to know; `azure` gives the view of the sandbox's Azure, None when there is none."""

    options: Options
    controller: Controller
    account: Account
    azure: Callable[[], dict[str, Any] | None]

    def require(self, right: str) -> None:
        """403 unless the account has this right."""
        if not self.account.can(right):
            kind, _, verb = right.partition("/")
            raise denied(f"permission denied: {kind}, {verb}, sub: {self.account.name}")


CALL = web.RequestKey("call", Call)


def account_of(options: Options, header: str | None) -> Account:
    """Whom a bearer token speaks for. 401 when nobody."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(16, "no session information")
    if token.strip() not in options.tokens:
        raise Refused(16, "invalid session: signature is invalid")
    return options.tokens[token.strip()]


def application_name(request: web.Request) -> str:
    """The application that the path names. Without its project a missing one is 403, with it 404."""
    name = request.match_info["name"]
    project = request.query.get("project", "")
    state = request[CALL].controller.states.get(name)
    if state is not None and project in ("", state.app.project):
        return name
    if project:
        raise Refused(5, f'applications.argoproj.io "{name}" not found')
    raise denied()


def resource_key(known: Call, name: str, told: Mapping[str, str]) -> Key:
    """The live object that a query or body names. 400 when the application has none such."""
    wanted = Key(
        told.get("group", ""), told.get("kind", ""), told.get("namespace", ""), told.get("resourceName", "")
    )
    cluster = known.controller.cluster(name)
    live = cluster.objects.get(wanted)
    if live is None or live.app != name:
        missing = f"{wanted.kind} {wanted.group} {wanted.name}"
        raise invalid(f"{missing} not found as part of application {name}")
    return wanted


async def body(request: web.Request, *, bare_string: bool = False) -> Any:
    """The JSON object (or, where allowed, string) that was sent."""
    try:
        found = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise invalid(f"invalid character in the body: {error}") from error
    if not isinstance(found, dict) and not (bare_string and isinstance(found, str)):
        raise invalid("the body has to be a JSON object")
    return found
