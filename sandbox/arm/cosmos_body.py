"""Cosmos DB's two built-in roles, and the JSON of its roles and role assignments."""

from typing import Any

from sandbox.arm.model import Resource

ACCOUNT = "Microsoft.DocumentDB/databaseAccounts"
ASSIGNMENTS, DEFINITIONS = f"{ACCOUNT}/sqlRoleAssignments", f"{ACCOUNT}/sqlRoleDefinitions"
READER, CONTRIBUTOR = (f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2))
METADATA = f"{ACCOUNT}/readMetadata"
ITEMS = f"{ACCOUNT}/sqlDatabases/containers"
READING = [METADATA, f"{ITEMS}/executeQuery", f"{ITEMS}/readChangeFeed", f"{ITEMS}/items/read"]
BUILT_IN = {
    READER: ("Cosmos DB Built-in Data Reader", READING),
    CONTRIBUTOR: ("Cosmos DB Built-in Data Contributor", [METADATA, f"{ITEMS}/*", f"{ITEMS}/items/*"]),
}


def built_in(account: str, name: str) -> Resource:
    """One of the two roles that every account has."""
    title, actions = BUILT_IN[name]
    properties = {
        "roleName": title,
        "type": "BuiltInRole",
        "assignableScopes": [account],
        "permissions": [{"dataActions": actions, "notDataActions": []}],
    }
    return Resource(f"{account}/sqlRoleDefinitions/{name}", DEFINITIONS, name, properties=properties)


def shown(resource: Resource) -> dict[str, Any]:
    """An assignment or a definition as Cosmos DB shows it."""
    properties = dict(resource.properties)
    if resource.type == DEFINITIONS:
        kind = properties.get("type")
        properties["type"] = "BuiltInRole" if kind == "BuiltInRole" else "CustomRole"
        properties["permissions"] = [
            {"dataActions": p.get("dataActions", []), "notDataActions": p.get("notDataActions", [])}
            for p in properties.get("permissions", [])
        ]
    return {"id": resource.id, "name": resource.name, "properties": properties, "type": resource.type}
