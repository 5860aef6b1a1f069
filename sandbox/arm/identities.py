"""Microsoft.ManagedIdentity/userAssignedIdentities (azure.md section 1.2)."""

import re
from typing import Any

from sandbox.arm import errors, ids, paging
from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.model import Principal, Resource
from sandbox.arm.routing import Call, Reply, Route

TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"
# The rules of the name are Microsoft's: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{2,127}", re.IGNORECASE)
TAGS, TAG_NAME, TAG_VALUE = 50, 512, 256
ONLY_PREVIEWS = ("2021-09-30-preview", "2022-01-31-preview")


class Identities:
    """The user-assigned managed identities."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def routes(self) -> list[Route]:
        """Its paths."""
        subscription = "/subscriptions/{subscription}"
        group = subscription + "/resourceGroups/{group}"
        one = f"{group}/providers/{TYPE}/{{name}}"
        return [
            Route("GET", "/providers/Microsoft.ManagedIdentity/operations", self.operations, ""),
            Route("GET", f"{subscription}/providers/{TYPE}", self.listed, TYPE + "/read", subscription),
            Route("GET", f"{group}/providers/{TYPE}", self.listed, TYPE + "/read", group),
            Route("GET", one, self.get, TYPE + "/read"),
            Route("PUT", one, self.put, TYPE + "/write"),
            Route("PATCH", one, self.patch, TYPE + "/write"),
            Route("DELETE", one, self.delete, TYPE + "/delete"),
            Route(
                "POST",
                one + "/listAssociatedResources",
                self.associated,
                TYPE + "/listAssociatedResources/action",
            ),
        ]

    async def operations(self, call: Call) -> Reply:
        """The actions that this provider knows."""
        nested = f"{TYPE}/federatedIdentityCredentials"
        names = [f"{kind}/{verb}" for kind in (TYPE, nested) for verb in ("read", "write", "delete")]
        return Reply(body={"value": [{"name": name, "display": _display(name)} for name in names]})

    async def listed(self, call: Call) -> Reply:
        """The identities of a group or a subscription, a page at a time."""
        if "group" in call.parts:
            scope = self._azure.group(call.parts["subscription"], call.parts["group"]).id
        else:
            scope = f"/subscriptions/{call.parts['subscription']}"
        found = [shown(r) for r in self._azure.state.below(scope, TYPE)]
        return paging.page(call, found, self._azure.options.page_size)

    async def get(self, call: Call) -> Reply:
        """One identity."""
        return Reply(body=shown(self._azure.resource(call.path)))

    async def put(self, call: Call) -> Reply:
        """The identity exists with these tags: 201 and a new principal when it did not, else 200."""
        self._azure.group(call.parts["subscription"], call.parts["group"])
        body = call.object()
        known = self._azure.state.get(call.path)
        if not body.get("location") and known is None:
            raise ArmError(
                400,
                "LocationRequired",
                "The location property is required for this definition.",
                gateway=True,
            )
        if known is not None:
            return self._updated(known, body, replace_tags=True)
        made = self._made(call, body)
        return Reply(201, shown(made), {"Location": made.id})

    async def patch(self, call: Call) -> Reply:
        """The identity has these tags."""
        return self._updated(self._azure.resource(call.path), call.object(), replace_tags=False)

    async def delete(self, call: Call) -> Reply:
        """The identity, its credentials and its principal are gone; what it was granted stays behind."""
        self._azure.group(call.parts["subscription"], call.parts["group"])
        gone = self._azure.state.get(call.path)
        if gone is None:
            return Reply(204)
        self._azure.state.drop(gone.id)
        self._azure.state.principals.pop(gone.properties["principalId"], None)
        self._azure.changed()
        return Reply(200)

    async def associated(self, call: Call) -> Reply:
        """The resources that use it; only early previews had this."""
        if call.api_version.lower() not in ONLY_PREVIEWS:
            raise errors.not_allowed(call.method, call.path)
        self._azure.resource(call.path.rpartition("/")[0])
        return Reply(body={"value": [], "totalCount": 0})

    def _updated(self, known: Resource, body: dict[str, Any], *, replace_tags: bool) -> Reply:
        location = body.get("location")
        if location and _region(location) != _region(known.location):
            raise errors.location_changed(known.name, known.location, location)
        # A PUT without tags keeps those that are there, as recorded; an empty object clears them.
        if body.get("tags") is not None:
            known.tags = checked_tags(body["tags"])
        if replace_tags and (scope := _isolation(body)):
            known.properties["isolationScope"] = scope
        known.changed = self._azure.now()
        self._azure.changed()
        return Reply(200, shown(known))

    def _made(self, call: Call, body: dict[str, Any]) -> Resource:
        name = call.parts["name"]
        if not NAME.fullmatch(name):
            raise errors.name_invalid(
                name,
                "The name must be 3 to 128 letters, digits, hyphens or underscores and start with a letter "
                "or digit.",
            )
        self._check_room(call)
        tenant = self._azure.subscription(call.parts["subscription"]).tenant
        return self.create(
            call.path, body["location"], checked_tags(body.get("tags") or {}), tenant, _isolation(body)
        )

    def create(
        self, resource_id: str, location: str, tags: dict[str, str], tenant: str, isolation: str | None = None
    ) -> Resource:
        """A new identity with a new principal exists."""
        parsed = self._azure.parsed(resource_id)
        now = self._azure.now()
        properties = {
            "tenantId": tenant,
            "principalId": self._azure.new_guid(),
            "clientId": self._azure.new_guid(),
        }
        if isolation:
            properties["isolationScope"] = isolation
        # The identity provider writes its ids with this case, whatever was sent.
        own = parsed.id.replace("/resourceGroups/", "/resourcegroups/")
        made = Resource(own, TYPE, parsed.names[0], location, tags, properties, made=now, changed=now)
        self._azure.state.put(made)
        self._azure.state.principals[properties["principalId"]] = Principal(
            properties["principalId"], "ServicePrincipal", made.name, tenant,
            app_id=properties["clientId"], resource=own, made=now,
        )  # fmt: skip
        self._azure.changed()
        return made

    def _check_room(self, call: Call) -> None:
        group = f"/subscriptions/{call.parts['subscription']}/resourceGroups/{call.parts['group']}"
        limit = self._azure.options.identities_per_group
        if sum(1 for _ in self._azure.state.below(group, TYPE)) >= limit:
            raise ArmError(
                409,
                "ResourceGroupQuotaExceeded",
                f"The number of resources of type '{TYPE}' in the resource group '{call.parts['group']}' has "
                "reached "
                f"its limit of {limit}. Please delete some resources of this type before creating a new one. "
                "For more "
                "details please go to https://aka.ms/resource-group-limits.",
                gateway=True,
            )


def shown(identity: Resource) -> dict[str, Any]:
    """An identity as ARM shows it."""
    return {
        "location": identity.location,
        "tags": identity.tags,
        "id": identity.id,
        "name": identity.name,
        "type": TYPE,
        "properties": identity.properties,
    }


def _display(action: str) -> dict[str, str]:
    kind, _, verb = action.rpartition("/")
    said = {"read": "Get", "write": "Create or update", "delete": "Delete"}[verb]
    return {
        "provider": "Microsoft Managed Identity",
        "resource": kind.rsplit("/", 1)[1],
        "operation": said,
        "description": f"{said} one of {kind}",
    }


def checked_tags(tags: Any) -> dict[str, str]:
    """The tags if they keep to ARM's limits; 400 when they do not."""
    if not isinstance(tags, dict) or not all(isinstance(v, str) for v in tags.values()):
        raise errors.invalid_content("tags must be an object of strings")
    if len(tags) > TAGS:
        raise errors.bad_request(
            f"The tag count '{len(tags)}' exceeds the maximum of '{TAGS}'.", "InvalidTagCount"
        )
    for name, value in tags.items():
        if not name or len(name) > TAG_NAME or re.search(r"[<>%&\\?/]", name):
            raise errors.bad_request(
                f"Tag name '{name}' is invalid: at most {TAG_NAME} characters, none of <>%&\\?/.",
                "InvalidTagNameCharacters",
            )
        if len(value) > TAG_VALUE:
            raise errors.bad_request(
                f"The value of tag '{name}' is too long: at most {TAG_VALUE} characters.",
                "InvalidTagValueLength",
            )
    return dict(tags)


def _isolation(body: dict[str, Any]) -> str | None:
    scope: str | None = (body.get("properties") or {}).get("isolationScope")
    return scope


def _region(location: str) -> str:
    return location.replace(" ", "").lower()


def in_case(resource_id: str) -> str:
    """An id with the identity provider's own case."""
    parsed = ids.parse(resource_id)
    return parsed.id.replace("/resourceGroups/", "/resourcegroups/") if parsed else resource_id
