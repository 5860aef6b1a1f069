"""What became of a request: steps done, pull request merged or closed, workload live, time over."""

from datetime import datetime, timedelta
from typing import Literal

from bot.domain.request import IdentityRequest, PullRequest, State
from bot.domain.value import Value


class PullRequestSeen(Value):
    """A pull request as GitHub answered."""

    repository: str
    number: int
    state: Literal["open", "merged", "closed"]
    merged_as: str | None = None
    touched: bool = False
    """Whether its branch holds commits of others than the bot."""


class ApplicationSeen(Value):
    """An Argo CD application after the merge; `has_merge` says that what it runs contains it."""

    name: str
    has_merge: bool
    synced: bool
    healthy: bool

    @property
    def settled(self) -> bool:
        """Whether the merge is in the cluster and well."""
        return self.has_merge and self.synced and self.healthy


class ProposedSeen(Value):
    """One look at a request's pull requests and at the applications that they reach."""

    pull_requests: tuple[PullRequestSeen, ...] = ()
    applications: tuple[ApplicationSeen, ...] = ()


def landed(record: IdentityRequest, now: datetime) -> IdentityRequest:
    """The record in the state that its finished steps have brought it to."""
    plan = record.plan
    if plan is None or record.state is not State.PROVISIONING or not all(map(record.finished, plan.before)):
        return record
    if record.pull_requests:
        moved = record.evolve(state=State.PROPOSED).note(now, "proposed")
        decided = _after_review(moved, now)
        if decided.state is not State.PROPOSED:
            return decided
        return moved.tell("proposed", mention=(record.requester.user,))
    if plan.after:
        return record.evolve(state=State.MERGED).note(now, "nothing to change in Git")
    return _live(record, now)


def followed(
    record: IdentityRequest, seen: ProposedSeen, now: datetime, look_every: timedelta
) -> IdentityRequest:
    """The record after a look at its pull requests; the next look is put down with it."""
    looked = record.model_copy(update={"again_at": now + look_every, "attempts": 0})
    states = {(p.repository, p.number): p for p in seen.pull_requests}
    pulls = tuple(_updated(p, states.get((p.repository, p.number))) for p in record.pull_requests)
    for pull in pulls:
        if pull.touched and not any(p.touched for p in record.pull_requests if p.url == pull.url):
            looked = looked.note(now, "somebody else pushed to the branch", url=pull.url)
    if pulls != record.pull_requests:
        looked = looked.evolve(pull_requests=pulls)
    if record.state is State.PROPOSED:
        return _after_review(looked, now)
    if record.state is State.MERGED and all(a.settled for a in seen.applications):
        return _live(looked, now)
    return looked


def _updated(pull: PullRequest, seen: PullRequestSeen | None) -> PullRequest:
    if seen is None:
        return pull
    touched = pull.touched or seen.touched
    changes = {"merged_as": seen.merged_as, "closed": seen.state == "closed", "touched": touched}
    return pull.model_copy(update=changes)


def _after_review(record: IdentityRequest, now: datetime) -> IdentityRequest:
    if any(p.closed for p in record.pull_requests):
        ended = record.evolve(state=State.WITHDRAWN, again_at=None)
        return ended.note(now, "pull request closed").tell(
            "closed_unmerged", mention=(record.requester.user,)
        )
    if all(p.merged_as for p in record.pull_requests):
        merged = record.evolve(state=State.MERGED, again_at=None)
        return merged.note(now, "merged", commits=[p.merged_as for p in record.pull_requests]).tell("merged")
    return record


def _live(record: IdentityRequest, now: datetime) -> IdentityRequest:
    live = record.evolve(state=State.LIVE, again_at=None, expires=None)
    return live.note(now, "live").tell("live", mention=(record.requester.user,))


def expired(record: IdentityRequest, now: datetime) -> IdentityRequest:
    """It waited too long for a person, and says so."""
    ended = record.evolve(
        state=State.EXPIRED, question=None, behind=None, approvals=(), hold_until=None, expires=None
    )
    return ended.note(now, "expired").tell("expired", mention=(record.requester.user,))
