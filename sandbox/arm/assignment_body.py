"""A role assignment's JSON, which is not the same in every api-version, and what conditions see of it."""

from typing import Any

from sandbox.arm import ids
from sandbox.arm.model import Assignment

TYPE = "Microsoft.Authorization/roleAssignments"
# What older api-versions do not show yet.
ADDED = (
    ("2018-01-01-preview", ("principalType",)),
    (
        "2020-03-01-preview",
        ("condition", "conditionVersion", "description", "delegatedManagedIdentityResourceId"),
    ),
)


def attributes(source: str, role: str, principal: str | None, kind: str | None) -> dict[str, str]:
    """What conditions may ask about a role assignment that is written or deleted."""
    named = {"roledefinitionid": role.rsplit("/", 1)[-1], "principalid": principal, "principaltype": kind}
    return {f"{source}[{TYPE}:{name}]".lower(): value for name, value in named.items() if value}


def shown(assignment: Assignment, version: str = "2022-04-01") -> dict[str, Any]:
    """An assignment as a GET of this api-version shows it."""
    subscription = ids.subscription_of(assignment.scope)
    outer = f"/subscriptions/{subscription}" if subscription else ""
    roles = f"{outer}/providers/Microsoft.Authorization/roleDefinitions"
    body: dict[str, Any] = {
        "properties": {
            "roleDefinitionId": f"{roles}/{assignment.role}",
            "principalId": assignment.principal_id,
            "principalType": assignment.principal_type,
            "scope": assignment.scope,
            "condition": assignment.condition,
            "conditionVersion": assignment.condition_version,
            "createdOn": ids.instant(assignment.made),
            "updatedOn": ids.instant(assignment.changed),
            "createdBy": assignment.created_by,
            "updatedBy": assignment.updated_by,
            "delegatedManagedIdentityResourceId": assignment.delegated,
            "description": assignment.description,
        },
        "id": assignment.id,
        "type": TYPE,
        "name": assignment.name,
    }
    for name in (n for since, names in ADDED for n in names if version < since):
        del body["properties"][name]
    return body


def written(assignment: Assignment, version: str) -> dict[str, Any]:
    """An assignment as the answer to a PUT shows it: without who created it, as recorded."""
    body = shown(assignment, version)
    body["properties"]["createdBy"] = None
    return body
