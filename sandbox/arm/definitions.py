"""Microsoft.Authorization/roleDefinitions, permissions and deny assignments at any scope."""

import re
from typing import Any

from sandbox.arm import errors, ids, roles
from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.model import Deny, RoleDefinition
from sandbox.arm.routing import Call, Reply, Route

TYPE = "Microsoft.Authorization/roleDefinitions"
ALL = f"{{scope:any}}/providers/{TYPE}"
DENIES = "Microsoft.Authorization/denyAssignments"
NAME = re.compile(r"roleName\s+eq\s+'(?P<value>(?:[^']|'')*)'", re.IGNORECASE)
KIND = re.compile(r"type\s+eq\s+'(?P<value>[^']*)'", re.IGNORECASE)
LISTS = ("actions", "notActions", "dataActions", "notDataActions")
# The built-in roles' dates mean nothing here; one early moment for all of them.
LONG_AGO = 1_420_070_400.0


class Definitions:
    """The roles there are, built in and custom."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def routes(self) -> list[Route]:
        """Its paths."""
        one = ALL + "/{name}"
        permissions = "{scope:any}/providers/Microsoft.Authorization/permissions"
        return [
            Route("GET", ALL, self.listed, ""),
            Route("GET", one, self.get, ""),
            Route("PUT", one, self.put, TYPE + "/write"),
            Route("DELETE", one, self.delete, TYPE + "/delete"),
            Route("GET", permissions, self.permissions, ""),
            Route("GET", f"{{scope:any}}/providers/{DENIES}", self.denies, DENIES + "/read", "{scope}"),
        ]

    async def listed(self, call: Call) -> Reply:
        """The roles that can be given at a scope, by name where that is asked for."""
        scope = self._readable(call)
        text = call.query.get("$filter", "")
        name, kind = NAME.search(text), KIND.search(text)
        if text and not (name or kind or "atscope" in text.lower()):
            raise errors.bad_request(f"The filter '{text}' is not supported.", "UnsupportedQuery")
        found = [r for r in self._known() if any(ids.contains(s, scope) for s in r.scopes)]
        if name:
            wanted = name["value"].replace("''", "'").lower()
            found = [r for r in found if r.role_name.lower() == wanted]
        if kind:
            found = [
                r
                for r in found
                if ("CustomRole" if r.custom else "BuiltInRole").lower() == kind["value"].lower()
            ]
        return Reply(body={"value": [shown(r, scope) for r in found]})

    async def get(self, call: Call) -> Reply:
        """One role."""
        scope = self._readable(call)
        return Reply(body=shown(self._found(call), scope))

    async def put(self, call: Call) -> Reply:
        """The custom role is as given; 201 also when it was there before."""
        scope, name = call.parts["scope"], call.parts["name"]
        self._azure.target(scope)
        if not ids.is_guid(name) or name.lower() in roles.built_in():
            raise errors.bad_request(
                f"The role definition ID '{name}' is not valid here.", "InvalidRoleDefinitionId"
            )
        wanted = self._wanted(call, name)
        known = self._azure.state.roles.get(name.lower())
        if known:
            wanted.made, wanted.created_by = known.made, known.created_by
        self._azure.state.roles[name.lower()] = wanted
        self._azure.changed()
        body = shown(wanted, scope)
        body["properties"]["createdBy"] = None
        body["properties"]["updatedBy"] = call.caller.principal.id
        return Reply(201, body)

    async def delete(self, call: Call) -> Reply:
        """The custom role is gone; 409 or 400 while somebody holds it."""
        found = self._azure.state.roles.get(call.parts["name"].lower())
        if found is None:
            return Reply(204)
        if any(a.role == found.name and a.ended is None for a in self._azure.state.assignments.values()):
            raise errors.bad_request(
                "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments)",
                "RoleDefinitionHasAssignments",
            )
        del self._azure.state.roles[found.name.lower()]
        self._azure.changed()
        return Reply(200, shown(found, call.parts["scope"]))

    async def permissions(self, call: Call) -> Reply:
        """What the caller may do at a scope."""
        self._azure.target(call.parts["scope"])
        found = self._azure.access.permissions(call.caller.principal.id, call.parts["scope"] or "/")
        return Reply(body={"value": [{name: p.get(name, []) for name in LISTS} for p in found]})

    async def denies(self, call: Call) -> Reply:
        """The deny assignments at, above and below a scope."""
        scope = call.parts["scope"] or "/"
        self._azure.target(scope)
        at_scope = "atscope()" in call.query.get("$filter", "").lower()
        found = [
            d
            for d in self._azure.state.denies
            if ids.contains(d.scope, scope) or (not at_scope and ids.contains(scope, d.scope))
        ]
        return Reply(body={"value": [denied(d) for d in found]})

    def _readable(self, call: Call) -> str:
        """The scope asked about; what every tenant has in common is open to everybody in it."""
        scope = call.parts["scope"] or "/"
        if scope != "/":
            self._azure.access.require(call.caller.principal, TYPE + "/read", scope)
            self._azure.target(scope)
        return scope

    def _known(self) -> list[RoleDefinition]:
        return [*self._azure.state.roles.values(), *roles.built_in().values()]

    def _found(self, call: Call) -> RoleDefinition:
        found = self._azure.access.role(call.parts["name"])
        if found is None:
            raise ArmError(
                404,
                "RoleDefinitionDoesNotExist",
                f"The specified role definition with ID '{call.parts['name']}' does not exist.",
            )
        return found

    def _wanted(self, call: Call, name: str) -> RoleDefinition:
        properties = call.object().get("properties") or {}
        title, scopes = properties.get("roleName"), properties.get("assignableScopes")
        if not title or not scopes:
            raise errors.bad_request(
                "A role definition needs a roleName and assignableScopes.", "InvalidRoleDefinition"
            )
        twins = [
            r
            for r in self._known()
            if r.role_name.lower() == title.lower() and r.name.lower() != name.lower()
        ]
        if twins:
            raise ArmError(
                409,
                "RoleDefinitionWithSameNameExists",
                "A custom role with the same name already exists in this directory. Use a different name: "
                f"{title}.",
            )
        now = self._azure.now()
        permissions = [{n: p.get(n) or [] for n in LISTS} for p in properties.get("permissions") or []]
        return RoleDefinition(
            name, title, properties.get("description"), True, list(scopes), permissions,
            created_by=call.caller.principal.id, made=now, changed=now,
        )  # fmt: skip


def shown(role: RoleDefinition, scope: str) -> dict[str, Any]:
    """A role as ARM shows it at a scope."""
    subscription = ids.subscription_of(scope)
    outer = f"/subscriptions/{subscription}" if subscription else ""
    return {
        "properties": {
            "roleName": role.role_name,
            "type": "CustomRole" if role.custom else "BuiltInRole",
            "description": role.description,
            "assignableScopes": role.scopes,
            "permissions": role.permissions,
            "createdOn": ids.instant(role.made or LONG_AGO),
            "updatedOn": ids.instant(role.changed or LONG_AGO),
            "createdBy": role.created_by,
            "updatedBy": role.created_by,
        },
        "id": f"{outer}/providers/{TYPE}/{role.name}",
        "type": TYPE,
        "name": role.name,
    }


def denied(deny: Deny) -> dict[str, Any]:
    """A deny assignment as ARM shows it."""
    everybody = "00000000-0000-0000-0000-000000000000"
    who = [{"id": p, "type": "ServicePrincipal"} for p in deny.principals]
    return {
        "properties": {
            "denyAssignmentName": deny.display,
            "description": None,
            "permissions": [
                {
                    "actions": deny.actions,
                    "notActions": deny.not_actions,
                    "dataActions": deny.data_actions,
                    "notDataActions": deny.not_data_actions,
                }
            ],
            "scope": deny.scope,
            "doNotApplyToChildScopes": deny.only_here,
            "principals": who or [{"id": everybody, "type": "SystemDefined"}],
            "excludePrincipals": [{"id": p, "type": "ServicePrincipal"} for p in deny.excluded],
            "isSystemProtected": True,
        },
        "id": deny.id,
        "type": DENIES,
        "name": deny.name,
    }
