"""What a reaction on a card means: an approval, a rejection, or a refusal that says why."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.catalog import Approvers, Catalog
from bot.domain.lifecycle import REVIEW_LASTS
from bot.domain.people import People, PersonSeen
from bot.domain.plan import Plan
from bot.domain.request import Approval, Card, IdentityRequest, Reaction, State
from bot.domain.spec import Person, Spec

APPROVE = "white_check_mark"
REJECT = "no_entry"
LOOKALIKES = ("heavy_check_mark", "ballot_box_with_check", "+1", "thumbsup", "heavy_plus_sign", "ok_hand")
DECIDABLE = (State.REVIEWED, State.APPROVED)


def plain_name(reaction: str) -> str:
    """A reaction's name without its skin tone: `+1::skin-tone-3` is `+1`."""
    return reaction.split("::", maxsplit=1)[0]


def approvers_of(spec: Spec, catalog: Catalog) -> tuple[Approvers, ...]:
    """Whose yes is needed: one entry for each cluster of the spec, without repeats."""
    clusters = (catalog.cluster(w.cluster) for w in spec.workloads)
    return tuple(dict.fromkeys(c.approvers for c in clusters if c))


def hold_of(spec: Spec, catalog: Catalog) -> timedelta:
    """How long an approval rests before it begins: the longest of the spec's clusters."""
    clusters = (catalog.cluster(w.cluster) for w in spec.workloads)
    return timedelta(seconds=max((c.hold_seconds for c in clusters if c), default=0))


def decide(record: IdentityRequest, people: People, catalog: Catalog, now: datetime) -> IdentityRequest:
    """The record with every reaction weighed that had come in, in Slack's own order."""
    waiting = sorted(record.reactions[record.weighed :], key=lambda r: float(r.at))
    decided = record.model_copy(update={"weighed": len(record.reactions)})
    for reaction in waiting:
        decided = _weigh(decided, reaction, people, catalog, now)
    return decided


def _weigh(
    record: IdentityRequest, reaction: Reaction, people: People, catalog: Catalog, now: datetime
) -> IdentityRequest:
    name, user = plain_name(reaction.name), reaction.person.user
    if name not in (APPROVE, REJECT):
        hint = reaction.added and name in LOOKALIKES and record.state is State.REVIEWED
        return record.tell("refused_approval", only_for=user, reason="lookalike") if hint else record
    if not reaction.added:
        return _taken_back(record, reaction, people, catalog, now) if name == APPROVE else record
    if record.card is None or reaction.card != record.card.ts:
        return _refuse(record, reaction, "void_card", now)
    if record.state not in DECIDABLE:
        return _refuse(record, reaction, "too_late", now)
    if reason := refusal(record, reaction.person, people, catalog):
        return _refuse(record, reaction, reason, now)
    if name == REJECT:
        return _reject(record, reaction, now)
    return _approve(record, reaction, people, catalog, now)


def refusal(record: IdentityRequest, person: Person, people: People, catalog: Catalog) -> str | None:
    """Why this person's word does not count, or None when it does. Whatever is not known refuses."""
    seen = people.seen.get(person.user)
    if seen is None:
        return "unknown_person"
    if reason := _account(seen, person, record.requester):
        return reason
    if person.user == record.requester.user:
        return "requester"
    if person.user in record.authors:
        return "author"
    if record.spec is None:
        return "void_card"
    needed = approvers_of(record.spec, catalog)
    if any(a.group and a.group not in people.groups and person.user not in a.people for a in needed):
        return "group_unreadable"
    return None if any(_is_in(person.user, a, people) for a in needed) else "not_in_group"


def _account(seen: PersonSeen, person: Person, requester: Person) -> str | None:
    """What about the account itself refuses it."""
    if seen.deleted:
        return "deactivated"
    if seen.is_bot:
        return "bot"
    if seen.stranger:
        return "stranger"
    if seen.guest:
        return "guest"
    home = requester.team in (seen.team, *seen.teams) and requester.enterprise == seen.enterprise
    return None if home else "other_workspace"


def _is_in(user: str, approvers: Approvers, people: People) -> bool:
    return user in approvers.people or user in people.groups.get(approvers.group or "", frozenset())


def _refuse(record: IdentityRequest, reaction: Reaction, reason: str, now: datetime) -> IdentityRequest:
    user = reaction.person.user
    noted = record.note(now, "reaction refused", user, reaction=plain_name(reaction.name), reason=reason)
    return noted.tell("refused_approval", only_for=user, reason=reason)


def _approve(
    record: IdentityRequest, reaction: Reaction, people: People, catalog: Catalog, now: datetime
) -> IdentityRequest:
    assert record.card is not None
    mine = Approval(person=reaction.person, digest=record.card.digest, at=reaction.at)
    others = tuple(a for a in record.approvals if a.person.user != reaction.person.user)
    noted = record.evolve(approvals=(*others, mine)).note(
        now, "approved", reaction.person.user, digest=record.card.digest
    )
    if record.state is State.APPROVED or not is_enough(noted, standing(noted), people, catalog):
        return noted
    return _approved(noted, catalog, now)


def is_enough(record: IdentityRequest, given: Iterable[Approval], people: People, catalog: Catalog) -> bool:
    """Whether of each cluster's approvers as many as are needed there said yes."""
    assert record.spec is not None
    users = {a.person.user for a in given}
    wanted = approvers_of(record.spec, catalog)
    return bool(wanted) and all(sum(_is_in(user, a, people) for user in users) >= a.needed for a in wanted)


def _approved(record: IdentityRequest, catalog: Catalog, now: datetime) -> IdentityRequest:
    assert record.spec is not None
    hold = hold_of(record.spec, catalog)
    until = now + hold if hold else None
    decided = record.evolve(state=State.APPROVED, hold_until=until, expires=None)
    noted = decided.note(now, "decision: approved", digest=record.card.digest if record.card else "")
    return noted.tell("approved") if hold else noted


def standing(record: IdentityRequest) -> tuple[Approval, ...]:
    """The approvals of the digest that the card shows."""
    card = record.card
    return tuple(a for a in record.approvals if card and a.digest == card.digest)


def needed(spec: Spec, catalog: Catalog) -> int:
    """How many people must say yes where most are asked for."""
    return max((a.needed for a in approvers_of(spec, catalog)), default=1)


def _taken_back(
    record: IdentityRequest, reaction: Reaction, people: People, catalog: Catalog, now: datetime
) -> IdentityRequest:
    user = reaction.person.user
    card = record.card
    mine = next((a for a in record.approvals if a.person.user == user), None)
    # Slack promises no order: by its own time, a removal before the approval is an older one.
    if card is None or reaction.card != card.ts or mine is None or float(reaction.at) < float(mine.at):
        return record
    if record.state not in DECIDABLE:
        return record.note(now, "approval taken back too late", user).tell("too_late", only_for=user)
    left = tuple(a for a in record.approvals if a.person.user != user)
    noted = record.evolve(approvals=left).note(now, "approval taken back", user)
    if record.state is State.APPROVED and not is_enough(noted, standing(noted), people, catalog):
        return _waits_again(noted, now).tell("approval_taken_back", by=user)
    return noted


def _waits_again(record: IdentityRequest, now: datetime) -> IdentityRequest:
    return record.evolve(state=State.REVIEWED, hold_until=None, expires=now + REVIEW_LASTS)


def _reject(record: IdentityRequest, reaction: Reaction, now: datetime) -> IdentityRequest:
    user = reaction.person.user
    rejected = record.evolve(
        state=State.REJECTED, rejected_by=reaction.person, approvals=(), hold_until=None, expires=None
    )
    noted = rejected.note(now, "decision: rejected", user, digest=record.card.digest if record.card else "")
    return noted.tell("rejected_ask_reason", mention=(user,), by=user)


def confirm(
    record: IdentityRequest,
    reactions: Iterable[tuple[str, str]],
    people: People,
    plan: Plan,
    catalog: Catalog,
    now: datetime,
) -> IdentityRequest:
    """The record after the second look: provisioning, or back where a person must look again.

    `reactions` are all (name, user) pairs that stand on the card at this moment; an approval counts
    only while its reaction is there and its person may still approve.
    """
    if record.state is not State.APPROVED or record.card is None:
        return record
    there = {user for name, user in reactions if plain_name(name) == APPROVE}
    still = tuple(
        a
        for a in standing(record)
        if a.person.user in there and refusal(record, a.person, people, catalog) is None
    )
    if plan.digest != record.card.digest:
        return another_digest(record, plan, now)
    if not is_enough(record, still, people, catalog):
        gone = sorted({a.person.user for a in standing(record)} - {a.person.user for a in still})
        back = _waits_again(record.evolve(approvals=still), now)
        return back.note(now, "approval gone at the second look", None, people=gone).tell(
            "approval_taken_back", by=gone[0] if gone else None
        )
    begun = record.evolve(state=State.PROVISIONING, plan=plan, hold_until=None, progress={})
    return begun.note(now, "provisioning begins", digest=plan.digest)


def another_digest(record: IdentityRequest, plan: Plan, now: datetime) -> IdentityRequest:
    """Back to review with a new card: what was approved is not what would happen now."""
    back = show(record, plan, now)
    noted = back.note(now, "world changed before the first effect", digest=plan.digest)
    return noted.tell("digest_changed", before=record.plan.digest if record.plan else "", after=plan.digest)


def show(record: IdentityRequest, plan: Plan, now: datetime) -> IdentityRequest:
    """Reviewed, with a new card for this plan; every card before it is void and no approval stands."""
    void = tuple(c.model_copy(update={"void": True}) for c in record.cards)
    return record.evolve(
        state=State.REVIEWED,
        plan=plan,
        cards=(*void, Card(digest=plan.digest)),
        approvals=(),
        hold_until=None,
        expires=now + REVIEW_LASTS,
    )
