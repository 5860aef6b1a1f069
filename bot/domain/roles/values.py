"""What is known of a role."""

from enum import StrEnum
from typing import Literal

from bot.domain.spec import ScopeKind
from bot.domain.value import Value


class Action(StrEnum):
    """What a workload wants to do, as people say it; `USE` says nothing more."""

    READ = "read"
    WRITE = "write"
    SEND = "send"
    RECEIVE = "receive"
    ENCRYPT = "encrypt"
    USE = "use"


class Family(StrEnum):
    """What a role gives access to."""

    SECRETS = "secrets"
    CERTIFICATES = "certificates"
    KEYS = "keys"
    BLOBS = "blobs"
    STORAGE_QUEUES = "storage queues"
    TABLES = "tables"
    BUS = "service bus"
    HUBS = "event hubs"
    GRID = "event grid"
    SETTINGS = "app configuration"
    IMAGES = "container images"
    METRICS = "metrics"
    COSMOS = "cosmos db"


class Role(Value):
    """A built-in role: our key for it, its definition's GUID, Azure's name, and what it is good for.

    `lets` goes before a scope: "can read every secret of" key vault kv-payments; `lets_one` where the
    scope is a single secret, key or certificate. `kinds` are the scopes that make sense, widest first.
    `includes` are the keys of roles whose every right this one gives. `below` warns about scopes
    narrower than the recommended one. Roles of plane `cosmos` are given by Cosmos DB itself.
    """

    key: str
    id: str
    name: str
    lets: str
    lets_one: str = ""
    family: Family
    actions: tuple[Action, ...]
    kinds: tuple[ScopeKind, ...]
    recommended: ScopeKind
    includes: tuple[str, ...] = ()
    below: tuple[tuple[ScopeKind, str], ...] = ()
    note: str = ""
    plane: Literal["arm", "cosmos"] = "arm"

    def does(self, action: Action) -> bool:
        """Whether somebody who says this can mean the role."""
        return action is Action.USE or action in self.actions

    def warning(self, kind: ScopeKind) -> str | None:
        """What stops working when it is given on a scope of this kind; None when nothing does."""
        return next((text for below, text in self.below if below is kind), None)

    def is_wider_than_recommended(self, kind: ScopeKind) -> bool:
        """Whether a narrower scope than this one is the usual one."""
        return kind in self.kinds and self.kinds.index(kind) < self.kinds.index(self.recommended)
