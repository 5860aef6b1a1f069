"""What the page shows of this Azure; the shape is described in README.md."""

from typing import Any

from sandbox.arm import cosmos_body, credentials, identities, ids
from sandbox.arm.clusters import Clusters
from sandbox.arm.core import Azure
from sandbox.arm.cosmos import Cosmos
from sandbox.arm.model import Assignment, Resource


def view(azure: Azure, clusters: Clusters, sql: Cosmos) -> dict[str, Any]:
    """Identities with their credentials and grants, everybody else's assignments, clusters and locks."""
    given = [_arm(azure, a) for a in azure.state.assignments.values() if a.ended is None]
    given += [g for account in _all(azure, cosmos_body.ACCOUNT) for g in _sql(azure, sql, account)]
    own = {r.properties["principalId"] for r in _all(azure, identities.TYPE)}
    return {
        "tenants": [{"id": t, "name": name} for t, name in azure.state.tenants.items()],
        "subscriptions": _named(
            {"id": s.id, "name": s.name, "tenant": s.tenant} for s in azure.state.subscriptions.values()
        ),
        "clusters": _named(_cluster(azure, clusters, c) for c in clusters.all()),
        "identities": _named(_identity(azure, clusters, r, given) for r in _all(azure, identities.TYPE)),
        "other_assignments": [_stranger(azure, g) for g in given if g["principal_id"] not in own],
        "locks": [
            {
                "id": lock.id,
                "name": lock.name,
                "level": lock.level,
                "scope": lock.scope,
                "short": short(azure, lock.scope),
            }
            for lock in azure.state.locks.values()
        ],
    }


def short(azure: Azure, scope: str) -> str:
    """What a person would call a scope."""
    if parsed := ids.parse(scope):
        types = parsed.types[1:]
        inner = [
            f"{kind}/{name}" for kind, name in zip(types, parsed.names[1:], strict=True) if name != "default"
        ]
        return "/".join([parsed.names[0], *inner])
    if group := ids.group_of(scope):
        return group
    known = azure.state.subscriptions.get(ids.subscription_of(scope) or "")
    return known.name if known else scope


def _identity(
    azure: Azure, clusters: Clusters, identity: Resource, given: list[dict[str, Any]]
) -> dict[str, Any]:
    principal = identity.properties["principalId"]
    own = ("id", "role", "scope", "short", "plane", "created")
    return {
        **_place(azure, identity),
        "id": identity.id,
        "client_id": identity.properties["clientId"],
        "principal_id": principal,
        "tags": identity.tags,
        "created": _iso(identity.made),
        "credentials": _named(
            _credential(clusters, c) for c in azure.state.below(identity.id, credentials.TYPE)
        ),
        "assignments": [{k: g[k] for k in own} for g in given if g["principal_id"] == principal],
    }


def _credential(clusters: Clusters, credential: Resource) -> dict[str, Any]:
    trusted = clusters.trusted(credential.properties["issuer"])
    expression = credential.properties.get("claimsMatchingExpression", {})
    return {
        "name": credential.name,
        "issuer": credential.properties["issuer"],
        "cluster": trusted.name if trusted else None,
        "subject": credential.properties.get("subject") or expression.get("value", ""),
        "audience": credential.properties["audiences"][0],
        "created": _iso(credential.made),
    }


def _cluster(azure: Azure, clusters: Clusters, cluster: Resource) -> dict[str, Any]:
    return {
        **_place(azure, cluster),
        "issuer": clusters.issuer(cluster) if cluster.hidden["oidc"] else None,
        "oidc": cluster.hidden["oidc"],
        "workload_identity": bool(cluster.hidden["workload_identity"]),
    }


def _arm(azure: Azure, assignment: Assignment) -> dict[str, Any]:
    role = azure.access.role(assignment.role)
    return {
        "id": assignment.id,
        "role": role.role_name if role else assignment.role,
        "scope": assignment.scope,
        "short": short(azure, assignment.scope),
        "plane": "arm",
        "created": _iso(assignment.made),
        "principal_id": assignment.principal_id,
    }


def _sql(azure: Azure, sql: Cosmos, account: Resource) -> list[dict[str, Any]]:
    return [
        {
            "id": found.id,
            "role": sql.title(found.properties["roleDefinitionId"]),
            "scope": found.properties["scope"],
            "short": account.name + found.properties["scope"][len(account.id) :],
            "plane": "cosmos",
            "created": _iso(found.made),
            "principal_id": found.properties["principalId"],
        }
        for found in sql.effective(account.id)
    ]


def _stranger(azure: Azure, given: dict[str, Any]) -> dict[str, Any]:
    known = azure.state.principals.get(given["principal_id"])
    return {**given, "principal": known.name if known else None, "orphaned": known is None}


def _place(azure: Azure, resource: Resource) -> dict[str, Any]:
    parsed = azure.parsed(resource.id)
    subscription = azure.subscription(parsed.subscription).name
    return {
        "name": resource.name,
        "group": parsed.group,
        "subscription": subscription,
        "location": resource.location,
    }


def _all(azure: Azure, kind: str) -> list[Resource]:
    return [r for r in azure.state.resources.values() if r.type.lower() == kind.lower()]


def _named(rows: Any) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["name"]))


def _iso(at: float) -> str:
    return ids.moment(at).isoformat(timespec="seconds")
