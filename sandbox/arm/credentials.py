"""Federated identity credentials of user-assigned identities (azure.md section 1.3)."""

import re
from typing import Any

from sandbox.arm import errors, ids, paging
from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.identities import TYPE as IDENTITY
from sandbox.arm.identities import in_case
from sandbox.arm.model import Resource
from sandbox.arm.routing import Call, Reply, Route

TYPE = f"{IDENTITY}/federatedIdentityCredentials"
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,119}")
LONGEST = 600
FLEXIBLE = ("2025-01-31-preview", "2025-05-31-preview")
NEEDED = (
    "The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and "
    "'audience'."
)


class Credentials:
    """The credentials of every identity; one identity's are written one after another."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure
        self._writing: set[str] = set()

    def routes(self) -> list[Route]:
        """Its paths."""
        identity = (
            f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{IDENTITY}/{{identity}}"
        )
        all_of, one = (
            f"{identity}/federatedIdentityCredentials",
            f"{identity}/federatedIdentityCredentials/{{name}}",
        )
        return [
            Route("GET", all_of, self.listed, TYPE + "/read"),
            Route("GET", one, self.get, TYPE + "/read"),
            Route("PUT", one, self.put, TYPE + "/write"),
            Route("DELETE", one, self.delete, TYPE + "/delete"),
        ]

    async def listed(self, call: Call) -> Reply:
        """The credentials of one identity."""
        identity = self._identity(call, "read")
        found = [shown(r) for r in self._azure.state.below(identity.id, TYPE)]
        return paging.page(call, found, self._azure.options.page_size)

    async def get(self, call: Call) -> Reply:
        """One credential; its absence is told by the provider and not by the gateway, in other words."""
        self._identity(call, "read")
        found = self._azure.state.get(call.path)
        if found is None:
            raise ArmError(404, "NotFound", f"Resource '{in_case(call.path)}' was not found.")
        return Reply(body=shown(found))

    async def put(self, call: Call) -> Reply:
        """The credential is as given: 201 when it is new, else 200."""
        identity = self._identity(call, "write")
        properties = self._checked(call)
        await self._alone(identity)
        known = self._azure.state.get(call.path)
        self._check_pair(identity, call.path, properties)
        if known is None:
            self._check_room(identity)
            made = self.create(f"{identity.id}/federatedIdentityCredentials/{call.parts['name']}", properties)
            return Reply(201, shown(made), {"Location": made.id})
        if known.properties != properties:
            known.properties, known.changed = properties, self._azure.now()
            self._azure.changed()
        return Reply(200, shown(known))

    async def delete(self, call: Call) -> Reply:
        """The credential is gone."""
        identity = self._identity(call, "delete")
        await self._alone(identity)
        if self._azure.state.get(call.path) is None:
            return Reply(204)
        self._azure.state.drop(call.path)
        self._azure.changed()
        return Reply(200)

    def create(self, resource_id: str, properties: dict[str, Any]) -> Resource:
        """A new credential exists."""
        now = self._azure.now()
        name = resource_id.rsplit("/", 1)[1]
        made = Resource(resource_id, TYPE, name, properties=properties, made=now, changed=now)
        self._azure.state.put(made)
        self._azure.changed()
        return made

    def _identity(self, call: Call, verb: str) -> Resource:
        subscription, group = call.parts["subscription"], call.parts["group"]
        inside = f"/subscriptions/{subscription}/resourceGroups/{group}/providers"
        wanted = f"{inside}/{IDENTITY}/{call.parts['identity']}"
        found = self._azure.state.get(wanted)
        if found is None:
            # As recorded: a delete misses the parent even where the whole group is gone.
            if verb == "read":
                self._azure.group(subscription, group)
            raise errors.parent_not_found(verb, TYPE.split("/", 1)[1], wanted)
        return found

    async def _alone(self, identity: Resource) -> None:
        """Return when this write had the identity to itself; 409 when another is under way."""
        if identity.id in self._writing:
            raise _concurrent(identity, self._azure.options.conflict_retry_after)
        self._writing.add(identity.id)
        try:
            await self._azure.world.clock.sleep(self._azure.options.credential_write)
        finally:
            self._writing.discard(identity.id)

    def _checked(self, call: Call) -> dict[str, Any]:
        if not NAME.fullmatch(call.parts["name"]):
            raise errors.bad_request(f"Federated Identity Credential name '{call.parts['name']}' is invalid.")
        properties = call.object().get("properties")
        if not properties:
            raise errors.bad_request("Federated Identity Credential from HTTP body has empty properties")
        fields = ("issuer", "subject", "audiences")
        if "claimsMatchingExpression" in properties and call.api_version.lower() in FLEXIBLE:
            fields = ("issuer", "claimsMatchingExpression", "audiences")
        if not all(properties.get(name) for name in fields):
            raise errors.bad_request(NEEDED)
        _check_values(properties)
        return {name: properties[name] for name in fields}

    def _check_pair(self, identity: Resource, path: str, properties: dict[str, Any]) -> None:
        for other in self._azure.state.below(identity.id, TYPE):
            same = all(other.properties.get(n) == properties.get(n) for n in ("issuer", "subject"))
            if same and "subject" in properties and not ids.same(other.id, path):
                raise ArmError(
                    409,
                    "Conflict",
                    "Issuer and subject combination already exists for this Managed Identity.",
                )

    def _check_room(self, identity: Resource) -> None:
        limit = self._azure.options.credentials_per_identity
        if sum(1 for _ in self._azure.state.below(identity.id, TYPE)) >= limit:
            # The limit is documented, its wording is not (azure.md section 7).
            raise errors.bad_request(
                f"Too many Federated Identity Credentials for the managed identity '{identity.id}'. "
                f"The maximum is {limit}."
            )


def shown(credential: Resource) -> dict[str, Any]:
    """A credential as ARM shows it."""
    return {"properties": credential.properties, "id": credential.id, "name": credential.name, "type": TYPE}


def _check_values(properties: dict[str, Any]) -> None:
    audiences = properties["audiences"]
    if not isinstance(audiences, list) or len(audiences) != 1:
        raise errors.bad_request("Federated identity credentials must have exactly one audience.")
    for name, value in (
        ("issuer", properties["issuer"]),
        ("subject", properties.get("subject", "")),
        ("audience", audiences[0]),
    ):
        if not isinstance(value, str) or len(value) > LONGEST:
            raise errors.bad_request(
                f"The {name} of a Federated Identity Credential is at most {LONGEST} characters."
            )


def _concurrent(identity: Resource, retry_after: int) -> ArmError:
    whose = ids.parse(identity.id)
    assert whose is not None
    named = (
        f"/subscriptions/{whose.subscription}/resourcegroups/{whose.group}/providers/"
        f"microsoft.managedidentity/userassignedidentities/{whose.names[0]}"
    )
    return ArmError(
        409,
        "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
        "Too many Federated Identity Credentials are written concurrently for the managed identity "
        f"'{named}'. "
        "Concurrent Federated Identity Credentials writes under the same managed identity are not supported.",
        headers={"Retry-After": str(retry_after)} if retry_after else {},
    )
