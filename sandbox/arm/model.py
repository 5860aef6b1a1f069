"""What exists in this Azure, as values that survive a restart."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sandbox.arm import ids

PrincipalType = Literal["ServicePrincipal", "User", "Group"]


@dataclass
class Resource:
    """Anything with a resource id in a group, nested or not; `made` and `changed` in seconds since 1970."""

    id: str
    type: str
    name: str
    location: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    """What stands beside the properties in its JSON: kind, sku, identity."""
    hidden: dict[str, Any] = field(default_factory=dict)
    """What the sandbox knows of it and never shows: an issuer's id, a secret's value."""
    made: float = 0.0
    changed: float = 0.0


@dataclass
class Principal:
    """Somebody or something that can hold a role."""

    id: str
    type: PrincipalType
    name: str
    tenant: str
    app_id: str = ""
    secret: str = ""
    members: list[str] = field(default_factory=list)
    resource: str = ""
    """The managed identity's resource id, if it is one."""
    application: str = ""
    """The object id of its application, if it is one of an application."""
    federated: list[dict[str, Any]] = field(default_factory=list)
    """Its application's own federated credentials."""
    enabled: bool = True
    made: float = 0.0


@dataclass
class Subscription:
    """A subscription and the tenant that it trusts."""

    id: str
    name: str
    tenant: str


@dataclass
class Assignment:
    """One role given to one principal on one scope."""

    name: str
    scope: str
    role: str
    """The role definition's GUID."""
    principal_id: str
    principal_type: PrincipalType
    condition: str | None = None
    condition_version: str | None = None
    description: str | None = None
    delegated: str | None = None
    created_by: str | None = None
    updated_by: str | None = None
    made: float = 0.0
    changed: float = 0.0
    ended: float | None = None
    """When it was deleted; it lasts a little longer than that."""

    @property
    def id(self) -> str:
        """Its own id."""
        outer = "" if self.scope == "/" else self.scope
        return f"{outer}/providers/Microsoft.Authorization/roleAssignments/{self.name}"


@dataclass
class RoleDefinition:
    """A custom or built-in role."""

    name: str
    role_name: str
    description: str | None = None
    custom: bool = True
    scopes: list[str] = field(default_factory=lambda: ["/"])
    permissions: list[dict[str, list[str]]] = field(default_factory=list)
    created_by: str | None = None
    made: float = 0.0
    changed: float = 0.0


@dataclass
class Lock:
    """A management lock; `level` is CanNotDelete or ReadOnly."""

    name: str
    scope: str
    level: str
    notes: str = ""

    @property
    def id(self) -> str:
        """Its own id."""
        return f"{self.scope}/providers/Microsoft.Authorization/locks/{self.name}"


@dataclass
class Deny:
    """A deny assignment: it takes actions away from everybody but the excluded."""

    name: str
    display: str
    scope: str
    actions: list[str] = field(default_factory=list)
    not_actions: list[str] = field(default_factory=list)
    data_actions: list[str] = field(default_factory=list)
    not_data_actions: list[str] = field(default_factory=list)
    principals: list[str] = field(default_factory=list)
    """Object ids; empty means everybody."""
    excluded: list[str] = field(default_factory=list)
    only_here: bool = False

    @property
    def id(self) -> str:
        """Its own id."""
        return f"{self.scope}/providers/Microsoft.Authorization/denyAssignments/{self.name}"


@dataclass
class Policy:
    """An Azure Policy assignment with the one definition that it assigns."""

    name: str
    display: str
    scope: str
    condition: dict[str, Any]
    """The rule's `if`, in Azure Policy's own JSON."""
    effect: str
    """deny, modify or audit."""
    operations: list[dict[str, Any]] = field(default_factory=list)
    """Of `modify`: {operation, field, value}."""
    reason: str = ""
    exempt: list[str] = field(default_factory=list)
    """Scopes at which it does not apply."""

    @property
    def id(self) -> str:
        """The assignment's id."""
        return f"{self.scope}/providers/Microsoft.Authorization/policyAssignments/{self.name}"


@dataclass
class Operation:
    """A long-running operation: its effect happens when it is first looked at after `due`."""

    id: str
    resource: str
    verb: str
    due: float
    began: float
    body: dict[str, Any] | None = None
    ended: bool = False
    failure: dict[str, Any] | None = None


@dataclass
class State:
    """The whole of it. Dictionaries are by key: `ids.key(id)`, or the object's own id."""

    tenants: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    principals: dict[str, Principal] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    roles: dict[str, RoleDefinition] = field(default_factory=dict)
    """Custom roles only."""
    locks: dict[str, Lock] = field(default_factory=dict)
    denies: list[Deny] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    operations: dict[str, Operation] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    """What the data planes hold, by the id of its place in lower case."""
    keys: dict[str, str] = field(default_factory=dict)
    """Private signing keys (PEM) by the id of their issuer."""

    def __post_init__(self) -> None:
        self._held: dict[str, dict[str, Assignment]] = defaultdict(dict)
        for assignment in self.assignments.values():
            self._held[assignment.principal_id][ids.key(assignment.id)] = assignment

    def put(self, resource: Resource) -> Resource:
        """The resource exists as it is given."""
        self.resources[ids.key(resource.id)] = resource
        return resource

    def get(self, resource_id: str) -> Resource | None:
        """The resource of this id, in whatever case it is written."""
        return self.resources.get(ids.key(resource_id))

    def below(self, scope: str, kind: str | None = None) -> Iterator[Resource]:
        """The resources below a scope, of one type or of all, in the order of their ids."""
        start = ids.key(scope).rstrip("/") + "/"
        wanted = kind.lower() if kind else None
        for found in sorted(k for k in self.resources if k.startswith(start)):
            if wanted in (None, self.resources[found].type.lower()):
                yield self.resources[found]

    def drop(self, resource_id: str) -> None:
        """The resource and all that is nested in it are gone; role assignments on them, too."""
        gone = ids.key(resource_id)
        for found in [k for k in self.resources if k == gone or k.startswith(gone + "/")]:
            del self.resources[found]
        for found in [k for k, a in self.assignments.items() if ids.contains(gone, a.scope)]:
            self.unassign(found)
        for found in [k for k, lock in self.locks.items() if ids.contains(gone, lock.scope)]:
            del self.locks[found]

    def assign(self, assignment: Assignment) -> Assignment:
        """The role assignment exists as it is given."""
        self.assignments[ids.key(assignment.id)] = assignment
        self._held[assignment.principal_id][ids.key(assignment.id)] = assignment
        return assignment

    def unassign(self, assignment_id: str) -> None:
        """The role assignment is gone for good."""
        if gone := self.assignments.pop(ids.key(assignment_id), None):
            self._held[gone.principal_id].pop(ids.key(assignment_id), None)

    def held_by(self, principal_id: str) -> list[Assignment]:
        """The role assignments of one principal, also those that are ending."""
        return list(self._held.get(principal_id, {}).values())

    def snapshot(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return asdict(self)

    @classmethod
    def restored(cls, saved: dict[str, Any]) -> "State":
        """The state that a snapshot was taken of."""
        kinds = {
            "subscriptions": Subscription, "resources": Resource, "principals": Principal,
            "assignments": Assignment, "roles": RoleDefinition, "locks": Lock, "operations": Operation,
        }  # fmt: skip
        values = dict(saved)
        for name, kind in kinds.items():
            values[name] = {k: kind(**v) for k, v in saved[name].items()}
        values["denies"] = [Deny(**v) for v in saved["denies"]]
        values["policies"] = [Policy(**v) for v in saved["policies"]]
        return cls(**values)
