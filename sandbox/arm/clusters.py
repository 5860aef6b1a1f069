"""Microsoft.ContainerService/managedClusters, as far as workload identity goes: their issuers."""

from copy import deepcopy
from typing import Any

from sandbox.arm import cluster_body, ids, paging
from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.identities import checked_tags
from sandbox.arm.model import Operation, Resource
from sandbox.arm.routing import Call, Reply, Route

TYPE = "Microsoft.ContainerService/managedClusters"


class Clusters:
    """The AKS clusters and their OIDC issuers."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def routes(self) -> list[Route]:
        """Its paths."""
        subscription = "/subscriptions/{subscription}"
        group = subscription + "/resourceGroups/{group}"
        one = f"{group}/providers/{TYPE}/{{name}}"
        operations = (
            subscription + "/providers/Microsoft.ContainerService/locations/{location}/operations/{operation}"
        )
        return [
            Route("GET", f"{subscription}/providers/{TYPE}", self.listed, TYPE + "/read", subscription),
            Route("GET", f"{group}/providers/{TYPE}", self.listed, TYPE + "/read", group),
            Route("GET", one, self.get, TYPE + "/read"),
            Route("PUT", one, self.put, TYPE + "/write"),
            Route("DELETE", one, self.delete, TYPE + "/delete"),
            Route("GET", operations, self.operation, ""),
        ]

    async def listed(self, call: Call) -> Reply:
        """The clusters of a group or a subscription."""
        scope = call.path[: call.path.lower().index("/providers/")]
        self._azure.target(scope)
        found = [self.shown(r) for r in self._azure.state.below(scope, TYPE)]
        return paging.page(call, found, self._azure.options.page_size)

    async def get(self, call: Call) -> Reply:
        """One cluster."""
        self._settle()
        return Reply(body=self.shown(self._azure.resource(call.path)))

    async def put(self, call: Call) -> Reply:
        """The cluster is being made or changed; its switches for OIDC and workload identity count at once."""
        self._azure.group(call.parts["subscription"], call.parts["group"])
        body, known = call.object(), self._azure.state.get(call.path)
        if not body.get("location"):
            raise ArmError(
                400,
                "LocationRequired",
                "The location property is required for this definition.",
                gateway=True,
            )
        cluster = known or self.create(call.path, body["location"], oidc=False, workload_identity=None)
        self._apply(cluster, body)
        operation = self._azure.begin(cluster.id, "write", self._azure.options.cluster_operation)
        # Nothing is left to do when it is due: the cluster changes at once and only looks busy for a while.
        operation.ended = True
        cluster.hidden["operation"] = operation.id
        self._azure.changed()
        state = "Updating" if known else "Creating"
        where = self._status(call, cluster, operation)
        return Reply(200 if known else 201, self.shown(cluster, state), {"Azure-AsyncOperation": where})

    async def delete(self, call: Call) -> Reply:
        """The cluster is going, and its issuer with it."""
        self._azure.group(call.parts["subscription"], call.parts["group"])
        self._settle()
        cluster = self._azure.state.get(call.path)
        if cluster is None:
            return Reply(204)
        operation = self._azure.begin(cluster.id, "delete", self._azure.options.cluster_operation)
        cluster.hidden["operation"] = operation.id
        self._azure.changed()
        where = self._status(call, cluster, operation)
        return Reply(202, None, {"Azure-AsyncOperation": where, "Location": where})

    async def operation(self, call: Call) -> Reply:
        """How far an operation on a cluster is."""
        self._settle()
        operation = self._azure.state.operations.get(call.parts["operation"])
        if operation is None:
            raise ArmError(
                404, "NotFound", f"Could not find operation: {call.parts['operation']}.", wrapped=False
            )
        body = {"name": operation.id, "status": "InProgress", "startTime": ids.instant(operation.began)}
        if self._azure.now() >= operation.due:
            body |= {"status": "Succeeded", "endTime": ids.instant(operation.due)}
        return Reply(body=body)

    def create(
        self, resource_id: str, location: str, *, oidc: bool = True, workload_identity: bool | None = True
    ) -> Resource:
        """A new cluster exists, with an issuer of its own."""
        parsed = self._azure.parsed(resource_id)
        own = parsed.id.replace("/resourceGroups/", "/resourcegroups/")
        now, name = self._azure.now(), parsed.names[0]
        tenant = self._azure.subscription(parsed.subscription).tenant
        properties = cluster_body.fresh(parsed.group, name, location)
        hidden = {
            "oidc": oidc,
            "workload_identity": workload_identity,
            "issuer": self._azure.new_guid(),
            "tenant": tenant,
        }
        extra: dict[str, Any] = {
            "sku": {"name": "Base", "tier": "Free"},
            "identity": {"type": "SystemAssigned", "principalId": self._azure.new_guid(), "tenantId": tenant},
        }
        made = Resource(own, TYPE, name, location, {}, properties, extra, hidden, now, now)
        self._azure.state.put(made)
        self._azure.changed()
        return made

    def rebuild(self, name: str) -> str:
        """The cluster of this name was deleted and made again: it has a new issuer, which is returned."""
        cluster = self.named(name)
        cluster.hidden["issuer"] = self._azure.new_guid()
        cluster.made = cluster.changed = self._azure.now()
        self._azure.changed()
        return self.issuer(cluster)

    def named(self, name: str) -> Resource:
        """The cluster of this name; KeyError when there is none."""
        for cluster in self.all():
            if cluster.name.lower() == name.lower():
                return cluster
        raise KeyError(f"no cluster {name!r}; there are {', '.join(c.name for c in self.all())}")

    def all(self) -> list[Resource]:
        """Every cluster."""
        self._settle()
        return [r for r in self._azure.state.resources.values() if r.type.lower() == TYPE.lower()]

    def issuer(self, cluster: Resource) -> str:
        """A cluster's issuer URL, with the slash that it ends in."""
        return f"{self._azure.base}/oidc/{cluster.hidden['tenant']}/{cluster.hidden['issuer']}/"

    def trusted(self, issuer: str) -> Resource | None:
        """The cluster that has exactly this issuer URL now."""
        return next((c for c in self.all() if c.hidden["oidc"] and self.issuer(c) == issuer), None)

    def shown(self, cluster: Resource, state: str | None = None) -> dict[str, Any]:
        """A cluster as ARM shows it."""
        oidc: dict[str, Any] = {"enabled": cluster.hidden["oidc"]}
        if cluster.hidden["oidc"]:
            oidc["issuerURL"] = self.issuer(cluster)
        workload = cluster.hidden["workload_identity"]
        security = {} if workload is None else {"workloadIdentity": {"enabled": workload}}
        state = state or self._state(cluster)
        if state == "Succeeded" and "identityProfile" not in cluster.properties:
            self.finish(cluster)
        properties = {
            **cluster_body.shown(cluster.properties, state),
            "securityProfile": {**cluster.hidden.get("security", {}), **security},
            "oidcIssuerProfile": oidc,
        }
        body = {
            "id": cluster.id,
            "location": cluster.location,
            "name": cluster.name,
            "type": "Microsoft.ContainerService/ManagedClusters",
        }
        tags = {"tags": cluster.tags} if cluster.tags else {}
        return {**body, **tags, "properties": properties, **cluster.extra}

    def finish(self, cluster: Resource) -> None:
        """The cluster has what it gets when its first operation is over."""
        subscription = self._azure.parsed(cluster.id).subscription
        cluster.properties = cluster_body.finished(
            cluster.properties, cluster.name, subscription, self._azure.new_guid
        )
        self._azure.changed()

    def _status(self, call: Call, cluster: Resource, operation: Operation) -> str:
        """Where to ask how far an operation is."""
        place = f"/subscriptions/{call.parts['subscription']}/providers/Microsoft.ContainerService/locations"
        return (
            f"{call.base}{place}/{cluster.location}/operations/{operation.id}?api-version={call.api_version}"
        )

    def _settle(self) -> None:
        """Clusters whose deletion is over are gone."""
        for operation in self._azure.state.operations.values():
            over = not operation.ended and self._azure.now() >= operation.due
            if over and operation.verb == "delete" and f"/{TYPE}/".lower() in operation.resource.lower():
                operation.ended = True
                self._azure.state.drop(operation.resource)
                self._azure.changed()

    def _state(self, cluster: Resource) -> str:
        operation = self._azure.state.operations.get(cluster.hidden.get("operation", ""))
        if operation and self._azure.now() < operation.due:
            if operation.verb == "delete":
                return "Deleting"
            return "Creating" if cluster.made == operation.began else "Updating"
        return "Succeeded"

    def _apply(self, cluster: Resource, body: dict[str, Any]) -> None:
        wanted = deepcopy(body.get("properties") or {})
        oidc = wanted.pop("oidcIssuerProfile", None) or {}
        security = wanted.pop("securityProfile", None) or {}
        workload = security.pop("workloadIdentity", None)
        if oidc.get("enabled") is False and cluster.hidden["oidc"]:
            raise ArmError(
                400,
                "OIDCIssuerFeatureCannotBeDisabled",
                "The OIDC issuer feature cannot be disabled.",
                wrapped=False,
            )
        cluster.hidden["oidc"] = cluster.hidden["oidc"] or oidc.get("enabled") is True
        if workload is not None:
            cluster.hidden["workload_identity"] = bool(workload.get("enabled"))
        cluster.hidden["security"] = security
        cluster.properties = cluster_body.merged(cluster.properties, wanted)
        cluster.extra |= {k: body[k] for k in ("sku", "kind") if body.get(k)}
        if "tags" in body:
            cluster.tags = checked_tags(body["tags"] or {})
        cluster.changed = self._azure.now()
