"""The API that says what Azure Policy would do to a resource, before it is asked for."""

from collections.abc import Mapping
from typing import Any

from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.model import Policy
from sandbox.arm.policy import TESTS, applying, definition_id, field, fulfilled
from sandbox.arm.routing import Call, Reply, Route

CHECK = "Microsoft.PolicyInsights/checkPolicyRestrictions"


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
            for r in applying(self._azure, at)
            if r.effect in ("deny", "modify") or asked.get("includeAuditEffect")
        ]
        broken = [r for r in rules if fulfilled(r.condition, content)]
        return Reply(
            body={
                "fieldRestrictions": _restrictions(rules, asked.get("pendingFields") or [], content),
                "contentEvaluationResult": {"policyEvaluations": [_evaluation(r, content) for r in broken]},
            }
        )


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
    return {"policyDefinitionId": definition_id(rule), "policyAssignmentId": rule.id}
