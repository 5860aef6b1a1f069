"""Azure Policy: rules that refuse or alter writes."""

import fnmatch
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.arm import ids
from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.model import Policy, Resource
from sandbox.arm.routing import Call

TAG = re.compile(r"tags(?:\.(?P<plain>[^'\[\]]+)|\[\s*'?(?P<quoted>[^'\]]+)'?\s*\])", re.IGNORECASE)
ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"

Tests = dict[str, Callable[[Any, Any], bool]]
TESTS: Tests = {
    "equals": lambda have, want: _folded(have) == _folded(want),
    "notEquals": lambda have, want: _folded(have) != _folded(want),
    "in": lambda have, want: _folded(have) in [_folded(w) for w in want],
    "notIn": lambda have, want: _folded(have) not in [_folded(w) for w in want],
    "like": lambda have, want: fnmatch.fnmatchcase(str(_folded(have)), str(_folded(want))),
    "notLike": lambda have, want: not fnmatch.fnmatchcase(str(_folded(have)), str(_folded(want))),
    "exists": lambda have, want: (have is not None) == (str(want).lower() == "true"),
    "contains": lambda have, want: str(_folded(want)) in str(_folded(have)),
}


def applied(azure: Azure, call: Call) -> Call:
    """The request as policy lets it through, altered where a `modify` rule says so; else 403."""
    kind = _type_of(call.path)
    if (
        not azure.state.policies
        or kind is None
        or call.method not in ("PUT", "PATCH")
        or not isinstance(call.body, dict)
    ):
        return call
    content = _content(kind, call.path, call.body, azure.state.get(call.path))
    denied = []
    body = call.body
    for rule in applying(azure, call.path):
        if not fulfilled(rule.condition, content):
            continue
        if rule.effect == "deny":
            denied.append(rule)
        elif rule.effect == "modify":
            body = _modified(rule, body)
            content = _content(kind, call.path, body, azure.state.get(call.path))
    if denied:
        raise _disallowed(content["name"], denied)
    return replace(call, body=body)


def fulfilled(condition: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
    """Whether a rule's `if` is true of a resource."""
    if "allOf" in condition:
        return all(fulfilled(c, content) for c in condition["allOf"])
    if "anyOf" in condition:
        return any(fulfilled(c, content) for c in condition["anyOf"])
    if "not" in condition:
        return not fulfilled(condition["not"], content)
    have = field(condition["field"], content)
    operator = next((name for name in TESTS if name in condition), None)
    if operator is None:
        raise ValueError(f"a policy condition needs one of {', '.join(TESTS)}: {dict(condition)}")
    return TESTS[operator](have, condition[operator])


def field(name: str, content: Mapping[str, Any]) -> Any:
    """What a policy field (type, name, location, a tag, an alias) is in a resource; None if absent."""
    if tag := TAG.fullmatch(name):
        wanted = (tag["plain"] or tag["quoted"]).lower()
        return next((v for k, v in (content.get("tags") or {}).items() if k.lower() == wanted), None)
    if "/" not in name:
        return content.get(name)
    return _deep(content.get("properties") or {}, name.rsplit("/", 1)[1].split("."))


def applying(azure: Azure, scope: str) -> list[Policy]:
    """The rules in force at a scope."""
    return [
        p
        for p in azure.state.policies
        if ids.contains(p.scope, scope) and not any(ids.contains(e, scope) for e in p.exempt)
    ]


def _content(kind: str, path: str, body: Mapping[str, Any], known: Resource | None) -> dict[str, Any]:
    before: dict[str, Any] = {}
    if known is not None:
        before = {"location": known.location, "tags": known.tags, "properties": known.properties}
    sent = {k: v for k, v in body.items() if v is not None}
    return {**before, **sent, "type": kind, "name": path.rsplit("/", 1)[1], "id": path}


def _type_of(path: str) -> str | None:
    if f"/providers/{ASSIGNMENTS}/".lower() in path.lower():
        return ASSIGNMENTS
    if parsed := ids.parse(path):
        return parsed.type
    return GROUPS if ids.GROUP.fullmatch(path) else None


def _modified(rule: Policy, body: dict[str, Any]) -> dict[str, Any]:
    tags = dict(body.get("tags") or {})
    for operation in rule.operations:
        match = TAG.fullmatch(operation["field"])
        if match is None:
            raise ValueError(f"only tags can be modified here, not {operation['field']}")
        name = match["plain"] or match["quoted"]
        kind = operation["operation"].lower()
        if kind == "remove":
            tags.pop(name, None)
        elif kind == "addorreplace" or name not in tags:
            tags[name] = operation["value"]
    return {**body, "tags": tags}


def _disallowed(name: str, rules: list[Policy]) -> ArmError:
    reasons = ", ".join(f"'{r.reason}'" for r in rules if r.reason)
    identifiers = [
        {"policyAssignment": _named(r, r.id), "policyDefinition": _named(r, definition_id(r))} for r in rules
    ]
    said = (
        f"Reasons: {reasons}. See error details for policy resource IDs."
        if reasons
        else f"Policy identifiers: '{json.dumps(identifiers, separators=(',', ':'))}'."
    )
    return ArmError(
        403,
        "RequestDisallowedByPolicy",
        f"Resource '{name}' was disallowed by policy. {said}",
        gateway=True,
        more={
            "target": name,
            "additionalInfo": [{"type": "PolicyViolation", "info": _violation(r)} for r in rules],
        },
    )


def _named(rule: Policy, own: str) -> dict[str, str]:
    return {"name": rule.display, "id": own}


def _violation(rule: Policy) -> dict[str, Any]:
    return {
        "policyDefinitionDisplayName": rule.display,
        "policyDefinitionId": definition_id(rule),
        "policyDefinitionName": rule.name,
        "policyDefinitionEffect": rule.effect,
        "policyAssignmentId": rule.id,
        "policyAssignmentName": rule.name,
        "policyAssignmentDisplayName": rule.display,
        "policyAssignmentScope": rule.scope,
        "policyAssignmentParameters": {},
        "policyExemptionIds": [],
    }


def definition_id(rule: Policy) -> str:
    """The id of the definition that an assignment assigns."""
    return f"/providers/Microsoft.Authorization/policyDefinitions/{rule.name}"


def _deep(value: Any, path: list[str]) -> Any:
    for part in path:
        if not isinstance(value, dict):
            return None
        value = next((v for k, v in value.items() if k.lower() == part.lower()), None)
    return value


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
