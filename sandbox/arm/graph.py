"""Microsoft Graph, as far as `az` asks it about principals, and federated credentials of applications."""

import json
import re
from typing import Any

from aiohttp import web

from sandbox.arm.core import Azure
from sandbox.arm.model import Principal
from sandbox.arm.tokens import ENTRA, Keyring, TokenError

KINDS = {"ServicePrincipal": "servicePrincipal", "User": "user", "Group": "group"}
PLURALS = {"servicePrincipals": "ServicePrincipal", "users": "User", "groups": "Group"}
CREDENTIALS = "/v1.0/applications/{application}/federatedIdentityCredentials"
TERM = re.compile(
    r"(?:servicePrincipalNames/any\(c:\s*c eq '(?P<spn>[^']+)'\)|(?P<field>\w+) eq '(?P<value>[^']*)')",
    re.IGNORECASE,
)


class GraphError(Exception):
    """A refusal in Graph's words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Graph:
    """The directory of the home tenant."""

    def __init__(self, azure: Azure, keyring: Keyring) -> None:
        self._azure = azure
        self._keyring = keyring

    def add_to(self, app: web.Application) -> None:
        """The application answers at Graph's paths."""
        add = app.router.add_route
        add("POST", "/v1.0/directoryObjects/getByIds", self._checked(self.by_ids))
        for plural in PLURALS:
            add("GET", f"/v1.0/{plural}", self._checked(self.find))
            add("GET", f"/v1.0/{plural}/{{id}}", self._checked(self.one))
        add("GET", CREDENTIALS, self._checked(self.credentials))
        add("POST", CREDENTIALS, self._checked(self.add_credential))
        for method in ("GET", "PATCH", "DELETE"):
            add(method, CREDENTIALS + "/{name}", self._checked(self.credential))

    async def by_ids(self, request: web.Request) -> web.Response:
        """The principals of these ids, of whatever kind; unknown ids are left out."""
        wanted = (await _body(request)).get("ids") or []
        known = self._azure.state.principals
        return self._answer({"value": [shown(known[i]) for i in wanted if i in known]}, "directoryObjects")

    async def find(self, request: web.Request) -> web.Response:
        """The principals of one kind, by name, application id or principal name where a filter says so."""
        plural = request.path.rsplit("/", 1)[1]
        found = [p for p in self._azure.state.principals.values() if p.type == PLURALS[plural]]
        if text := request.query.get("$filter"):
            found = [p for p in found if _fits(p, text)]
        return self._answer({"value": [shown(p) for p in found]}, plural)

    async def one(self, request: web.Request) -> web.Response:
        """One principal by its id."""
        plural, wanted = request.path.split("/")[2], request.match_info["id"]
        found = self._azure.state.principals.get(wanted)
        if found is None or found.type != PLURALS[plural]:
            raise _missing(wanted)
        return self._answer(shown(found), f"{plural}/$entity")

    async def credentials(self, request: web.Request) -> web.Response:
        """An application's federated credentials."""
        app = self._application(request)
        return self._answer({"value": app.federated}, _context(request))

    async def add_credential(self, request: web.Request) -> web.Response:
        """The application has one federated credential more."""
        app, body = self._application(request), await _body(request)
        if any(not body.get(name) for name in ("name", "issuer", "subject", "audiences")):
            raise GraphError(
                400, "Request_BadRequest", "A name, an issuer, a subject and audiences are needed."
            )
        if any(c["name"] == body["name"] for c in app.federated):
            raise GraphError(
                409,
                "Request_MultipleObjectsWithSameKeyValue",
                f"FederatedIdentityCredential {body['name']} exists.",
            )
        fields = ("name", "issuer", "subject", "description", "audiences")
        made = {"id": self._azure.new_guid(), **{name: body.get(name) for name in fields}}
        app.federated.append(made)
        self._azure.changed()
        where = f"{request.scheme}://{request.host}/v2/{app.tenant}/federatedIdentityCredentials/{made['id']}"
        return self._answer(made, f"{_context(request)}/$entity", 201, {"Location": where})

    async def credential(self, request: web.Request) -> web.Response:
        """One of an application's federated credentials, by id or name: read, changed or deleted."""
        app, wanted = self._application(request), request.match_info["name"]
        found = next((c for c in app.federated if wanted in (c["id"], c["name"])), None)
        if found is None:
            raise _missing(wanted)
        if request.method == "GET":
            return self._answer(found, f"{_context(request)}/$entity")
        if request.method == "PATCH":
            found |= await _body(request)
        else:
            app.federated.remove(found)
        self._azure.changed()
        return web.Response(status=204)

    def _checked(self, handler: Any) -> Any:
        async def checked(request: web.Request) -> web.Response:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                self._keyring.read(self._azure.state, ENTRA, token, self._azure.now())
                answer: web.Response = await handler(request)
            except TokenError:
                return self._refusal(
                    GraphError(401, "InvalidAuthenticationToken", "Access token is empty or invalid.")
                )
            except GraphError as error:
                return self._refusal(error)
            return answer

        return checked

    def _application(self, request: web.Request) -> Principal:
        wanted = request.match_info["application"]
        for principal in self._azure.state.principals.values():
            if wanted in (principal.application, principal.id) and not principal.resource:
                return principal
        raise _missing(wanted)

    def _answer(
        self, body: dict[str, Any], context: str, status: int = 200, headers: dict[str, str] | None = None
    ) -> web.Response:
        full = {"@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{context}", **body}
        return web.json_response(full, status=status, headers=headers)

    def _refusal(self, error: GraphError) -> web.Response:
        body = {
            "code": error.code,
            "message": error.message,
            "innerError": {"request-id": self._azure.new_guid(), "client-request-id": self._azure.new_guid()},
        }
        return web.json_response({"error": body}, status=error.status)


def shown(principal: Principal) -> dict[str, Any]:
    """A principal as Graph shows it."""
    body: dict[str, Any] = {
        "@odata.type": f"#microsoft.graph.{KINDS[principal.type]}",
        "id": principal.id,
        "displayName": principal.name,
    }
    if principal.type == "ServicePrincipal":
        body |= {
            "appId": principal.app_id,
            "accountEnabled": principal.enabled,
            "servicePrincipalType": "ManagedIdentity" if principal.resource else "Application",
            "servicePrincipalNames": [principal.app_id],
            "alternativeNames": ["isExplicit=True", principal.resource] if principal.resource else [],
        }
    if principal.type == "User":
        body |= {"userPrincipalName": principal.name, "accountEnabled": principal.enabled}
    return body


def _fits(principal: Principal, text: str) -> bool:
    terms = list(TERM.finditer(text))
    if not terms:
        raise GraphError(400, "Request_UnsupportedQuery", f"The filter '{text}' is not supported here.")
    row = {k.lower(): v for k, v in shown(principal).items()}
    for term in terms:
        wanted = (term["spn"] or term["value"]).lower()
        have = row.get("appid") if term["spn"] else row.get(term["field"].lower())
        if str(have).lower() == wanted:
            return True
    return False


def _context(request: web.Request) -> str:
    return f"applications('{request.match_info['application']}')/federatedIdentityCredentials"


def _missing(wanted: str) -> GraphError:
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{wanted}' does not exist or one of its queried reference-property objects are not "
        "present.",
    )


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError as error:
        raise GraphError(400, "Request_BadRequest", "The body is no JSON.") from error
    if not isinstance(body, dict):
        raise GraphError(400, "Request_BadRequest", "The body must be a JSON object.")
    return body
