"""Published ARM descriptions (Swagger 2.0) as schemas of whole answers, with nothing undeclared in them."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from arm_recordings import DATA
from jsonschema import Draft202012Validator

SPECS = DATA / "specs"
PLACES = {
    "identities": ("msi", "ManagedIdentity/stable/2023-01-31/ManagedIdentity"),
    "role assignments": (
        "authorization",
        "Authorization/stable/2022-04-01/authorization-RoleAssignmentsCalls",
    ),
    "role definitions": (
        "authorization",
        "Authorization/stable/2022-04-01/authorization-RoleDefinitionsCalls",
    ),
    "deny assignments": (
        "authorization",
        "Authorization/stable/2022-04-01/authorization-DenyAssignmentCalls",
    ),
    "Cosmos DB roles": ("cosmos-db", "DocumentDB/stable/2024-05-15/rbac"),
    "locks": ("resources", "Authorization/stable/2016-09-01/locks"),
    "Resource Graph": ("resourcegraph", "ResourceGraph/stable/2021-03-01/resourcegraph"),
}
TEXT = {"type": "string"}
RESOURCE = {
    "type": "object",
    "properties": {"id": TEXT, "name": TEXT, "type": TEXT, "systemData": {"type": "object"}},
}
# What the descriptions refer to and what does not lie beside them: ARM's common types.
COMMON: dict[str, Any] = {
    "Resource": RESOURCE,
    "ProxyResource": RESOURCE,
    "ARMProxyResource": RESOURCE,
    "TrackedResource": {
        "type": "object",
        "required": ["location"],
        "properties": {
            **RESOURCE["properties"],
            "location": TEXT,
            "tags": {"type": "object", "additionalProperties": TEXT},
        },
    },
    "systemData": {"type": "object"},
    "ErrorResponse": {"type": "object"},
    "CloudError": {"type": "object"},
}


class Description:
    """One description."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._body = _read(file)

    def complaints(self, method: str, path: str, status: int, answer: Any) -> list[str]:
        """What is wrong with an answer by this description."""
        operation = self._operation(method, path)
        response = operation["responses"].get(str(status)) or operation["responses"].get("default")
        if str(status) not in operation["responses"] and status < 400:
            return [f"{method} {path}: status {status} is not described"]
        if "schema" not in (response or {}):
            # Cosmos DB gives a body with its 202, which is recorded and not described.
            return [] if answer is None or status == 202 else [f"{method} {path}: a body came with {status}"]
        schema = self._closed(response["schema"], self._file)
        found = Draft202012Validator(schema).iter_errors(answer)
        return [f"{method} {path}: {'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in found]

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        fits = [
            (template.count("{"), entry[method.lower()])
            for template, entry in self._body["paths"].items()
            if method.lower() in entry and _pattern(template).fullmatch(path)
        ]
        assert fits, f"{method} {path} is not described in {self._file.name}"
        return min(fits, key=lambda fit: fit[0])[1]

    def _closed(self, schema: dict[str, Any], file: Path, depth: int = 0) -> dict[str, Any]:
        """The schema with references resolved and undeclared properties forbidden."""
        schema, file = self._resolved(schema, file)
        if depth > 8 or not schema:
            return {}
        if schema.get("type") == "array":
            return {
                "type": ["array", "null"],
                "items": self._closed(schema.get("items", {}), file, depth + 1),
            }
        properties, required = self._members(schema, file)
        if properties:
            return {
                "type": "object" if depth == 0 else ["object", "null"],
                "properties": {n: self._closed(s, f, depth + 1) for n, (s, f) in properties.items()},
                "required": sorted(required),
                "additionalProperties": "additionalProperties" in schema,
            }
        kind = {"string": ["string", "null"], "boolean": ["boolean", "null"]}.get(schema.get("type", ""))
        closed = {"type": kind} if kind else {}
        if "enum" in schema and not schema.get("x-ms-enum", {}).get("modelAsString"):
            closed["enum"] = [*schema["enum"], None]
        return closed

    def _members(self, schema: dict[str, Any], file: Path) -> tuple[dict[str, Any], set[str]]:
        properties = {n: (s, file) for n, s in schema.get("properties", {}).items()}
        required = set(schema.get("required", ()))
        for part in schema.get("allOf", ()):
            inner, place = self._resolved(part, file)
            more, needed = self._members(inner, place)
            properties, required = {**more, **properties}, required | needed
        return properties, required

    def _resolved(self, schema: dict[str, Any], file: Path) -> tuple[dict[str, Any], Path]:
        while "$ref" in schema:
            place, _, name = schema["$ref"].partition("#/definitions/")
            target = (file.parent / place).resolve() if place else file
            if not target.exists():
                return COMMON[name], file
            schema, file = _read(target)["definitions"][name], target
        return schema, file


@cache
def description(name: str) -> Description:
    """The description of a service."""
    if name == "identities of 2024":
        return Description(SPECS / "DERIVED_ManagedIdentity_2024-11-30.json")
    part, file = PLACES[name]
    return Description(SPECS / "specification" / part / "resource-manager" / f"Microsoft.{file}.json")


@cache
def _read(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(file.read_text())
    return loaded


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", template)
    whole = {"{scope}", "{parentResourcePath}", "{resourceType}", "{roleId}", "{roleAssignmentId}"}
    pieces = [r".*" if p in whole else r"[^/]+" if p.startswith("{") else re.escape(p) for p in parts]
    text = "".join(pieces)
    return re.compile(text if text.startswith("/") else f"/?{text}", re.IGNORECASE)
