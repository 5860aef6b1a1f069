"""Azure Policy: rules that refuse or alter writes, and the API that says so beforehand."""

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
from sandbox.arm.routing import Call, Reply, Route

TAG = re.compile(r"tags(?:\.(?P<plain>[^'\[\]]+)|\[\s*'?(?P<quoted>[^'\]]+)'?\s*\])", re.IGNORECASE)
ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"
CHECK = "Microsoft.PolicyInsights/checkPolicyRestrictions"
EVALUATED = ("deny", "modify", "audit")

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
    for rule in _applying(azure, call.path):
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


class PolicyInsights:
    """What policy would say to a resource, before it is asked for."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def routes(self) -> list[Route]:
        """Its paths."""
        subscription = "/subscriptions/{subscription}"
        group, action = subscription + "/resourceGroups/{group}", CHECK + "/read"
        return [
            Route("POST", f"{group}/providers/{CHECK}", self.check, action, group),
            Route("POST", f"{subscription}/providers/{CHECK}", self.check, action, subscription),
        ]

    async def check(self, call: Call) -> Reply:
        """Which rules would refuse the resource in the body, and what they ask of the pending fields."""
        scope = call.path[: call.path.lower().index("/providers/")]
        self._azure.target(scope)
        asked = call.object()
        details = asked.get("resourceDetails") or {}
        content = details.get("resourceContent")
        if not isinstance(content, dict) or not content.get("type"):
            raise ArmError(
                400,
                "InvalidCheckRestrictionsRequest",
                "resourceDetails.resourceContent with a type is needed.",
            )
        at = details.get("scope") or scope
        rules = [
            r
            for r in _applying(self._azure, at)
            if r.effect in ("deny", "modify") or asked.get("includeAuditEffect")
        ]
        broken = [r for r in rules if fulfilled(r.condition, content)]
        return Reply(
            body={
                "fieldRestrictions": _restrictions(rules, asked.get("pendingFields") or [], content),
                "contentEvaluationResult": {"policyEvaluations": [_evaluation(r, content) for r in broken]},
            }
        )


def _applying(azure: Azure, scope: str) -> list[Policy]:
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
        {"policyAssignment": _named(r, r.id), "policyDefinition": _named(r, _definition_id(r))} for r in rules
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
        "policyDefinitionId": _definition_id(rule),
        "policyDefinitionName": rule.name,
        "policyDefinitionEffect": rule.effect,
        "policyAssignmentId": rule.id,
        "policyAssignmentName": rule.name,
        "policyAssignmentDisplayName": rule.display,
        "policyAssignmentScope": rule.scope,
        "policyAssignmentParameters": {},
        "policyExemptionIds": [],
    }


def _evaluation(rule: Policy, content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "policyInfo": _info(rule),
        "evaluationResult": "NonCompliant",
        "evaluationDetails": {
            "reason": rule.reason or None,
            "evaluatedExpressions": [_expression(leaf, content) for leaf in _leaves(rule.condition)],
        },
        "effectDetails": {"policyEffect": rule.effect.capitalize()},
    }


def _expression(leaf: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    operator = next(name for name in TESTS if name in leaf)
    return {
        "result": str(fulfilled(leaf, content)),
        "expressionKind": "Field",
        "expression": leaf["field"],
        "path": leaf["field"],
        "expressionValue": field(leaf["field"], content),
        "targetValue": leaf[operator],
        "operator": operator[0].upper() + operator[1:],
    }


def _restrictions(
    rules: list[Policy], pending: list[Mapping[str, Any]], content: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = []
    for wanted in pending:
        name = str(wanted.get("field", "")).lower()
        restrictions = [
            _restriction(rule, leaf)
            for rule in rules
            if _about(rule, content)
            for leaf in _leaves(rule.condition)
            if leaf["field"].lower() == name
        ]
        if restrictions:
            found.append({"field": wanted["field"], "restrictions": restrictions})
    return found


def _restriction(rule: Policy, leaf: Mapping[str, Any]) -> dict[str, Any]:
    if str(leaf.get("exists", "")).lower() == "false":
        result: dict[str, Any] = {"result": "Required"}
    else:
        refused = leaf.get("equals", leaf.get("in", leaf.get("like")))
        allowed = leaf.get("notEquals", leaf.get("notIn", leaf.get("notLike")))
        values = allowed if allowed is not None else refused
        result = {"result": "Required" if allowed is not None else "Deny"}
        result["values"] = values if isinstance(values, list) else [values]
    return {
        **result,
        "policy": _info(rule),
        "policyEffect": rule.effect.capitalize(),
        "reason": rule.reason or None,
    }


def _about(rule: Policy, content: Mapping[str, Any]) -> bool:
    types = [leaf for leaf in _leaves(rule.condition) if leaf["field"] == "type"]
    return all(fulfilled(leaf, content) for leaf in types)


def _leaves(condition: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inner = (
        condition.get("allOf")
        or condition.get("anyOf")
        or ([condition["not"]] if "not" in condition else None)
    )
    return [leaf for c in inner for leaf in _leaves(c)] if inner else [condition]


def _info(rule: Policy) -> dict[str, Any]:
    return {"policyDefinitionId": _definition_id(rule), "policyAssignmentId": rule.id}


def _definition_id(rule: Policy) -> str:
    return f"/providers/Microsoft.Authorization/policyDefinitions/{rule.name}"


def _deep(value: Any, path: list[str]) -> Any:
    for part in path:
        if not isinstance(value, dict):
            return None
        value = next((v for k, v in value.items() if k.lower() == part.lower()), None)
    return value


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
