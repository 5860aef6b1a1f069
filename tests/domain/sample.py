"""The example catalog, and Azure as the sandbox's sample world has it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from bot.domain.draft import Found, Lookup
from bot.domain.roles import RESOURCE_TYPES, ROLES
from bot.domain.spec import ScopeKind
from bot.settings import load_catalog

ROOT = Path(__file__).parents[2]
CATALOG = load_catalog(ROOT / "deploy" / "catalog.example.yaml")
EVERY_ROLE = CATALOG.model_copy(update={"roles": tuple(role.key for role in ROLES)})
WORLD: dict[str, Any] = yaml.safe_load((ROOT / "sandbox" / "sample" / "world.yaml").read_text())["azure"]
SUBSCRIPTIONS = {s["name"]: s["id"] for s in WORLD["subscriptions"]}


def arm_id(thing: dict[str, Any], type_: str, rest: str = "") -> str:
    """The id of a resource of the sample world."""
    group = f"/subscriptions/{SUBSCRIPTIONS[thing['subscription']]}/resourceGroups/{thing['group']}"
    return f"{group}/providers/{type_}/{thing['name']}{rest}"


def found(kind: ScopeKind, thing: dict[str, Any], type_: str, rest: str = "") -> Found:
    """What the bot sees of it."""
    own = arm_id(thing, type_, rest)
    return Found(id=own, kind=kind, name=own.rsplit("/", 1)[-1])


def everything() -> tuple[Found, ...]:
    """Every vault, storage account and Service Bus of the sample world, with what lies in them."""
    seen = [found(ScopeKind.VAULT, v, "Microsoft.KeyVault/vaults") for v in WORLD["vaults"]]
    for account in WORLD["storage"]:
        type_ = "Microsoft.Storage/storageAccounts"
        seen.append(found(ScopeKind.STORAGE, account, type_))
        for name in account["containers"]:
            seen.append(
                found(ScopeKind.CONTAINER, account, type_, f"/blobServices/default/containers/{name}")
            )
    for bus in WORLD["servicebus"]:
        type_ = "Microsoft.ServiceBus/namespaces"
        seen.append(found(ScopeKind.SERVICE_BUS, bus, type_))
        seen += [found(ScopeKind.QUEUE, bus, type_, f"/queues/{name}") for name in bus["queues"]]
        for topic, subscriptions in bus.get("topics", {}).items():
            seen.append(found(ScopeKind.TOPIC, bus, type_, f"/topics/{topic}"))
            for name in subscriptions:
                inner = f"/topics/{topic}/subscriptions/{name}"
                seen.append(found(ScopeKind.TOPIC_SUBSCRIPTION, bus, type_, inner))
    return tuple(seen)


FOUND = everything()
LIKELY = {"kv": ScopeKind.VAULT, "st": ScopeKind.STORAGE, "sb": ScopeKind.SERVICE_BUS}


def as_if_there(wanted: Iterable[Lookup]) -> tuple[Found, ...]:
    """One resource for everything that is looked for, of the kind that its name says."""
    return tuple(_as_if_there(lookup) for lookup in wanted)


def _as_if_there(lookup: Lookup) -> Found:
    likely = LIKELY.get(lookup.name[:2])
    kind = likely if likely in lookup.kinds else lookup.kinds[0]
    namespace, *types = RESOURCE_TYPES[kind].split("/")
    names = [*([lookup.within or "somewhere"] if len(types) > 1 else []), *lookup.name.split("/")]
    if "Services" in "".join(types):
        names.insert(1, "default")
    pairs = "/".join(f"{type_}/{name}" for type_, name in zip(types, names, strict=False))
    own = f"/subscriptions/s/resourceGroups/g/providers/{namespace}/{pairs}"
    return Found(id=own, kind=kind, name=names[-1])
