"""Microsoft.ResourceGraph: queries over all resources that the caller may read."""

from typing import Any

from sandbox.arm import errors, ids, kql
from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.model import Resource
from sandbox.arm.routing import Call, Reply, Route
from sandbox.arm.scopes import GROUPS, visible

MOST = 1000


class ResourceGraph:
    """The query API."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def routes(self) -> list[Route]:
        """Its path."""
        return [Route("POST", "/providers/Microsoft.ResourceGraph/resources", self.query, "")]

    async def query(self, call: Call) -> Reply:
        """The rows that a query gives, of those that the caller may read."""
        body = call.object()
        options = body.get("options") or {}
        if not isinstance(body.get("query"), str):
            raise errors.bad_request("A query is needed.")
        try:
            rows = kql.run(body["query"], self._tables(call, body.get("subscriptions")))
        except kql.QueryError as error:
            raise self._misunderstood(error) from error
        start = int(options.get("$skipToken") or options.get("$skip") or 0)
        size = min(int(options.get("$top") or MOST), MOST)
        shown = rows[start : start + size]
        answer: dict[str, Any] = {
            "totalRecords": len(rows),
            "count": len(shown),
            "data": _table(shown) if options.get("resultFormat", "objectArray") == "table" else shown,
            "facets": [],
            "resultTruncated": "false",
        }
        if start + size < len(rows):
            answer["$skipToken"] = str(start + size)
        return Reply(
            body=answer,
            headers={"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"},
        )

    def _tables(self, call: Call, subscriptions: list[str] | None) -> dict[str, kql.Rows]:
        seen = {s.id for s in visible(self._azure, call)}
        if subscriptions:
            seen &= {s.lower() for s in subscriptions}
        principal = call.caller.principal.id
        resources: kql.Rows = []
        containers = [self._subscription(s) for s in sorted(seen)]
        for resource in self._azure.state.resources.values():
            if ids.subscription_of(resource.id) not in seen:
                continue
            is_group = resource.type == GROUPS
            # The graph's table holds what ARM tracks: outermost resources, no queues and no containers.
            if not is_group and resource.type.count("/") > 1:
                continue
            kind = "Microsoft.Resources/subscriptions/resourceGroups" if is_group else resource.type
            if self._azure.access.judge(principal, f"{kind}/read", resource.id).allowed:
                (containers if is_group else resources).append(self._row(resource))
        return {"resources": resources, "resourcecontainers": containers}

    def _row(self, resource: Resource) -> kql.Row:
        subscription = ids.subscription_of(resource.id) or ""
        kind = (
            "microsoft.resources/subscriptions/resourcegroups"
            if resource.type == GROUPS
            else resource.type.lower()
        )
        return {
            "id": resource.id,
            "name": resource.name,
            "type": kind,
            "tenantId": self._azure.subscription(subscription).tenant,
            "kind": resource.extra.get("kind", ""),
            "location": resource.location,
            "resourceGroup": (ids.group_of(resource.id) or "").lower(),
            "subscriptionId": subscription,
            "managedBy": "",
            "sku": resource.extra.get("sku"),
            "plan": None,
            "properties": resource.properties,
            "tags": resource.tags or None,
            "identity": resource.extra.get("identity"),
            "zones": None,
            "extendedLocation": None,
        }

    def _subscription(self, subscription_id: str) -> kql.Row:
        known = self._azure.subscription(subscription_id)
        return {
            "id": f"/subscriptions/{known.id}",
            "name": known.name,
            "type": "microsoft.resources/subscriptions",
            "tenantId": known.tenant,
            "subscriptionId": known.id,
            "properties": {"state": "Enabled"},
        }

    def _misunderstood(self, error: kql.QueryError) -> ArmError:
        moment = ids.moment(self._azure.now())
        return errors.ArmError(
            400,
            "BadRequest",
            "Please provide below info when asking for support: timestamp = "
            f"{moment:%Y-%m-%dT%H:%M:%S.%f0Z}, correlationId = "
            f"{self._azure.new_guid()}.",
            more={
                "details": [
                    {
                        "code": "InvalidQuery",
                        "message": "Query is invalid. Please refer to the documentation for the Azure "
                        "Resource Graph service and fix the error before retrying.",
                    },
                    {"code": "ParserFailure", "message": str(error), "token": error.token},
                ]
            },
        )


def _table(rows: kql.Rows) -> dict[str, Any]:
    names = list(rows[0]) if rows else []
    kinds = {bool: "boolean", int: "integer", str: "string"}
    columns = [{"name": n, "type": kinds.get(type(rows[0][n]), "object")} for n in names]
    return {"columns": columns, "rows": [[row.get(n) for n in names] for row in rows]}
