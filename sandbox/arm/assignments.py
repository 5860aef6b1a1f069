"""Microsoft.Authorization/roleAssignments at any scope (azure.md section 1.4)."""

import re
from typing import Any

from sandbox.arm import errors, ids
from sandbox.arm.assignment_body import TYPE, attributes, shown, written
from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.model import Assignment
from sandbox.arm.routing import Call, Reply, Route

ALL = f"{{scope:any}}/providers/{TYPE}"
ROLE = re.compile(r".*/providers/Microsoft\.Authorization/roleDefinitions/([^/]+)", re.IGNORECASE)
PRINCIPAL = re.compile(r"(?:principalId\s+eq\s+|assignedTo\(\s*)'(?P<id>[^']+)'\s*\)?", re.IGNORECASE)
KINDS = ("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")


class Assignments:
    """Who holds which role where."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def routes(self) -> list[Route]:
        """Its paths."""
        one = ALL + "/{name}"
        return [
            Route("GET", ALL, self.listed, TYPE + "/read", "{scope}"),
            Route("GET", one, self.get, TYPE + "/read"),
            Route("PUT", one, self.put, TYPE + "/write", attributes=self._requested),
            Route("DELETE", one, self.delete, TYPE + "/delete", attributes=self._held),
        ]

    async def listed(self, call: Call) -> Reply:
        """The assignments at, above and, unless `atScope()` is asked for, below a scope."""
        scope = call.parts["scope"] or "/"
        self._azure.target(scope)
        chosen = self._filter(call.query.get("$filter", ""))
        here = [
            a
            for a in self._azure.state.assignments.values()
            if a.ended is None
            and (ids.contains(a.scope, scope) or (not chosen.at_scope and ids.contains(scope, a.scope)))
            and (chosen.principals is None or a.principal_id in chosen.principals)
        ]
        return Reply(
            body={"value": [shown(a, call.api_version) for a in sorted(here, key=lambda a: (a.made, a.id))]}
        )

    async def get(self, call: Call) -> Reply:
        """One assignment."""
        self._azure.target(call.parts["scope"])
        return Reply(body=shown(self._found(call), call.api_version))

    async def put(self, call: Call) -> Reply:
        """The assignment is as given; 201 also when it was there before."""
        scope, name = call.parts["scope"] or "/", call.parts["name"]
        self._azure.target(scope)
        if not ids.is_guid(name):
            raise errors.bad_request(
                f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.",
                "InvalidRoleAssignmentId",
            )
        wanted = self._wanted(call, scope, name)
        known = self._azure.state.assignments.get(ids.key(wanted.id))
        if known is not None and known.ended is None:
            return Reply(201, written(self._updated(known, wanted), call.api_version))
        self._check_twin(wanted)
        self._check_room(scope)
        self._azure.state.assign(wanted)
        self._azure.changed()
        return Reply(201, written(wanted, call.api_version))

    async def delete(self, call: Call) -> Reply:
        """The assignment is taken back; it may still have effect for a while."""
        self._azure.target(call.parts["scope"])
        gone = self._azure.state.assignments.get(ids.key(call.path))
        if gone is None or gone.ended is not None:
            return Reply(204)
        self.end(gone)
        return Reply(200, shown(gone, call.api_version))

    def end(self, assignment: Assignment) -> None:
        """The assignment is deleted."""
        assignment.ended = now = self._azure.now()
        for held in list(self._azure.state.assignments.values()):
            if held.ended is not None and held.ended + self._azure.options.role_propagation <= now:
                self._azure.state.unassign(held.id)
        self._azure.changed()

    def _found(self, call: Call) -> Assignment:
        found = self._azure.state.assignments.get(ids.key(call.path))
        if found is None or found.ended is not None:
            raise ArmError(
                404, "RoleAssignmentNotFound", f"The role assignment '{call.parts['name']}' is not found."
            )
        return found

    def _wanted(self, call: Call, scope: str, name: str) -> Assignment:
        properties = call.object().get("properties") or {}
        principal_id, role_id = properties.get("principalId"), properties.get("roleDefinitionId")
        if not principal_id or not role_id:
            raise errors.bad_request(
                "The role assignment's properties must have a roleDefinitionId and a principalId.",
                "InvalidCreateRoleAssignmentRequest",
            )
        if not ids.is_guid(principal_id):
            raise errors.bad_request(
                f"The Principal ID '{principal_id}' is not valid. Principal ID must be a GUID.",
                "InvalidPrincipalId",
            )
        now, who = self._azure.now(), call.caller.principal.id
        principal_id = ids.guid(principal_id)
        return Assignment(
            name,
            scope,
            self._role(str(role_id), scope),
            principal_id,
            self._type(principal_id, properties.get("principalType")),
            condition=properties.get("condition"),
            condition_version=properties.get("conditionVersion"),
            description=properties.get("description"),
            delegated=properties.get("delegatedManagedIdentityResourceId"),
            created_by=who,
            updated_by=who,
            made=now,
            changed=now,
        )

    def _role(self, role_id: str, scope: str) -> str:
        match = ROLE.fullmatch("/" + role_id.strip("/"))
        guid = match[1] if match else role_id
        role = self._azure.access.role(guid)
        if role is None:
            raise ArmError(
                404 if match else 400,
                "RoleDefinitionDoesNotExist",
                f"The specified role definition with ID '{guid}' does not exist.",
            )
        if not any(ids.contains(assignable, scope) for assignable in role.scopes):
            raise errors.bad_request(
                f"The role definition '{role.role_name}' is not assignable at scope '{scope}'.",
                "RoleDefinitionNotAssignableAtScope",
            )
        return role.name

    def _type(self, principal_id: str, claimed: str | None) -> Any:
        known = self._azure.state.principals.get(principal_id)
        if not claimed:
            if known is None or self._azure.now() < known.made + self._azure.options.principal_replication:
                raise self._not_found(principal_id)
            return known.type
        if claimed not in KINDS:
            raise errors.bad_request(
                f"The principal type '{claimed}' is not one of {', '.join(KINDS)}.", "InvalidPrincipalType"
            )
        if known is not None and known.type != claimed:
            raise errors.bad_request(
                f"The PrincipalId '{ids.bare(principal_id)}' has type '{known.type}' , which is different "
                f"from specified PrinciaplType '{claimed}'.",
                "UnmatchedPrincipalType",
            )
        return claimed

    def _not_found(self, principal_id: str) -> ArmError:
        return errors.bad_request(
            f"Principal {ids.bare(principal_id)} does not exist in the directory {self._azure.tenant}. Check "
            "that you have "
            "the correct principal ID. If you are creating this principal and then immediately assigning a "
            "role, this "
            "error might be related to a replication delay. In this case, set the role assignment "
            "principalType "
            "property to a value, such as ServicePrincipal, User, or Group.  See "
            "https://aka.ms/docs-principaltype",
            "PrincipalNotFound",
        )

    def _updated(self, known: Assignment, wanted: Assignment) -> Assignment:
        same = known.principal_id == wanted.principal_id and known.role.lower() == wanted.role.lower()
        if not same:
            raise errors.bad_request(
                "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
                "RoleAssignmentUpdateNotPermitted",
            )
        known.condition, known.condition_version = wanted.condition, wanted.condition_version
        known.description, known.updated_by, known.changed = (
            wanted.description,
            wanted.updated_by,
            wanted.changed,
        )
        self._azure.changed()
        return known

    def _check_twin(self, wanted: Assignment) -> None:
        for held in self._azure.state.held_by(wanted.principal_id):
            alike = held.role.lower() == wanted.role.lower() and ids.same(held.scope, wanted.scope)
            if alike and held.ended is None:
                raise ArmError(
                    409,
                    "RoleAssignmentExists",
                    "The role assignment already exists. The ID of the existing role assignment is "
                    f"{ids.bare(held.name)}.",
                )

    def _check_room(self, scope: str) -> None:
        subscription = ids.subscription_of(scope)
        if subscription is None:
            return
        inside = f"/subscriptions/{subscription}"
        count = sum(
            1
            for a in self._azure.state.assignments.values()
            if a.ended is None and ids.contains(inside, a.scope)
        )
        if count >= self._azure.options.assignments_per_subscription:
            raise errors.bad_request(
                "The role assignment limit for the subscription has been exceeded. No more role assignments "
                "can be "
                "created.",
                "RoleAssignmentLimitExceeded",
            )

    def _filter(self, text: str) -> "Chosen":
        at_scope = "atscope()" in text.lower()
        match = PRINCIPAL.search(text)
        rest = re.sub(r"atScope\(\)|\band\b", "", PRINCIPAL.sub("", text), flags=re.IGNORECASE).strip()
        if rest:
            raise errors.bad_request(
                f"The filter '{text}' is not supported. Supported filters are either 'atScope()' or "
                "'principalId eq "
                "'{value}' or assignedTo('{value}')'.",
                "UnsupportedQuery",
            )
        if match is None:
            return Chosen(at_scope, None)
        groups = self._azure.access.groups_of(match["id"]) if "assignedto" in text.lower() else []
        return Chosen(at_scope, {match["id"].lower(), *groups})

    def _requested(self, call: Call) -> dict[str, str]:
        properties = (call.body or {}).get("properties") or {} if isinstance(call.body, dict) else {}
        role, kind = str(properties.get("roleDefinitionId") or ""), properties.get("principalType")
        return attributes("@request", role, properties.get("principalId"), kind)

    def _held(self, call: Call) -> dict[str, str]:
        found = self._azure.state.assignments.get(ids.key(call.path))
        return attributes("@resource", found.role, found.principal_id, found.principal_type) if found else {}


class Chosen:
    """What a `$filter` asks for."""

    def __init__(self, at_scope: bool, principals: set[str] | None) -> None:
        self.at_scope = at_scope
        self.principals = principals
