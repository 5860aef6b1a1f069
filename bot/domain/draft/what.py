"""The words about what to do: verbs, nouns, roles, and the resources they go with."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.draft import who
from bot.domain.draft.addresses import names_in
from bot.domain.draft.items import Item, Part
from bot.domain.draft.nearness import nearest
from bot.domain.draft.progress import Progress
from bot.domain.draft.said import Group, Target
from bot.domain.draft.targets import complete, inherit_noun, looks_like_a_resource, target_of
from bot.domain.draft.words import DATA, NOUNS, SINGLE, VERBS
from bot.domain.roles import Action, Family

UNKNOWN_VERB = "I do not know what “{verb}” takes; {hint}"
WHICH = "“{one} or {other}”: please say which of the two, or “and” for both."


def acted(reading: Progress, item: Item) -> None:
    """A verb joins the verbs before it, or begins a new thing to do."""
    reading.preposition = None
    if reading.against:
        reading.refuse(item)
        return
    action, group = Action(item.value), reading.group
    weak = action is Action.USE and group is not None and group.actions and not group.targets
    if group is None or (not weak and (group.targets or (group.nouns and group.actions))):
        group = reading.begin()
    if action not in group.actions:
        group.actions.append(action)
    group.either = group.either or reading.joined is Part.OR
    group.items.append(item)
    reading.what = True


def roled(reading: Progress, item: Item) -> None:
    """A role by its name stands for verb and noun."""
    reading.preposition = None
    if reading.against:
        reading.refuse(item)
        return
    group = reading.group
    if group is None or group.targets or (group.actions and not group.is_vague):
        group = reading.begin()
    group.roles.append(item.value)
    group.items.append(item)
    reading.what = True


def noun(reading: Progress, item: Item) -> None:
    """A noun without a name narrows what the verbs can mean."""
    taken, reading.preposition = reading.preposition == "from", None
    if reading.is_against():
        reading.refuse(item)
        return
    group = reading.group
    if group is None or (group.targets and reading.joined is not None):
        group = reading.begin(inherit=group)
    group.nouns.append(item.value)
    group.taken = group.taken or taken
    group.items.append(item)
    reading.what = True


def named(reading: Progress, item: Item) -> None:
    """A run of names; of several words that nobody explains, only one that looks like a name is taken."""
    run = [item]
    while (following := reading.next()) is not None and following.part is Part.NAME:
        run.append(following)
        reading.at += 1
    before = reading.items[reading.at - len(run) - 1] if reading.at > len(run) else None
    if _stands_for_a_verb(reading, run, before):
        _unclear(reading, run.pop(0))
    likely = run if len(run) < 2 else [one for one in run if looks_like_a_name(one)]
    chosen = likely[0] if len(likely) == 1 else None
    reading.said.leftovers.extend(one for one in run if one is not chosen)
    if chosen is not None:
        _place(reading, chosen)
    reading.preposition = None


def _stands_for_a_verb(reading: Progress, run: Sequence[Item], before: Item | None) -> bool:
    """Whether a word that nobody knows stands where a verb should: `needs to rotate secrets`."""
    word, following = run[0], run[1] if len(run) > 1 else reading.next()
    if not word.value.isalpha() or word.sure or reading.against:
        return False
    infinitive = before is not None and (before.value == "to" or before.value.endswith(" to"))
    thing = following is not None and following.part in (Part.NOUN, Part.THING)
    if reading.needed:
        return infinitive or (thing and reading.account_said())
    # "… and to sned to queue orders"
    onward = following is not None and following.value in ("to", "from", "into")
    return infinitive and (onward or thing) and reading.account_said()


def _unclear(reading: Progress, item: Item) -> None:
    """The verb is asked about: whatever it goes with is no grant."""
    near = nearest(item.value, VERBS)
    hint = f"did you mean “{near}”?" if near else "please say it with read, write, send or receive."
    reading.said.problems.append(UNKNOWN_VERB.format(verb=item.value, hint=hint))
    group = reading.begin()
    group.unclear = True
    group.items.append(item)
    reading.what = True


def again(reading: Progress, group: Group) -> None:
    """`upload files to stshop and read them`: the same resource once more."""
    before = reading.said.groups[-2] if len(reading.said.groups) > 1 else None
    if before is None or not before.targets or group.targets or group.nouns or not group.actions:
        return
    group.targets = [replace(target) for target in before.targets]
    group.nouns = list(before.nouns)


def path(reading: Progress, item: Item) -> None:
    """Names with slashes: an account with its namespace, or a resource and what lies in it."""
    pieces = item.value.split("/")
    about_what = reading.what and reading.preposition not in ("for", "by") and reading.account_said()
    if reading.is_against():
        reading.refuse(item)
    elif about_what or (reading.what and looks_like_a_resource(pieces[0])):
        _target(reading, item, Target(resource=pieces[0], inner="/".join(pieces[1:])))
    else:
        who.account(reading, item, item.value, sure=True)
    reading.preposition = None


def thing(reading: Progress, item: Item) -> None:
    """A noun and its name: `queue orders`."""
    if reading.is_against():
        reading.refuse(item)
    elif reading.group is not None and _only_tells_where(reading.group, item):
        reading.said.leftovers.append(item)
    else:
        _target(reading, item, target_of(item.value, item.name))
    reading.preposition = None
    reading.what = True


def _only_tells_where(group: Group, item: Item) -> bool:
    """Whether a group or subscription is where the resource is, and not what is asked for."""
    if not group.targets or not group.targets[-1].resource:
        return False
    if item.value in ("group", "azure subscription"):
        return True
    nouns = [*group.nouns, *(t.inner_noun or t.resource_noun or "" for t in group.targets)]
    bus = any(Family.BUS in NOUNS[noun].families for noun in nouns if noun)
    return item.value == "topic subscription" and not bus and Action.RECEIVE not in group.actions


def identified(reading: Progress, item: Item) -> None:
    """A full ARM id."""
    if reading.is_against():
        reading.refuse(item.as_(Part.NAME, names_in(item.value)[-1]))
    else:
        _target(reading, item, Target(resource=item.value))
    reading.preposition = None
    reading.what = True


def looks_like_a_name(item: Item) -> bool:
    """Whether somebody wrote it as a name, or no English word looks like it."""
    return item.sure or not item.value.isalpha()


def _place(reading: Progress, item: Item) -> None:
    """A name without a label: what it is depends on where it stands."""
    word, group = reading.preposition, reading.group
    resource_like = looks_like_a_resource(item.value) and reading.account_said()
    if reading.is_against():
        reading.refuse(item)
    elif word in ("for", "by") or not (reading.what or (resource_like and word not in ("on", "at"))):
        who.place(reading, item)
    elif (
        group is not None and group.targets and group.targets[-1].resource and reading.joined is None and word
    ):
        _after_resource(reading, item, word, group)
    elif group is None and not reading.account_said() and not looks_like_a_resource(item.value):
        reading.said.apps.append(item.value)
        reading.what = False
    elif word is None and not _is_object(reading, item):
        reading.said.leftovers.append(item)
    else:
        _target(reading, item, Target(resource=item.value, direct=word is None))


def _is_object(reading: Progress, item: Item) -> bool:
    """Whether a name without a preposition is what a verb is for, and not just any English word."""
    group, following = reading.group, reading.next()
    if looks_like_a_name(item) or looks_like_a_resource(item.value):
        return True
    if reading.joined is Part.AND and group is not None and group.targets:
        last = group.targets[-1]
        return bool(last.inner_noun or last.resource_noun) or (last.resource or "").isalpha()
    if following is not None and following.part is Part.NOUN and NOUNS[following.value].data:
        return False  # "read payment secrets": an adjective
    if group is None or not group.items or group.targets or reading.joined is not None:
        return False
    return not (near := _near_noun(item)) or _misspelt(reading, item, near)


def _near_noun(item: Item) -> str | None:
    return nearest(item.value, DATA) if len(item.value) > 4 else None


def _misspelt(reading: Progress, item: Item, near: str) -> bool:
    """Always False: `secerts` is no resource, and what was meant is asked."""
    reading.said.problems.append(f"“{item.value}”: did you mean “{near}”?")
    if reading.group is not None:
        reading.group.unclear = True
    return False


def _after_resource(reading: Progress, item: Item, word: str, group: Group) -> None:
    """`… from kv-payments in payments`, `… from orders in sb-shop`, `… to payments-api`."""
    said, target = reading.said, group.targets[-1]
    alone = not target.inner and target.resource_noun is None
    chain = alone and (target.direct or word in (*who.PLACES, "on", "at"))
    placed = group.taken and not target.direct and any(NOUNS[noun].data for noun in group.nouns)
    inward = looks_like_a_resource(item.value) and not looks_like_a_resource(target.resource or "")
    if word in ("on", "at") and not said.clusters and not (chain and inward):
        who.on(reading, item)
    elif word in who.PLACES and not said.namespaces and not (chain and (inward or not placed)):
        who.within(reading, item)
    elif chain and (inward or not looks_like_a_resource(target.resource or "")):
        _put_inside(group, item)
    elif word in ("to", "from") and not reading.account_said():
        said.apps.append(item.value)
    else:
        said.leftovers.append(item)


def _put_inside(group: Group, item: Item) -> None:
    """What was named so far lies in the resource that is named now."""
    single = SINGLE.get(group.nouns[-1]) if group.nouns else None
    last = group.targets[-1]
    for target in group.targets:
        together = target is last or (target.direct and last.direct)
        if together and not target.inner and target.resource_noun is None:
            target.inner, target.resource, target.inner_noun = target.resource, item.value, single
    group.items.append(item)


def _is_explained(reading: Progress) -> bool:
    """Whether the verbs just before tell what the resource before them is for, and a new one begins.

    `access to kv-payments to read secrets, and to sb-shop to send messages`
    """
    groups = reading.said.groups
    if reading.joined is None or len(groups) < 2:
        return False
    before, last = groups[-2:]
    return before.is_vague and bool(before.targets) and bool(last.actions) and not last.targets


def _target(reading: Progress, item: Item, target: Target) -> None:
    """A resource joins the thing to do: it completes the one before, or stands beside it."""
    group = reading.begin() if reading.group is None or _is_explained(reading) else reading.group
    group.taken = group.taken or reading.preposition == "from"
    group.items.append(item)
    last = group.targets[-1] if group.targets else None
    if last is not None and reading.joined is Part.OR:
        one = last.names[-1] if last.names else "…"
        reading.said.problems.append(WHICH.format(one=one, other=target.names[-1]))
        last.resource = last.inner = None
        return
    if last is None or not complete(group.targets, target, reading.joined):
        inherit_noun(last, target, reading.joined)
        group.targets.append(target)
