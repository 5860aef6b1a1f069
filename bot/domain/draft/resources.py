"""From names to resources: what to look for in Azure, and which of the answers a wish can mean."""

from collections.abc import Sequence

from bot.domain.draft.addresses import TOO_WIDE, is_id, names_in
from bot.domain.draft.targets import INNER
from bot.domain.draft.values import Draft, Found, Lookup, Wish
from bot.domain.roles import role, scope_kind_of
from bot.domain.spec import Scope, ScopeKind

# What Azure's lists do not show, and where it lies: the id is written from the one that holds it.
DERIVED: dict[ScopeKind, tuple[ScopeKind, str]] = {
    ScopeKind.SECRET: (ScopeKind.VAULT, "secrets"),
    ScopeKind.KEY: (ScopeKind.VAULT, "keys"),
    ScopeKind.CERTIFICATE: (ScopeKind.VAULT, "certificates"),
}
HOLDERS: dict[ScopeKind, ScopeKind] = {
    **{kind: holder for kind, (holder, _) in DERIVED.items()},
    ScopeKind.CONTAINER: ScopeKind.STORAGE,
    ScopeKind.STORAGE_QUEUE: ScopeKind.STORAGE,
    ScopeKind.STORAGE_TABLE: ScopeKind.STORAGE,
    ScopeKind.QUEUE: ScopeKind.SERVICE_BUS,
    ScopeKind.TOPIC: ScopeKind.SERVICE_BUS,
    ScopeKind.TOPIC_SUBSCRIPTION: ScopeKind.SERVICE_BUS,
    ScopeKind.EVENT_HUB: ScopeKind.EVENT_HUBS,
    ScopeKind.COSMOS_DATABASE: ScopeKind.COSMOS,
    ScopeKind.COSMOS_CONTAINER: ScopeKind.COSMOS,
}
"""The top-level resource that each inner kind lies in."""


def lookups(draft: Draft) -> tuple[Lookup, ...]:
    """What to look for, so that `resolve` can settle the scopes; nothing twice."""
    wanted = [lookup for wish in draft.wishes if wish.scope is None for lookup in _lookups(wish)]
    return tuple(dict.fromkeys(wanted))


def _lookups(wish: Wish) -> list[Lookup]:
    if wish.resource and is_id(wish.resource):
        names, kind = names_in(wish.resource), scope_kind_of(wish.resource)
        if kind in TOO_WIDE or kind is ScopeKind.OTHER:
            return []
        if kind in DERIVED:
            return [Lookup(name=names[0], kinds=(DERIVED[kind][0],))]
        return [
            Lookup(
                name="/".join(names[1:]) or names[0], kinds=(kind,), within=names[0] if names[1:] else None
            )
        ]
    listed = tuple(k for k in kinds_of(wish) if k not in DERIVED)
    derived = tuple(dict.fromkeys(DERIVED[k][0] for k in kinds_of(wish) if k in DERIVED))
    wanted = []
    if wish.inner:
        if listed:
            wanted.append(Lookup(name=wish.inner, kinds=listed, within=wish.resource))
        if derived and wish.resource:
            wanted.append(Lookup(name=wish.resource, kinds=derived))
        if wish.resource:
            holders = tuple(dict.fromkeys(HOLDERS[k] for k in listed))
            wanted += [Lookup(name=wish.resource, kinds=holders)] if holders else []
    elif wish.resource and listed:
        wanted.append(Lookup(name=wish.resource, kinds=listed))
    return wanted


def kinds_of(wish: Wish) -> tuple[ScopeKind, ...]:
    """What the scope can be: as the words say, within what the roles can be given on."""
    possible = tuple(dict.fromkeys(kind for key in wish.roles for kind in role(key).kinds))
    said = tuple(k for k in wish.kinds if k in possible)
    if wish.inner:
        return tuple(k for k in said or possible if k in INNER)
    # Somebody who says "queue" or "container" means that; a bare name may be anything but a secret.
    return said or tuple(k for k in possible if k not in DERIVED)


def fits(wish: Wish, found: Sequence[Found]) -> tuple[Found, ...]:
    """The resources that a wish can mean, each once."""
    each: dict[str, Found] = {}
    for one in found:
        if candidate := _fitting(wish, one):
            each.setdefault(candidate.id.casefold(), candidate)
    return tuple(each.values())


def _fitting(wish: Wish, found: Found) -> Found | None:
    """The resource as the wish means it, or the secret in it; None when it is another one."""
    names = [name.casefold() for name in names_in(found.id)]
    if wish.resource and is_id(wish.resource):
        return _by_id(wish.resource, found)
    kinds = kinds_of(wish)
    wanted = [part.casefold() for part in (wish.inner or "").split("/") if part]
    if not wanted:
        return found if found.kind in kinds and names[-1] == (wish.resource or "").casefold() else None
    if wish.resource and names[0] != wish.resource.casefold():
        return None
    if found.kind in kinds and names[-len(wanted) :] == wanted and len(names) > len(wanted):
        return found
    kind = next((k for k in kinds if k in DERIVED and DERIVED[k][0] is found.kind), None)
    if kind is None or not wish.resource or len(wanted) != 1:
        return None
    return Found(
        id=f"{found.id}/{DERIVED[kind][1]}/{wish.inner}", kind=kind, name=wish.inner or "", parent=found.id
    )


def _by_id(resource_id: str, found: Found) -> Found | None:
    if found.id.casefold() == resource_id.casefold():
        return found
    kind = scope_kind_of(resource_id)
    if kind in DERIVED and resource_id.casefold().startswith(found.id.casefold() + "/"):
        name = names_in(resource_id)[-1]
        return Found(id=f"{found.id}/{DERIVED[kind][1]}/{name}", kind=kind, name=name, parent=found.id)
    return None


def scope_of(wish: Wish, found: Found) -> Scope:
    """The scope that a found resource is: its id as Azure wrote it, its names from the outside in."""
    return Scope(id=found.id, kind=found.kind, name="/".join(names_in(found.id)))
