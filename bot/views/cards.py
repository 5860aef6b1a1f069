"""The card: one message that shows one digest, is approved by a reaction and redrawn as it goes on.

The head is short, of bounded length, and says what matters in five seconds. The details have the same room
in every state, so that what did not fit and was posted in the thread stays the same when the card is redrawn.
"""

from datetime import datetime

from bot.domain import approval
from bot.domain.catalog import Catalog
from bot.domain.plan import Plan, issuer_of
from bot.domain.request import ENDED, Card, IdentityRequest
from bot.errors import AskAgain
from bot.views.blocks import (
    MESSAGE,
    Block,
    Shown,
    context,
    divider,
    facts,
    header,
    pages,
    paragraph,
    quote,
    shown,
    size,
    title,
)
from bot.views.details import details
from bot.views.progress import duration, progress
from bot.views.standing import approvers, standing
from bot.views.steps import allows
from bot.views.words import Bold, Line, Link, User, counted, fit, line, listed, people

DIGEST = 12
REASON = 400
NAMED = 3
ROOM = 6_500
"""For the details on the card, of a message's 12,500; the head needs some, the progress takes the rest."""
DETAIL_BLOCKS = 25
MOST_PAGES = 20


def card(
    record: IdentityRequest,
    catalog: Catalog,
    now: datetime,
    which: Card | None = None,
    newer: str | None = None,
) -> Shown:
    """The record's card as it is to be drawn now; `which` may be an older one of its cards, that is void.

    `newer` is the address of the card that replaces a void one. ValueError when there is no plan to show.
    """
    if which is not None and which.void:
        return void(record, which, newer)
    plan = _plan(record)
    where = standing(record, catalog)
    on_card, *beyond = _pages(record, plan)
    top = [header(_heading(plan)), paragraph(where.heading, where.next), *_who(record, plan)]
    below = [
        *_facts(record, plan),
        *_decision(record, catalog),
        divider(),
        *on_card,
        *_pointer(len(beyond)),
        context(*_small_print(record, plan)),
    ]
    steps = progress(record, now, room=MESSAGE - size([*top, *below]))
    summary = line(f"{where.words}: ", *_summary(record, plan))
    return shown([*top, *steps, *below], [summary, where.next])


def overflow(record: IdentityRequest, catalog: Catalog) -> tuple[Shown, ...]:
    """What does not fit on the card, to be posted in its thread before it.

    AskAgain when it is so much that nobody would read it: the request must be split.
    """
    plan = _plan(record)
    beyond = _pages(record, plan)[1:]
    if len(beyond) > MOST_PAGES:
        raise AskAgain(
            f"This request is too large to be read before it is approved: it fills {len(beyond)} messages.",
            "Split it: ask for fewer workloads or fewer grants at once.",
        )
    return tuple(
        shown(
            [
                *page,
                context(
                    f"Part {number} of {len(beyond)} of plan {plan.digest[:DIGEST]}, request {record.id}"
                ),
            ],
            [line(f"Part {number} of {len(beyond)} of what is to be approved: the card follows below.")],
        )
        for number, page in enumerate(beyond, 1)
    )


def void(record: IdentityRequest, old: Card, link: str | None = None) -> Shown:
    """A card that counts no more: it says so, and by what it is replaced; `link` leads to the newer card."""
    says = line(
        "This card showed plan ",
        old.digest[:DIGEST],
        ". Reactions on it count no more. ",
        *_after_void(record, link),
    )
    blocks = [header("Void: this card counts no more"), paragraph(says), context(f"Request {record.id}")]
    return shown(blocks, [line("Void. ", *says)])


def _plan(record: IdentityRequest) -> Plan:
    if record.plan is None:
        raise ValueError(f"request {record.id} has no plan that a card could show")
    return record.plan


def _pages(record: IdentityRequest, plan: Plan) -> list[list[Block]]:
    groups = details(record, plan, whole_reason=len(plan.spec.reason) > REASON)
    return pages(groups, ROOM, MESSAGE - 500, DETAIL_BLOCKS)


def _heading(plan: Plan) -> str:
    clusters = ", ".join(dict.fromkeys(w.cluster for w in plan.spec.workloads))
    return f"Azure identity for {plan.spec.application} on {clusters}"


def _summary(record: IdentityRequest, plan: Plan) -> Line:
    """Who asks, and what for, in one sentence."""
    spec = plan.spec
    named = [(Bold(f"{w.namespace}/{w.service_account}"), f" on {w.cluster}") for w in spec.workloads[:NAMED]]
    may = [line(Bold(allows(grant))) for grant in spec.grants[:NAMED]]
    team = f" of team {spec.team}" if spec.team else ""
    asks = line(User(record.requester.user), f"{team} asks: ", *listed([*named, *_more(spec.workloads)]))
    if not may:
        return (*asks, " shall have an identity.")
    return (*asks, " shall be able to ", *listed([*may, *_more(spec.grants)]), ".")


def _more(values: tuple[object, ...]) -> list[Line]:
    return [line(f"{len(values) - NAMED} more, listed below")] if len(values) > NAMED else []


def _who(record: IdentityRequest, plan: Plan) -> list[Block]:
    return [paragraph(_summary(record, plan)), *quote(fit(plan.spec.reason, REASON))]


def _facts(record: IdentityRequest, plan: Plan) -> list[Block]:
    """Names at a glance; with several workloads their subjects stand in the details only."""
    identity, workloads = plan.spec.identity, plan.spec.workloads
    pairs = [("Identity", f"{identity.name} in {identity.resource_group}")]
    if len(workloads) != 1:
        return facts([*pairs, ("Workloads", f"{len(workloads)}, listed below")])
    workload = workloads[0]
    issuer = issuer_of(workload, record.observed) if record.observed else None
    pairs += [("Workload", workload.key), ("Used by", workload.consumer), ("Subject", workload.subject)]
    return facts([*pairs, ("Issuer", issuer)] if issuer else pairs)


def _decision(record: IdentityRequest, catalog: Catalog) -> list[Block]:
    """How to decide and who may, while it can be decided; afterwards who did."""
    if record.state not in approval.DECIDABLE:
        by = [a.person.user for a in approval.standing(record)]
        return [paragraph(line("Approved by ", *people(by), "."))] if by else []
    hold = approval.hold_of(_plan(record).spec, catalog)
    lines = [
        line(
            "React on this message: ✅ (:white_check_mark:) approves exactly this, ⛔ (:no_entry:) rejects."
        ),
        line(
            "Who may: ",
            *approvers(record, catalog),
            "; not ",
            *people(sorted(record.authors), "or"),
            ", whose request it is.",
        ),
    ]
    if hold:
        lines.append(
            line(f"After the last approval I wait {duration(hold)}; taking ✅ away meanwhile stops it.")
        )
    return [title("To decide"), paragraph(*lines)]


def _pointer(beyond: int) -> list[Block]:
    if not beyond:
        return []
    where = line(f"It goes on in {counted(beyond, 'message')} of this thread, above this card. ")
    return [paragraph((*where, Bold("Read them before you approve.")))]


def _small_print(record: IdentityRequest, plan: Plan) -> tuple[str, ...]:
    return f"Plan {plan.digest[:DIGEST]}", f"Request {record.id}", "An approval is for exactly this plan."


def _after_void(record: IdentityRequest, link: str | None) -> Line:
    if link:
        return line(Link(link, "The newer card"), " shows what is asked now.")
    if record.card:
        return line("A newer card in this thread shows what is asked now.")
    if record.state in ENDED:
        return line("The request has ended.")
    return line("A newer card follows in this thread.")
