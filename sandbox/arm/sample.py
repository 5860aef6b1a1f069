"""A world's `azure` section as resources, principals and rights."""

from typing import Any

from sandbox.arm import ids, roles
from sandbox.arm.clusters import TYPE as CLUSTER
from sandbox.arm.clusters import Clusters
from sandbox.arm.core import Azure
from sandbox.arm.cosmos_body import ACCOUNT
from sandbox.arm.identities import TYPE as IDENTITY
from sandbox.arm.identities import Identities
from sandbox.arm.model import (
    Assignment,
    Deny,
    Lock,
    Policy,
    Principal,
    Resource,
    RoleDefinition,
    Subscription,
)
from sandbox.arm.scopes import GROUPS
from sandbox.arm.targets import TARGETS

COSMOS_ROLE = "Identity bot: Cosmos DB role assignments"
# What the bot needs, on each subscription, where the sample does not say.
CALLER_ROLES = (
    "Reader",
    "Managed Identity Contributor",
    "Role Based Access Control Administrator",
    COSMOS_ROLE,
)
LONG_AGO = 400 * 86_400


class Sample:
    """Builds a state out of a sample; everything in it has been there for long."""

    def __init__(self, azure: Azure, sample: dict[str, Any]) -> None:
        self._azure = azure
        self._sample = sample
        # Somebody who was there before: who made the sample's assignments.
        self._administrator = azure.new_guid()
        self._since = azure.now() - LONG_AGO
        self._subscriptions = {s["name"]: s for s in sample.get("subscriptions", ())}

    def build(self) -> None:
        """The azure's state is as the sample says."""
        state, sample = self._azure.state, self._sample
        state.tenants[sample["tenant"]] = sample.get("tenant_name", "Shop")
        for tenant in sample.get("tenants", ()):
            state.tenants[tenant["id"]] = tenant["name"]
        for found in self._subscriptions.values():
            own = found["id"].lower()
            state.subscriptions[own] = Subscription(own, found["name"], found.get("tenant", sample["tenant"]))
        caller = sample["caller"]
        self._principal(caller["object_id"], "ServicePrincipal", caller, caller["client_id"])
        self.extend(sample)
        self._rights()

    def extend(self, section: dict[str, Any]) -> None:
        """What a section in the sample's form names is there, too: resources, principals, obstacles."""
        for group in section.get("groups", ()):
            self._put(self._group_id(group), GROUPS, group, {"provisioningState": "Succeeded"})
        self._principals(section)
        self._clusters(section)
        self._identities(section)
        for kind, shape in TARGETS.items():
            for wanted in section.get(kind, ()):
                self._target(shape, wanted)
        for grant in section.get("assignments", ()):
            self._give(grant["principal"], grant)
        self._obstacles(section)

    def _principals(self, section: dict[str, Any]) -> None:
        for person in section.get("people", ()):
            self._principal(person["id"], "User", person)
        for app in section.get("applications", ()):
            made = self._principal(app["object_id"], "ServicePrincipal", app, app["client_id"])
            made.secret, made.application = app.get("secret", ""), app.get("application_id", "")
        for group in section.get("directory_groups", ()):
            made = self._principal(group["id"], "Group", group)
            made.members = list(group.get("members", ()))

    def _principal(self, oid: str, kind: Any, named: dict[str, Any], app_id: str = "") -> Principal:
        tenant = named.get("tenant", self._sample["tenant"])
        made = Principal(oid, kind, named["name"], tenant, app_id=app_id, made=self._since)
        self._azure.state.principals[oid] = made
        return made

    def _clusters(self, section: dict[str, Any]) -> None:
        clusters = Clusters(self._azure)
        for wanted in section.get("clusters", ()):
            own = f"{self._group_id(wanted, 'group')}/providers/{CLUSTER}/{wanted['name']}"
            made = clusters.create(
                own,
                wanted["location"],
                oidc=wanted.get("oidc", True),
                workload_identity=wanted.get("workload_identity", True) or None,
            )
            clusters.finish(made)
            made.made = made.changed = self._since

    def _identities(self, section: dict[str, Any]) -> None:
        service = Identities(self._azure)
        for wanted in section.get("identities", ()):
            own = f"{self._group_id(wanted, 'group')}/providers/{IDENTITY}/{wanted['name']}"
            tenant = self._azure.subscription(ids.subscription_of(own) or "").tenant
            made = service.create(own, wanted["location"], dict(wanted.get("tags", {})), tenant)
            drawn = self._azure.state.principals.pop(made.properties["principalId"])
            made.properties["principalId"] = drawn.id = wanted.get("object_id", drawn.id)
            made.properties["clientId"] = drawn.app_id = wanted.get("client_id", drawn.app_id)
            made.made = made.changed = drawn.made = self._since
            self._azure.state.principals[drawn.id] = drawn

    def _target(self, shape: Any, wanted: dict[str, Any]) -> None:
        group = self._group_id(wanted, "group")
        tenant = self._azure.subscription(ids.subscription_of(group) or "").tenant
        for resource in shape(group, wanted, tenant):
            resource.made = resource.changed = self._since
            self._azure.state.put(resource)

    def _rights(self) -> None:
        for subscription in self._azure.state.subscriptions:
            self._cosmos_role(f"/subscriptions/{subscription}")
        caller = self._sample["caller"]
        home = self._sample["tenant"]
        own = [s["name"] for s in self._subscriptions.values() if s.get("tenant", home) == home]
        default = [{"role": role, "scope": name} for name in own for role in CALLER_ROLES]
        for grant in caller.get("grants", default):
            self._give(caller["object_id"], grant)

    def _cosmos_role(self, scope: str) -> None:
        kinds = (
            "sqlRoleAssignments/read",
            "sqlRoleAssignments/write",
            "sqlRoleAssignments/delete",
            "sqlRoleDefinitions/read",
            "read",
        )
        actions = [f"{ACCOUNT}/{kind}" for kind in kinds]
        known = next((r for r in self._azure.state.roles.values() if r.role_name == COSMOS_ROLE), None)
        if known:
            known.scopes.append(scope)
            return
        permission = {"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}
        made = RoleDefinition(
            self._azure.new_guid(), COSMOS_ROLE, "Gives and takes back data roles of Cosmos DB accounts.",
            True, [scope], [permission], made=self._since, changed=self._since,
        )  # fmt: skip
        self._azure.state.roles[made.name] = made

    def _give(self, principal: str, grant: dict[str, Any]) -> None:
        known, condition = self._azure.state.principals[principal], grant.get("condition")
        given = Assignment(
            self._azure.new_guid(),
            self.scope(grant["scope"]),
            self._role(grant["role"]),
            principal,
            known.type,
            condition=condition,
            condition_version="2.0" if condition else None,
            created_by=self._administrator,
            updated_by=self._administrator,
            made=self._since,
            changed=self._since,
        )
        self._azure.state.assign(given)

    def _role(self, named: str) -> str:
        every = {**roles.built_in(), **self._azure.state.roles}
        for role in every.values():
            if named.lower() in (role.role_name.lower(), role.name.lower()):
                return role.name
        raise ValueError(
            f"the sample gives the role {named!r}, which is not known; add it to sandbox/arm/roles.py"
        )

    def _obstacles(self, section: dict[str, Any]) -> None:
        for lock in section.get("locks", ()):
            made = Lock(lock["name"], self.scope(lock["scope"]), lock["level"], lock.get("notes", ""))
            self._azure.state.locks[ids.key(made.id)] = made
        for deny in section.get("denies", ()):
            fields = {k: v for k, v in deny.items() if k != "scope"}
            self._azure.state.denies.append(
                Deny(name=self._azure.new_guid(), scope=self.scope(deny["scope"]), **fields)
            )
        for policy in section.get("policies", ()):
            fields = {k: v for k, v in policy.items() if k != "scope"}
            self._azure.state.policies.append(Policy(scope=self.scope(policy["scope"]), **fields))

    def scope(self, named: str) -> str:
        """A scope's id, of an id or of `subscription/group/resource`, of which the end may be left out."""
        if named.startswith("/"):
            return named
        subscription, *rest = named.split("/")
        outer = f"/subscriptions/{self._subscriptions[subscription]['id'].lower()}"
        if not rest:
            return outer
        group = f"{outer}/resourceGroups/{rest[0]}"
        if len(rest) == 1:
            return group
        for resource in self._azure.state.below(group):
            if resource.name == rest[1] and resource.type.count("/") == 1:
                return resource.id
        raise ValueError(f"the sample names the scope {named!r}, and there is no such resource in it")

    def _group_id(self, wanted: dict[str, Any], key: str = "name") -> str:
        subscription = self._subscriptions.get(wanted["subscription"])
        if subscription is None:
            raise ValueError(
                f"the sample names the subscription {wanted['subscription']!r}, which it does not have"
            )
        return f"/subscriptions/{subscription['id'].lower()}/resourceGroups/{wanted[key]}"

    def _put(self, own: str, kind: str, wanted: dict[str, Any], properties: dict[str, Any]) -> None:
        self._azure.state.put(
            Resource(own, kind, wanted["name"], wanted["location"], dict(wanted.get("tags", {})), properties,
                     made=self._since, changed=self._since)
        )  # fmt: skip
