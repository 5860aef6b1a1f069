"""Who may do what where: role assignments, their conditions, deny assignments."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sandbox.arm import conditions, ids, roles
from sandbox.arm.errors import ArmError
from sandbox.arm.model import Assignment, Deny, Principal, RoleDefinition, State
from sandbox.arm.options import Options

ASSIGNING = "Microsoft.Authorization/roleAssignments/"


@dataclass(frozen=True)
class Verdict:
    """Whether an action is allowed; if not, whether a condition or a deny assignment stood in the way."""

    allowed: bool
    conditional: bool = False
    deny: Deny | None = None


class Access:
    """The rights in force at this moment."""

    def __init__(self, state: State, options: Options, now: Callable[[], float]) -> None:
        self._state = state
        self._options = options
        self._now = now

    def require(
        self, principal: Principal, action: str, scope: str, attributes: Mapping[str, str] | None = None
    ) -> None:
        """Return if the principal may take this action; else 403 in ARM's words."""
        verdict = self.judge(principal.id, action, scope, attributes or {})
        if not verdict.allowed:
            raise refusal(principal, action, scope, verdict)

    def judge(
        self,
        principal_id: str,
        action: str,
        scope: str,
        attributes: Mapping[str, str] | None = None,
        *,
        data: bool = False,
    ) -> Verdict:
        """Whether this principal may take the action on the scope now."""
        conditional = False
        for assignment in self.held(principal_id):
            if not ids.contains(assignment.scope, scope) or not self._covers(assignment, action, data):
                continue
            if not _fulfilled(assignment, action, attributes or {}):
                conditional = True
            elif deny := self._denied(principal_id, action, scope, data):
                return Verdict(False, deny=deny)
            else:
                return Verdict(True)
        return Verdict(False, conditional=conditional)

    def held(self, principal_id: str) -> Iterator[Assignment]:
        """The assignments in force of a principal and of the groups that it is in."""
        now, late = self._now(), self._options.role_propagation
        for holder in (principal_id, *self.groups_of(principal_id)):
            for assignment in self._state.held_by(holder):
                begun = assignment.made + late <= now
                if begun and (assignment.ended is None or now < assignment.ended + late):
                    yield assignment

    def groups_of(self, principal_id: str) -> list[str]:
        """The groups that hold this principal as a member."""
        return [p.id for p in self._state.principals.values() if principal_id in p.members]

    def role(self, guid: str) -> RoleDefinition | None:
        """The role of this GUID, built in or custom."""
        return roles.built_in().get(guid.lower()) or self._state.roles.get(guid.lower())

    def permissions(self, principal_id: str, scope: str) -> list[dict[str, list[str]]]:
        """What somebody's roles give at a scope, one entry for each permission of each role."""
        found = [a for a in self.held(principal_id) if ids.contains(a.scope, scope)]
        definitions = (self.role(a.role) for a in found)
        return [p for definition in definitions if definition for p in definition.permissions]

    def _covers(self, assignment: Assignment, action: str, data: bool) -> bool:
        definition = self.role(assignment.role)
        if definition is None:
            return False
        wanted, unwanted = ("dataActions", "notDataActions") if data else ("actions", "notActions")
        return any(
            matches(action, permission.get(wanted, ())) and not matches(action, permission.get(unwanted, ()))
            for permission in definition.permissions
        )

    def _denied(self, principal_id: str, action: str, scope: str, data: bool) -> Deny | None:
        who = {principal_id, *self.groups_of(principal_id)}
        for deny in self._state.denies:
            if who & set(deny.excluded) or (deny.principals and not who & set(deny.principals)):
                continue
            reaches = ids.same(deny.scope, scope) if deny.only_here else ids.contains(deny.scope, scope)
            taken = (deny.data_actions, deny.not_data_actions) if data else (deny.actions, deny.not_actions)
            if reaches and matches(action, taken[0]) and not matches(action, taken[1]):
                return deny
        return None


def matches(action: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns, in which `*` is anything, is this action; case does not count."""
    return any(_pattern(pattern).fullmatch(action) for pattern in patterns)


def refusal(principal: Principal, action: str, scope: str, verdict: Verdict) -> ArmError:
    """The 403 that ARM gives for this verdict."""
    who = f"The client '{principal.app_id or principal.name}' with object id '{principal.id}'"
    if verdict.deny is not None:
        return ArmError(
            403,
            "DenyAssignmentAuthorizationFailed",
            f"{who} has permission to perform action '{action}' on scope '{scope}'; however, the access is "
            "denied "
            f"because of the deny assignment with name '{verdict.deny.display}' and Id "
            f"'{verdict.deny.name.replace('-', '')}' at scope '{verdict.deny.scope}'.",
            gateway=True,
        )
    # ARM speaks of conditions in every refusal to write a role assignment, whether or not there was one.
    abac = (
        " or an ABAC condition not fulfilled"
        if verdict.conditional or action.startswith(ASSIGNING + "w")
        else ""
    )
    return ArmError(
        403,
        "AuthorizationFailed",
        f"{who} does not have authorization{abac} to perform action '{action}' over scope '{scope}' or the "
        "scope is "
        "invalid. If access was recently granted, please refresh your credentials.",
        gateway=True,
    )


def _fulfilled(assignment: Assignment, action: str, attributes: Mapping[str, str]) -> bool:
    if not assignment.condition:
        return True
    try:
        test = conditions.parse(assignment.condition)
    except conditions.ConditionError:
        return False
    return test(conditions.Question(action, attributes))


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.IGNORECASE)
