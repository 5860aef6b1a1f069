"""Resource ids and scopes: how they are compared, taken apart and called by people."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

GUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
RESOURCE = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)"
    r"/providers/(?P<namespace>[^/]+)/(?P<rest>.+)",
    re.IGNORECASE,
)
GROUP = re.compile(r"/subscriptions/[^/]+/resourcegroups/(?P<group>[^/]+)", re.IGNORECASE)
SUBSCRIPTION = re.compile(r"/subscriptions/(?P<subscription>[^/]+)", re.IGNORECASE)


@dataclass(frozen=True)
class ResourceId:
    """A resource's id taken apart; `types` and `names` go from the outside in."""

    subscription: str
    group: str
    namespace: str
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def type(self) -> str:
        """Its full type: `Microsoft.ServiceBus/namespaces/queues`."""
        return "/".join((self.namespace, *self.types))

    @property
    def relative(self) -> str:
        """Its full type and names as ARM's messages give them: `Microsoft.KeyVault/vaults/kv`."""
        pairs = zip(self.types, self.names, strict=True)
        return "/".join((self.namespace, *(f"{kind}/{name}" for kind, name in pairs)))

    @property
    def group_id(self) -> str:
        """The id of the group that holds it."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"

    @property
    def id(self) -> str:
        """The id put together again."""
        return f"{self.group_id}/providers/{self.relative}"

    @property
    def parent(self) -> "ResourceId | None":
        """The resource that it is nested in, if any."""
        if len(self.names) == 1:
            return None
        return ResourceId(self.subscription, self.group, self.namespace, self.types[:-1], self.names[:-1])


def key(resource_id: str) -> str:
    """One spelling for ids that mean the same: lower case, one leading slash, none at the end."""
    return "/" + resource_id.strip("/").lower()


def same(one: str, other: str) -> bool:
    """Whether two ids name the same thing."""
    return key(one) == key(other)


def parse(resource_id: str) -> ResourceId | None:
    """A resource's id taken apart; None when it is no resource in a group."""
    match = RESOURCE.fullmatch("/" + resource_id.strip("/"))
    if match is None:
        return None
    parts = match["rest"].split("/")
    if len(parts) % 2 or not all(parts):
        return None
    return ResourceId(
        match["subscription"], match["group"], match["namespace"], tuple(parts[::2]), tuple(parts[1::2])
    )


def contains(outer: str, inner: str) -> bool:
    """Whether something at the scope `inner` is at, or below, the scope `outer`."""
    if key(outer) == "/":
        return True
    return key(inner) == key(outer) or key(inner).startswith(key(outer) + "/")


def lineage(scope: str) -> Iterator[str]:
    """The keys of every scope that contains this one, itself first, the tenant's root last."""
    here = key(scope)
    while here != "/":
        yield here
        here = _above(here)
    yield "/"


def _above(here: str) -> str:
    parts = here.strip("/").split("/")
    if len(parts) <= 2:
        return "/"
    if len(parts) >= 4 and parts[-4] == "providers":
        return "/" + "/".join(parts[:-4])
    return "/" + "/".join(parts[:-2])


def subscription_of(scope: str) -> str | None:
    """The subscription's id in a scope, if there is one."""
    match = SUBSCRIPTION.match("/" + scope.strip("/"))
    return match["subscription"].lower() if match else None


def group_of(scope: str) -> str | None:
    """The resource group's name in a scope, if there is one."""
    match = GROUP.match("/" + scope.strip("/"))
    return match["group"] if match else None


def is_guid(text: object) -> bool:
    """Whether it is a GUID, with or without hyphens."""
    return isinstance(text, str) and GUID.fullmatch(text) is not None


def guid(text: str) -> str:
    """A GUID in its usual spelling."""
    return str(uuid.UUID(text))


def bare(text: str) -> str:
    """A GUID without its hyphens, as the role service's messages have it."""
    return text.replace("-", "").lower()


def moment(at: float) -> datetime:
    """A moment given in seconds since 1970."""
    return datetime.fromtimestamp(at, UTC)


def instant(at: float) -> str:
    """A moment as ARM writes it: seven decimals and a Z."""
    return f"{moment(at):%Y-%m-%dT%H:%M:%S}.{moment(at).microsecond:06d}0Z"
