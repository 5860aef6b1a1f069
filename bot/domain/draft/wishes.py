"""What was said to be done → wishes: each verb with each resource, and the roles that it can mean."""

import itertools
from collections.abc import Iterable, Sequence

from bot.domain.draft.addresses import is_id
from bot.domain.draft.said import Group, Target, families_of
from bot.domain.draft.targets import INNER
from bot.domain.draft.values import Wish
from bot.domain.draft.words import NOUNS
from bot.domain.roles import ROLES, Action, Family, role, scope_kind_of
from bot.domain.spec import ScopeKind


def wishes_of(groups: Sequence[Group], text: str, offered: Iterable[str]) -> tuple[Wish, ...]:
    """Every wish in the groups, in the order said. A group that says nothing gives none."""
    known = frozenset(offered)
    made: list[Wish] = []
    for group in shared(groups):
        for target in group.targets or [Target()]:
            made += _wishes(group, target, text, known)
    return tuple(dict.fromkeys(made))


def shared(groups: Sequence[Group]) -> list[Group]:
    """The groups, with what one of them leaves to another: verbs, resources, the Service Bus of a queue."""
    merged: list[Group] = []
    for group in groups:
        if merged and _belong_together(merged[-1], group):
            _merge(merged[-1], group)
        else:
            merged.append(group)
    for group, following in itertools.pairwise(merged):
        _share_place(group, following)
    return [g for g in merged if not g.unclear and (g.targets or g.nouns or g.roles or not g.is_vague)]


def _belong_together(first: Group, second: Group) -> bool:
    """`access to kv-payments to read secrets`, `to read secrets it needs access to kv-payments`."""
    if first.is_vague and first.targets and not second.targets and not second.inherits:
        return True
    waits = not first.targets and not first.is_vague
    return waits and second.is_vague and bool(second.targets) and not second.inherits


def _merge(first: Group, second: Group) -> None:
    actions = [*first.actions, *second.actions]
    first.actions = [a for a in actions if a is not Action.USE] or actions
    first.nouns += second.nouns
    first.targets += second.targets
    first.roles += second.roles
    first.taken = first.taken or second.taken
    first.items += second.items


def _share_place(group: Group, following: Group) -> None:
    """`receive from queue orders and send to topic events in sb-shop` means one Service Bus."""
    place = following.targets[0] if following.targets else None
    if place is None or not place.resource or not place.inner or not place.inner_noun:
        return
    for target in group.targets:
        alike = target.inner_noun and NOUNS[target.inner_noun].families & NOUNS[place.inner_noun].families
        if alike and not target.resource:
            target.resource, target.resource_noun = place.resource, place.resource_noun


def _wishes(group: Group, target: Target, text: str, offered: frozenset[str]) -> Iterable[Wish]:
    said = _said(group, text)
    kinds = _kinds(target, group)
    if group.roles:
        for key in group.roles:
            fitting = tuple(k for k in kinds if k in role(key).kinds)
            yield _wish(said, (), (key,), target, fitting or kinds)
        return
    nouns = [*group.nouns, *(n for n in (target.resource_noun, target.inner_noun) if n)]
    families = _families(families_of(nouns), target)
    choices = [tuple(group.actions)] if group.either else [(a,) for a in _actions(group)]
    for actions in choices:
        roles = candidates(actions, families, kinds, offered)
        fitting = tuple(k for k in kinds if any(k in role(r).kinds for r in roles))
        yield _wish(said, actions, roles, target, fitting or kinds)


def _wish(
    said: str,
    actions: tuple[Action, ...],
    roles: tuple[str, ...],
    target: Target,
    kinds: tuple[ScopeKind, ...],
) -> Wish:
    return Wish(
        said=said, actions=actions, roles=roles, resource=target.resource, inner=target.inner, kinds=kinds
    )


def with_target(wish: Wish, target: Target, group: Group) -> Wish:
    """The wish on the resource that was asked for, as far as its roles can be given on such a one."""
    kinds = _kinds(target, group) or tuple(k for k in wish.kinds if not target.inner or k in INNER)
    roles = tuple(key for key in wish.roles if not kinds or set(kinds) & set(role(key).kinds)) or wish.roles
    fitting = tuple(k for k in kinds if any(k in role(key).kinds for key in roles))
    return wish.model_copy(
        update={"resource": target.resource, "inner": target.inner, "kinds": fitting, "roles": roles}
    )


def _said(group: Group, text: str) -> str:
    if not group.items:
        return ""
    start, end = min(i.start for i in group.items), max(i.end for i in group.items)
    return " ".join(text[start:end].split())[:200]


def _actions(group: Group) -> tuple[Action, ...]:
    """The verbs; taking something from somewhere is reading, and "access" adds nothing to another verb."""
    strong = tuple(a for a in group.actions if a is not Action.USE)
    if strong:
        return strong
    return (Action.READ,) if group.taken and Action.USE not in group.actions else (Action.USE,)


def _families(families: frozenset[Family] | None, target: Target) -> frozenset[Family] | None:
    """What an id says of the families is certain."""
    if target.resource and is_id(target.resource):
        kind = scope_kind_of(target.resource)
        certain = frozenset(r.family for r in ROLES if kind in r.kinds)
        return certain & families if families and certain & families else certain or families
    return families


def _kinds(target: Target, group: Group) -> tuple[ScopeKind, ...]:
    """What the scope can be: as the innermost noun says, or the id."""
    if target.inner:
        nouns = [target.inner_noun] if target.inner_noun else [n for n in group.nouns if NOUNS[n].kinds]
        return tuple(kind for noun in nouns for kind in NOUNS[noun].kinds)
    if target.resource and is_id(target.resource):
        return (scope_kind_of(target.resource),)
    nouns = [target.resource_noun] if target.resource_noun else [n for n in group.nouns if not NOUNS[n].data]
    return tuple(dict.fromkeys(kind for noun in nouns for kind in NOUNS[noun].kinds))


def candidates(
    actions: Sequence[Action],
    families: frozenset[Family] | None,
    kinds: Sequence[ScopeKind],
    offered: frozenset[str],
) -> tuple[str, ...]:
    """The roles that the words can mean: those on offer, or all of them where none is on offer."""
    meant = [
        r
        for r in ROLES
        if (families is None or r.family in families)
        and any(r.does(action) for action in actions)
        and (not kinds or any(kind in r.kinds for kind in kinds) or not families)
    ]
    if tuple(actions) == (Action.RECEIVE,):
        # Somebody who receives from a storage queue also takes the messages off it; reading only peeks.
        meant = [r for r in meant if r.family is not Family.STORAGE_QUEUES or Action.RECEIVE in r.actions]
    keys = tuple(r.key for r in meant)
    return tuple(key for key in keys if key in offered) or keys


def settled(wishes: Iterable[Wish]) -> tuple[Wish, ...]:
    """The wishes without those that another one includes: who may write blobs may read them."""
    kept = tuple(dict.fromkeys(wishes))
    wider = [w for w in kept if not any(_includes(other, w) for other in kept)]
    return tuple(dict.fromkeys(_with_verbs(w, [o for o in kept if _includes(w, o)]) for w in wider))


def _includes(wider: Wish, wish: Wish) -> bool:
    same = (wider.resource, wider.inner, wider.scope) == (wish.resource, wish.inner, wish.scope)
    if not same or len(wider.roles) != 1 or len(wish.roles) != 1:
        return False
    return wish.roles[0] in role(wider.roles[0]).includes


def _with_verbs(wish: Wish, included: Sequence[Wish]) -> Wish:
    """The wish with the verbs of those that it includes, so that "read only" finds them again."""
    verbs = {a for one in (wish, *included) for a in one.actions}
    return wish.model_copy(update={"actions": tuple(a for a in Action if a in verbs)}) if included else wish
