"""Subscriptions, resource groups, tenants, and resources that no service of its own answers for."""

from typing import Any

from sandbox.arm import ids, paging
from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.identities import checked_tags
from sandbox.arm.model import Resource, Subscription
from sandbox.arm.routing import Call, Reply, Route

GROUPS = "Microsoft.Resources/resourceGroups"
GROUP_ACTION = "Microsoft.Resources/subscriptions/resourceGroups/"
SUBSCRIPTION, GROUP = "/subscriptions/{subscription}", "/subscriptions/{subscription}/resourceGroups/{group}"
GENERIC = GROUP + "/providers/{rest:any}"


class Scopes:
    """What there is above single services."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def routes(self) -> list[Route]:
        """Its paths; the generic ones come last of all."""
        reading = "Microsoft.Resources/subscriptions/read"
        return [
            Route("GET", "/tenants", self.tenants, ""),
            Route("GET", "/subscriptions", self.subscriptions, ""),
            Route("GET", SUBSCRIPTION, self.subscription, reading),
            Route("GET", SUBSCRIPTION + "/resourceGroups", self.groups, GROUP_ACTION + "read"),
            Route("GET", SUBSCRIPTION + "/resources", self.resources, GROUP_ACTION + "resources/read"),
            Route("GET", GROUP + "/resources", self.resources, GROUP_ACTION + "resources/read"),
            Route("GET", GROUP, self.group, GROUP_ACTION + "read"),
            Route("HEAD", GROUP, self.group_there, GROUP_ACTION + "read"),
            Route("PUT", GROUP, self.put_group, GROUP_ACTION + "write"),
            Route("DELETE", GROUP, self.delete_group, GROUP_ACTION + "delete"),
            Route("GET", SUBSCRIPTION + "/operationresults/{operation}", self.operation, ""),
            Route("GET", SUBSCRIPTION + "/providers/{namespace}", self.provider, ""),
            Route("POST", SUBSCRIPTION + "/providers/{namespace}/register", self.provider, ""),
            Route("GET", SUBSCRIPTION + "/providers/{rest:any}", self.by_type, "*"),
        ]

    def generic(self) -> list[Route]:
        """The paths of resources that nobody else answers for."""
        return [
            Route("GET", GENERIC, self.get, "*"),
            Route("PUT", GENERIC, self.put, "*"),
            Route("DELETE", GENERIC, self.delete, "*"),
        ]

    async def tenants(self, call: Call) -> Reply:
        """The caller's tenant."""
        tenant = call.caller.tenant
        known = {
            "id": f"/tenants/{tenant}",
            "tenantId": tenant,
            "displayName": self._azure.state.tenants.get(tenant, ""),
        }
        return Reply(body={"value": [known]})

    async def subscriptions(self, call: Call) -> Reply:
        """The subscriptions that the caller can see: those in which it holds any role."""
        found = [shown_subscription(s) for s in visible(self._azure, call)]
        return Reply(body={"value": found, "count": {"type": "Total", "value": len(found)}})

    async def subscription(self, call: Call) -> Reply:
        """One subscription."""
        return Reply(body=shown_subscription(self._azure.subscription(call.parts["subscription"])))

    async def groups(self, call: Call) -> Reply:
        """The resource groups of a subscription."""
        found = [shown(r) for r in self._azure.state.below(call.path.rpartition("/")[0], GROUPS)]
        return paging.page(call, found, self._azure.options.page_size)

    async def group(self, call: Call) -> Reply:
        """One resource group."""
        return Reply(body=shown(self._azure.group(call.parts["subscription"], call.parts["group"])))

    async def group_there(self, call: Call) -> Reply:
        """204 when the resource group exists."""
        self._azure.group(call.parts["subscription"], call.parts["group"])
        return Reply(204)

    async def put_group(self, call: Call) -> Reply:
        """The resource group exists: 201 when it did not, else 200."""
        body, known = call.object(), self._azure.state.get(call.path)
        if not body.get("location"):
            raise ArmError(
                400,
                "LocationRequired",
                "The location property is required for this definition.",
                gateway=True,
            )
        tags, now = checked_tags(body.get("tags") or {}), self._azure.now()
        if known:
            known.tags, known.changed = tags, now
        else:
            own = f"/subscriptions/{call.parts['subscription']}/resourceGroups/{call.parts['group']}"
            self._azure.state.put(
                Resource(own, GROUPS, call.parts["group"], body["location"], tags,
                         {"provisioningState": "Succeeded"}, made=now, changed=now)
            )  # fmt: skip
        self._azure.changed()
        return Reply(200 if known else 201, shown(self._azure.state.resources[ids.key(call.path)]))

    async def delete_group(self, call: Call) -> Reply:
        """The resource group and all in it are going; the answer says where to ask whether they are gone."""
        group = self._azure.group(call.parts["subscription"], call.parts["group"])
        group.properties["provisioningState"] = "Deleting"
        operation = self._azure.begin(group.id, "delete", self._azure.options.cluster_operation)
        self._azure.changed()
        return Reply(202, None, self._pending(call, operation.id))

    async def operation(self, call: Call) -> Reply:
        """202 while a deletion runs, 200 when it is over."""
        operation = self._azure.state.operations.get(call.parts["operation"])
        if operation is None:
            raise ArmError(
                404, "OperationNotFound", f"The operation '{call.parts['operation']}' is not known."
            )
        if not operation.ended and self._azure.now() < operation.due:
            return Reply(202, None, self._pending(call, operation.id))
        if not operation.ended:
            operation.ended = True
            self._drop_principals(operation.resource)
            self._azure.state.drop(operation.resource)
            self._azure.changed()
        return Reply(200)

    async def provider(self, call: Call) -> Reply:
        """A resource provider, which is registered, with the types that there are resources of."""
        namespace = call.parts["namespace"]
        kinds = {r.type for r in self._azure.state.resources.values()}
        own = sorted(k.partition("/")[2] for k in kinds if k.lower().startswith(namespace.lower() + "/"))
        named = next(
            (k.partition("/")[0] for k in kinds if k.lower().startswith(namespace.lower() + "/")), namespace
        )
        types = [{"resourceType": k, "locations": [], "apiVersions": [call.api_version]} for k in own]
        return Reply(
            body={
                "id": f"/subscriptions/{call.parts['subscription']}/providers/{named}",
                "namespace": named,
                "registrationPolicy": "RegistrationRequired",
                "registrationState": "Registered",
                "resourceTypes": types,
            }
        )

    async def by_type(self, call: Call) -> Reply:
        """The resources of one type in a subscription."""
        return self._listed(call, f"/subscriptions/{call.parts['subscription']}", call.parts["rest"])

    async def resources(self, call: Call) -> Reply:
        """The outermost resources of a group or a subscription."""
        found = [
            r
            for r in self._azure.state.below(call.path.rpartition("/")[0])
            if r.type.count("/") == 1 and r.type != GROUPS
        ]
        return paging.page(call, [shown(r) for r in found], self._azure.options.page_size)

    async def get(self, call: Call) -> Reply:
        """One resource, or all of one type in a group or in an outer resource."""
        if ids.parse(call.path):
            return Reply(body=shown(self._azure.resource(call.path)))
        group = self._azure.group(call.parts["subscription"], call.parts["group"])
        outer, _, last = call.path.rpartition("/")
        parsed = ids.parse(outer)
        if parsed is None:
            return self._listed(call, group.id, call.parts["rest"])
        if self._azure.state.get(outer) is None:
            raise self._azure.missing(outer)
        return self._listed(call, outer, "/".join((parsed.type, last)))

    async def put(self, call: Call) -> Reply:
        """The resource is as given, finished at once."""
        self._azure.parent(call.path, "write")
        parsed, body, now = self._azure.parsed(call.path), call.object(), self._azure.now()
        known = self._azure.state.get(call.path)
        extra: dict[str, Any] = {
            k: body[k] for k in ("kind", "sku", "identity", "zones", "plan") if k in body
        }
        properties = {**(body.get("properties") or {}), "provisioningState": "Succeeded"}
        made = Resource(
            parsed.id,
            parsed.type,
            parsed.names[-1],
            body.get("location") or "",
            checked_tags(body.get("tags") or {}),
            properties,
            extra,
            known.hidden if known else {},
            known.made if known else now,
            now,
        )
        self._azure.state.put(made)
        self._azure.changed()
        return Reply(200 if known else 201, shown(made))

    async def delete(self, call: Call) -> Reply:
        """The resource is gone."""
        self._azure.parent(call.path, "delete")
        if self._azure.state.get(call.path) is None:
            return Reply(204)
        self._azure.state.drop(call.path)
        self._azure.changed()
        return Reply(200)

    def _listed(self, call: Call, scope: str, kind: str) -> Reply:
        found = [shown(r) for r in self._azure.state.below(scope, kind)]
        return paging.page(call, found, self._azure.options.page_size)

    def _drop_principals(self, scope: str) -> None:
        for principal in [p for p in self._azure.state.principals.values() if p.resource]:
            if ids.contains(scope, principal.resource):
                del self._azure.state.principals[principal.id]

    def _pending(self, call: Call, operation: str) -> dict[str, str]:
        subscription = call.parts["subscription"]
        where = f"{call.base}/subscriptions/{subscription}/operationresults/{operation}"
        return {"Location": f"{where}?api-version={call.api_version}", "Retry-After": "15"}


def visible(azure: Azure, call: Call) -> list[Subscription]:
    """The subscriptions of the caller's tenant in which it holds any role, anywhere."""
    held = [a.scope for a in azure.access.held(call.caller.principal.id)]
    return [
        s
        for s in azure.state.subscriptions.values()
        if s.tenant == call.caller.tenant
        and any(
            ids.contains(h, f"/subscriptions/{s.id}") or ids.contains(f"/subscriptions/{s.id}", h)
            for h in held
        )
    ]


def shown(resource: Resource) -> dict[str, Any]:
    """A resource as ARM shows it."""
    body: dict[str, Any] = {"id": resource.id, "name": resource.name, "type": resource.type}
    if resource.location:
        body |= {"location": resource.location, "tags": resource.tags}
    return {**body, **resource.extra, "properties": resource.properties}


def shown_subscription(subscription: Subscription) -> dict[str, Any]:
    """A subscription as ARM shows it."""
    return {
        "id": f"/subscriptions/{subscription.id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription.id,
        "tenantId": subscription.tenant,
        "displayName": subscription.name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }
