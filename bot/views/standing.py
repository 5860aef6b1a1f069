"""Where a request stands, in words, and who must act next: the same on its card and in answer to `status`."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain import approval
from bot.domain.catalog import Approvers, Catalog
from bot.domain.request import IdentityRequest, PullRequest, State
from bot.views.words import (
    Bold,
    Code,
    Group,
    Line,
    Link,
    Moment,
    User,
    counted,
    fit,
    line,
    listed,
    people,
)

REASON = 500
TROUBLE = 900
NAMED = 5


@dataclass(frozen=True)
class Standing:
    """A state in a few words with its sign, and what happens next and who must see to it."""

    sign: str
    words: str
    next: Line

    @property
    def heading(self) -> Line:
        """The state, to stand first."""
        return line(f"{self.sign} ", Bold(self.words))


def standing(record: IdentityRequest, catalog: Catalog) -> Standing:
    """Where the request stands."""
    return STANDINGS[record.state](record, catalog)


def approvers(record: IdentityRequest, catalog: Catalog) -> Line:
    """Who may approve: groups and people, for each cluster whose own they are."""
    if record.spec is None:
        return line("an approver")
    return listed((_either(a) for a in approval.approvers_of(record.spec, catalog)), last="or")


def missing(record: IdentityRequest, catalog: Catalog) -> int:
    """How many more people must approve."""
    if record.spec is None:
        return 1
    return max(approval.needed(record.spec, catalog) - len(approval.standing(record)), 0)


def pull_requests(record: IdentityRequest) -> Line:
    """Links to the request's pull requests."""
    return listed((pull_request(p),) for p in record.pull_requests)


def pull_request(pull: PullRequest) -> Link:
    """A link that says which pull request it is."""
    return Link(pull.url, f"{pull.repository}/pull/{pull.number}")


def _either(who: Approvers) -> Line:
    groups: list[Line] = [(Group(who.group),)] if who.group else []
    named: list[Line] = [(User(user),) for user in who.people[:NAMED]]
    rest = len(who.people) - len(named)
    more = [line(f"one of {rest} others in the catalog")] if rest else []
    return listed([*groups, *named, *more], last="or")


def _asking(record: IdentityRequest, catalog: Catalog) -> Standing:
    who = User(record.requester.user)
    if record.behind:
        return Standing(
            "⏸️", "Queued", line("Another request for this workload comes first: ", Code(record.behind))
        )
    if record.question is None:
        return Standing(
            "💬", "Being looked at", line("Nobody need act: I check it and show what would happen.")
        )
    return Standing("💬", "Waiting for an answer", line(who, " answers: ", record.question.text))


def _reviewed(record: IdentityRequest, catalog: Catalog) -> Standing:
    so_far = [a.person.user for a in approval.standing(record)]
    more = counted(missing(record, catalog), "approval" if not so_far else "more approval")
    needs = line(more, " needed of ", *approvers(record, catalog), ".")
    said = line(" Approved so far by ", *people(so_far), ".") if so_far else ()
    return Standing("🔎", "Waiting for approval", (*needs, *said))


def _approved(record: IdentityRequest, catalog: Catalog) -> Standing:
    by = line("Approved by ", *people(a.person.user for a in approval.standing(record)), ". ")
    if record.hold_until is None:
        return Standing("✅", "Approved", (*by, "I look once more, then start."))
    begins = line(
        "It starts ", Moment(record.hold_until, exact=True), "; taking ✅ away before then stops it."
    )
    return Standing("✅", "Approved, not started yet", (*by, *begins))


def _provisioning(record: IdentityRequest, catalog: Catalog) -> Standing:
    steps = record.plan.before if record.plan else ()
    done = sum(map(record.finished, steps))
    return Standing(
        "⏳",
        f"Being made: {done} of {counted(len(steps), 'step')} done",
        line("Nobody need act; it goes on by itself."),
    )


def _proposed(record: IdentityRequest, catalog: Catalog) -> Standing:
    who = User(record.requester.user)
    asks = line(
        who,
        ": review and merge ",
        *pull_requests(record),
        ". Check that it changes only what this card shows.",
    )
    return Standing("📬", "Pull request open", (*asks, *_after_merge(record)))


def _after_merge(record: IdentityRequest) -> Line:
    grants = len(record.plan.after) if record.plan else 0
    return line(f" {counted(grants, 'role assignment')} will be made after the merge.") if grants else ()


def _merged(record: IdentityRequest, catalog: Catalog) -> Standing:
    left = [s for s in record.plan.after if not record.finished(s)] if record.plan else []
    if left:
        return Standing(
            "⏳", "Merged", line(f"Now I make {counted(len(left), 'role assignment')}. Nobody need act.")
        )
    return Standing("⏳", "Merged", line("Argo CD brings it to the cluster. Nobody need act."))


def _live(record: IdentityRequest, catalog: Catalog) -> Standing:
    merged = line("In place with ", *pull_requests(record), ". ") if record.pull_requests else ()
    return Standing("🟢", "Live", (*merged, "Nothing is left to do."))


def _rejected(record: IdentityRequest, catalog: Catalog) -> Standing:
    by = line("Rejected by ", User(record.rejected_by.user), ". ") if record.rejected_by else ()
    why = f"Reason: {fit(record.rejected_because, REASON)} " if record.rejected_because else ""
    return Standing(
        "⛔", "Rejected", (*by, why, "Nothing was changed. Mention me in a new message to ask differently.")
    )


def _withdrawn(record: IdentityRequest, catalog: Catalog) -> Standing:
    if record.pull_requests:
        closed = line("The pull request ", *pull_requests(record), " was closed without a merge. ")
        return Standing(
            "↩️", "Withdrawn", (*closed, "What was made in Azure stands; ask an operator to remove it.")
        )
    return Standing("↩️", "Withdrawn", line("Nothing was changed. Mention me in a new message to ask again."))


def _expired(record: IdentityRequest, catalog: Catalog) -> Standing:
    return Standing(
        "⌛",
        "Expired",
        line("Nobody acted in time; nothing was changed. Mention me in a new message to ask again."),
    )


def _failed(record: IdentityRequest, catalog: Catalog) -> Standing:
    trouble = record.trouble
    why = fit(f"{trouble.problem} {trouble.remedy}", TROUBLE) if trouble else "An operator must look at it."
    return Standing("❌", "Stopped", line(why, " Then say ", Code("retry"), " here."))


STANDINGS: dict[State, Callable[[IdentityRequest, Catalog], Standing]] = {
    State.ASKING: _asking,
    State.REVIEWED: _reviewed,
    State.APPROVED: _approved,
    State.PROVISIONING: _provisioning,
    State.PROPOSED: _proposed,
    State.MERGED: _merged,
    State.LIVE: _live,
    State.REJECTED: _rejected,
    State.WITHDRAWN: _withdrawn,
    State.EXPIRED: _expired,
    State.FAILED: _failed,
}
