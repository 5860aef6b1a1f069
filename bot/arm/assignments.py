"""Role assignments: read at a scope or of a principal, and ensured."""

import re
from collections.abc import AsyncIterable

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignment, RoleAssignmentCreateParameters

from bot.arm.client import Connection
from bot.arm.errors import refusal_in
from bot.domain import names
from bot.domain.observed import AssignmentSeen
from bot.domain.plan import EnsureRoleAssignment
from bot.domain.spec import Scope
from bot.errors import NeedsOperator, Obstacle, TryLater

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
LAGGING = 2.0
DESCRIPTION = 1024


async def read_assignments(azure: Connection, scope_id: str) -> tuple[AssignmentSeen, ...]:
    """Everybody's assignments at a scope, inherited ones too; none when the scope is not there."""
    client = azure.authorization(subscription_of(scope_id)).role_assignments
    async with azure.call(f"Reading the role assignments on {_tail(scope_id)}"):
        try:
            return await _all(client.list_for_scope(scope_id.lstrip("/"), filter="atScope()"))
        except ResourceNotFoundError:
            return ()


async def read_held(azure: Connection, principal_id: str, subscription: str) -> tuple[AssignmentSeen, ...]:
    """What a principal holds at a subscription and anywhere below it."""
    client = azure.authorization(subscription).role_assignments
    async with azure.call("Reading the roles that the identity holds"):
        return await _all(client.list_for_subscription(filter=f"principalId eq '{_guid(principal_id)}'"))


async def ensure_role_assignment(
    azure: Connection, step: EnsureRoleAssignment, principal_id: str, description: str
) -> dict[str, str]:
    """The principal holds the role on the scope; the id of the assignment that gives it."""
    scope = step.scope
    subscription = subscription_of(scope.id)
    body = RoleAssignmentCreateParameters(
        role_definition_id=(
            f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{step.role_id}"
        ),
        principal_id=_guid(principal_id),
        # Without the type Azure looks the principal up, and a new one may not be found yet; the SDK's
        # default is User (azure.md 0.1).
        principal_type="ServicePrincipal",
        description=description[:DESCRIPTION],
    )
    client = azure.authorization(subscription).role_assignments
    async with azure.call(f"Giving {step.role} on {scope.short}"):
        try:
            made = await client.create(
                scope.id.lstrip("/"), names.assignment(scope.id, step.role_id, principal_id), body
            )
            return {"id": made.id or ""}
        except HttpResponseError as error:
            if refusal_in(error).code != "RoleAssignmentExists":
                raise
        existing = await _all(
            client.list_for_scope(scope.id.lstrip("/"), filter=f"principalId eq '{principal_id}'")
        )
        return {"id": _same_grant(step, scope, existing)}


def subscription_of(scope_id: str) -> str:
    """The subscription in a scope's id; NeedsOperator when it is of no subscription."""
    match = re.match(r"/subscriptions/([^/]+)", scope_id, re.IGNORECASE)
    if not match:
        remedy = "Give the full id of one resource."
        raise NeedsOperator(f"{scope_id} is not in a subscription.", remedy, Obstacle.MISCONFIGURED)
    return match[1]


def _same_grant(step: EnsureRoleAssignment, scope: Scope, assignments: tuple[AssignmentSeen, ...]) -> str:
    for found in assignments:
        if found.role_id == step.role_id.casefold() and scope.same_as(found.scope):
            return found.id
    raise TryLater(f"{step.role} on {scope.short} is given already, and not listed yet.", LAGGING)


async def _all(pages: AsyncIterable[RoleAssignment]) -> tuple[AssignmentSeen, ...]:
    return tuple([_seen(found) async for found in pages])


def _seen(found: RoleAssignment) -> AssignmentSeen:
    return AssignmentSeen(
        id=found.id or "",
        name=found.name or "",
        scope=found.scope or "",
        role_id=(found.role_definition_id or "").rsplit("/", 1)[-1].casefold(),
        principal_id=(found.principal_id or "").casefold(),
    )


def _guid(text: str) -> str:
    """A GUID as it stands; anything else must not get into a filter."""
    if not GUID.fullmatch(text):
        remedy = "Look at the identity in Azure."
        raise NeedsOperator(f"{text!r} is no principal id.", remedy, Obstacle.UNEXPECTED)
    return text


def _tail(scope_id: str) -> str:
    return "/".join(scope_id.strip("/").split("/")[-2:])
