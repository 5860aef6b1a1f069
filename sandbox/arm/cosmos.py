"""Cosmos DB's own roles: sqlRoleDefinitions and sqlRoleAssignments (azure.md section 1.6).

Writes are long-running and one at a time for each account; errors have no `error` wrapper.
"""

from typing import Any

from sandbox.arm import ids
from sandbox.arm.access import matches
from sandbox.arm.core import Azure
from sandbox.arm.cosmos_body import ACCOUNT, ASSIGNMENTS, BUILT_IN, DEFINITIONS, built_in, shown
from sandbox.arm.errors import ArmError
from sandbox.arm.model import Operation, Resource
from sandbox.arm.routing import Call, Reply, Route

HERE = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{ACCOUNT}/{{account}}"
OPERATIONS = (
    "/subscriptions/{subscription}/providers/Microsoft.DocumentDB/locations/{location}"
    "/operationsStatus/{operation}"
)
GATEWAY = {"x-ms-gatewayversion": "version=2.14.0", "Server": "Microsoft-HTTPAPI/2.0"}
NAMES = {"sqlroleassignments": "Role Assignment", "sqlroledefinitions": "Role Definition"}


class Cosmos:
    """The data plane roles of Cosmos DB accounts."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def routes(self) -> list[Route]:
        """Its paths."""
        found = [Route("GET", OPERATIONS, self.operation, "")]
        for kind in ("sqlRoleAssignments", "sqlRoleDefinitions"):
            all_of, one, right = f"{HERE}/{kind}", f"{HERE}/{kind}/{{name}}", f"{ACCOUNT}/{kind}/"
            found += [
                Route("GET", all_of, self.listed, right + "read"),
                Route("GET", one, self.get, right + "read"),
                Route("PUT", one, self.put, right + "write"),
                Route("DELETE", one, self.delete, right + "delete"),
                Route("GET", one + "/operationResults/{operation}", self.result, right + "read"),
            ]
        return found

    async def listed(self, call: Call) -> Reply:
        """The assignments or definitions of one account."""
        account, kind = self._account(call), call.path.rsplit("/", 1)[1]
        self._settle(account.id)
        found = [shown(r) for r in self._azure.state.below(account.id, f"{ACCOUNT}/{kind}")]
        if kind.lower() == "sqlroledefinitions":
            found += [shown(built_in(account.id, name)) for name in BUILT_IN]
        return Reply(body={"value": found}, headers=dict(GATEWAY))

    async def get(self, call: Call) -> Reply:
        """One assignment or definition."""
        account = self._account(call)
        self._settle(account.id)
        if (found := self._find(call.path, account)) is None:
            raise self._missing(call)
        return Reply(body=shown(found), headers=dict(GATEWAY))

    async def put(self, call: Call) -> Reply:
        """The operation that writes it is under way: 202, and where to ask."""
        account = self._account(call)
        properties = call.object().get("properties") or {}
        if _kind(call.path) == "sqlroleassignments":
            self._check_assignment(account, properties)
        else:
            self._check_definition(properties)
        return self._begun(call, account, "write", properties)

    async def delete(self, call: Call) -> Reply:
        """The operation that deletes it is under way: 202; 204 when there is nothing to delete."""
        account = self._account(call)
        self._settle(account.id)
        if self._azure.state.get(call.path) is None:
            return Reply(204, None, dict(GATEWAY))
        return self._begun(call, account, "delete", None)

    async def operation(self, call: Call) -> Reply:
        """How far an operation is: Enqueued, Dequeued, Succeeded."""
        operation = self._operation(call)
        self._settle(operation.resource.split("/sqlrole")[0])
        now = self._azure.now()
        if now >= operation.due:
            return Reply(body={"status": "Succeeded"}, headers=dict(GATEWAY))
        half = operation.began + (operation.due - operation.began) / 2
        return Reply(body={"status": "Enqueued" if now < half else "Dequeued"}, headers=dict(GATEWAY))

    async def result(self, call: Call) -> Reply:
        """What an operation has brought about: 202 while it runs, then the object, 204 after a deletion."""
        operation = self._operation(call)
        account = self._account(call)
        self._settle(account.id)
        if self._azure.now() < operation.due:
            return Reply(202, {"status": "Dequeued"}, dict(GATEWAY))
        found = self._azure.state.get(operation.resource)
        return Reply(200, shown(found), dict(GATEWAY)) if found else Reply(204, None, dict(GATEWAY))

    def effective(self, account: str) -> list[Resource]:
        """The assignments of an account that are written by now."""
        self._settle(account)
        return list(self._azure.state.below(account, ASSIGNMENTS))

    def covers(self, definition_id: str, action: str) -> bool:
        """Whether a role of an account has this data action."""
        name = definition_id.rsplit("/", 1)[-1]
        if name in BUILT_IN:
            return matches(action, BUILT_IN[name][1])
        found = self._azure.state.get(definition_id)
        return any(
            matches(action, p.get("dataActions") or []) and not matches(action, p.get("notDataActions") or [])
            for p in (found.properties.get("permissions", []) if found else [])
        )

    def title(self, definition_id: str) -> str:
        """The name of a role of an account."""
        name = definition_id.rsplit("/", 1)[-1]
        if name in BUILT_IN:
            return BUILT_IN[name][0]
        found = self._azure.state.get(definition_id)
        return str(found.properties["roleName"]) if found else name

    def _account(self, call: Call) -> Resource:
        parts = call.parts
        group = f"/subscriptions/{parts['subscription']}/resourceGroups/{parts['group']}"
        return self._azure.resource(f"{group}/providers/{ACCOUNT}/{parts['account']}")

    def _find(self, resource_id: str, account: Resource) -> Resource | None:
        name = resource_id.rsplit("/", 1)[1].lower()
        if _kind(resource_id) == "sqlroledefinitions" and name in BUILT_IN:
            return built_in(account.id, name)
        return self._azure.state.get(resource_id)

    def _begun(self, call: Call, account: Resource, verb: str, body: dict[str, Any] | None) -> Reply:
        self._settle(account.id)
        if any(o for o in self._running(account.id)):
            raise self._error(
                412,
                "PreconditionFailed",
                "There is another user operation in progress which requires an exclusive lock on "
                f"[{account.name}]. Please retry after sometime.",
            )
        operation = self._azure.begin(ids.key(call.path), verb, self._azure.options.cosmos_operation, body)
        if self._azure.options.cosmos_operation == 0:
            self._settle(account.id)
        self._azure.changed()
        version = f"?api-version={call.api_version}"
        place = account.location.replace(" ", "").lower()
        status = OPERATIONS.format(
            subscription=call.parts["subscription"], location=place, operation=operation.id
        )
        headers = {
            **GATEWAY,
            "Azure-AsyncOperation": f"{call.base}{status}{version}",
            "Location": f"{call.base}{call.path}/operationResults/{operation.id}{version}",
        }
        return Reply(202, {"status": "Enqueued"}, headers)

    def _running(self, account: str) -> list[Operation]:
        inside = ids.key(account) + "/"
        return [
            o for o in self._azure.state.operations.values() if not o.ended and o.resource.startswith(inside)
        ]

    def _settle(self, account: str) -> None:
        """Operations that are due have had their effect."""
        for operation in self._running(account):
            if self._azure.now() < operation.due:
                continue
            operation.ended = True
            if operation.verb == "delete":
                self._azure.state.drop(operation.resource)
            else:
                self._write(operation)
            self._azure.changed()

    def _write(self, operation: Operation) -> None:
        known = self._azure.state.get(operation.resource)
        parsed = self._azure.parsed(operation.resource)
        account = self._azure.resource(parsed.parent.id if parsed.parent else "")
        kind = ASSIGNMENTS if parsed.types[-1] == "sqlroleassignments" else DEFINITIONS
        own = f"{account.id}/{kind.rsplit('/', 1)[1]}/{parsed.names[-1]}"
        made = known.made if known else operation.due
        self._azure.state.put(
            Resource(
                own, kind, parsed.names[-1], properties=operation.body or {}, made=made, changed=operation.due
            )
        )

    def _check_assignment(self, account: Resource, properties: dict[str, Any]) -> None:
        definition, scope = str(properties.get("roleDefinitionId") or ""), str(properties.get("scope") or "")
        principal = str(properties.get("principalId") or "")
        if not ids.contains(account.id, scope):
            part = scope.strip("/").split("/")[0]
            raise self._error(
                400,
                "BadRequest",
                f"Could not parse property [scope] with value [{scope}]. Expected path segment [dbs] at "
                "position [0] "
                f"but found [{part}].",
            )
        self._check_inner(scope[len(account.id) :])
        if self._find(definition, account) is None or not ids.contains(account.id, definition):
            raise self._error(
                404,
                "NotFound",
                f"Unable to find a SQL Role Definition with ID [{definition.rsplit('/', 1)[-1]}].",
            )
        self._check_principal(principal)

    def _check_inner(self, inner: str) -> None:
        parts = [p for p in inner.split("/") if p]
        for position, (have, want) in enumerate(zip(parts[::2], ("dbs", "colls"), strict=False)):
            if have != want:
                raise self._error(
                    400,
                    "BadRequest",
                    f"Could not parse property [scope] with value [{inner}]. Expected path segment [{want}] "
                    "at position "
                    f"[{2 * position}] but found [{have}].",
                )

    def _check_principal(self, principal: str) -> None:
        if any(p.app_id == principal for p in self._azure.state.principals.values()):
            raise self._error(
                400,
                "BadRequest",
                f"The provided principal ID [{principal}] was found to be of an unsupported type : "
                "[Application]",
            )
        known = self._azure.state.principals.get(principal)
        if known is None or self._azure.now() < known.made + self._azure.options.principal_replication:
            raise self._error(
                400,
                "BadRequest",
                f"The provided principal ID [{principal}] was not found in the AAD tenant(s) "
                f"[{self._azure.tenant}] which are "
                "associated with the customer's subscription.",
            )

    def _check_definition(self, properties: dict[str, Any]) -> None:
        if (
            not properties.get("roleName")
            or not properties.get("assignableScopes")
            or not properties.get("permissions")
        ):
            raise self._error(
                400,
                "BadRequest",
                "A SQL Role Definition needs a role name, assignable scopes and permissions.",
            )

    def _operation(self, call: Call) -> Operation:
        found = self._azure.state.operations.get(call.parts["operation"])
        if found is None:
            raise self._error(404, "NotFound", f"Unable to find operation [{call.parts['operation']}].")
        return found

    def _missing(self, call: Call) -> ArmError:
        what = NAMES[_kind(call.path)]
        return self._error(404, "NotFound", f"Unable to find a SQL {what} with ID [{call.parts['name']}].")

    def _error(self, status: int, code: str, message: str) -> ArmError:
        activity = f"\r\nActivityId: {self._azure.new_guid()}, Microsoft.Azure.Documents.Common/2.14.0"
        return ArmError(status, code, message + activity, headers=dict(GATEWAY), wrapped=False)


def _kind(path: str) -> str:
    return path.rsplit("/", 2)[1].lower()
