"""What this Azure's services have in common: state, time, chance, rights, and the gateway's checks."""

import uuid
from typing import Any

from sandbox.arm import errors, ids
from sandbox.arm.access import Access
from sandbox.arm.model import Operation, Resource, State, Subscription
from sandbox.arm.options import Options
from sandbox.world import World

REMEMBERED = 86_400


class Azure:
    """One Azure of a world."""

    def __init__(self, world: World, state: State, options: Options) -> None:
        self.world = world
        self.options = options
        self.state = state
        self.access = Access(state, options, self.now)

    def use(self, state: State) -> None:
        """This is its state from now on."""
        self.state = state
        self.access = Access(state, self.options, self.now)

    @property
    def base(self) -> str:
        """Its own address, without a slash at the end."""
        return self.world.public.get("tls", "https://localhost:8443").rstrip("/")

    @property
    def tenant(self) -> str:
        """The tenant of its first subscription: home."""
        return next(iter(self.state.tenants))

    def now(self) -> float:
        """The present moment in seconds since 1970."""
        return self.world.clock.now().timestamp()

    def new_guid(self) -> str:
        """A GUID that a seed repeats."""
        return str(uuid.UUID(int=self.world.rng.getrandbits(128), version=4))

    def changed(self) -> None:
        """Its state differs from what is on disk."""
        if "arm" in self.world.services:
            self.world.changed("arm")

    def subscription(self, subscription_id: str) -> Subscription:
        """The subscription of this id; 404 when there is none."""
        found = self.state.subscriptions.get(subscription_id.lower())
        if found is None:
            raise errors.subscription_not_found(subscription_id)
        return found

    def group(self, subscription_id: str, name: str) -> Resource:
        """The resource group; 404 when there is none."""
        self.subscription(subscription_id)
        found = self.state.get(f"/subscriptions/{subscription_id}/resourceGroups/{name}")
        if found is None:
            raise errors.group_not_found(name)
        return found

    def resource(self, resource_id: str) -> Resource:
        """The resource; 404 in the gateway's words when it, its parent or its group does not exist."""
        self.parent(resource_id, "read")
        found = self.state.get(resource_id)
        if found is None:
            raise self.missing(resource_id)
        return found

    def parent(self, resource_id: str, verb: str) -> None:
        """Return if what the resource is nested in exists: its group and outer resource."""
        parsed = self.parsed(resource_id)
        self.group(parsed.subscription, parsed.group)
        if (outer := parsed.parent) and self.state.get(outer.id) is None:
            raise errors.parent_not_found(verb, "/".join(parsed.types), outer.id)

    def target(self, scope: str) -> None:
        """Return if a scope exists: the tenant, a subscription, a group or a resource."""
        subscription = ids.subscription_of(scope)
        if subscription is None:
            return
        self.subscription(subscription)
        if group := ids.group_of(scope):
            self.group(subscription, group)
        parsed = ids.parse(scope)
        if parsed and not self._known(parsed):
            raise self.missing(scope)

    def _known(self, parsed: ids.ResourceId) -> bool:
        # Role assignments may be on things that ARM itself does not list, such as one secret: the
        # outermost resource decides.
        outer = parsed
        while outer.parent:
            outer = outer.parent
        return self.state.get(outer.id) is not None

    def missing(self, resource_id: str) -> errors.ArmError:
        """The gateway's 404 for this resource."""
        parsed = self.parsed(resource_id)
        return errors.resource_not_found(parsed.relative, parsed.group)

    def parsed(self, resource_id: str) -> ids.ResourceId:
        """The id taken apart; 404 when it is none."""
        parsed = ids.parse(resource_id)
        if parsed is None:
            raise errors.path_not_found(resource_id)
        return parsed

    def begin(
        self, resource: str, verb: str, seconds: float, body: dict[str, Any] | None = None
    ) -> Operation:
        """A long-running operation is under way."""
        began = self.now()
        known = self.state.operations
        self.state.operations = {k: o for k, o in known.items() if not o.ended or o.due + REMEMBERED > began}
        operation = Operation(self.new_guid(), resource, verb, began + seconds, began, body)
        self.state.operations[operation.id] = operation
        return operation
