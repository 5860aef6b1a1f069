"""The record of one request: all that people said and did, and all that came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

from bot.domain.draft import Draft, Question
from bot.domain.observed import Observed
from bot.domain.plan import Plan, Step
from bot.domain.policy import Finding
from bot.domain.spec import Person, Spec
from bot.domain.value import Value

SCHEMA = 1


class State(StrEnum):
    """Where a request is. The table of what leads where is in `lifecycle`."""

    ASKING = "asking"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    PROVISIONING = "provisioning"
    PROPOSED = "proposed"
    MERGED = "merged"
    LIVE = "live"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    FAILED = "failed"


class Thread(Value):
    """A Slack thread: its channel and the `ts` of its first message."""

    channel: str
    ts: str


class Said(Value):
    """What one person said in the thread, or clicked in answer to the question of key `question`."""

    kind: Literal["words", "click", "edited", "deleted"] = "words"
    person: Person
    text: str
    ts: str
    at: datetime
    question: str | None = None
    mention: bool = False
    """Whether the words were addressed to the bot."""


class Reaction(Value):
    """A reaction that was put on a card or taken away; `at` is Slack's own `event_ts`."""

    name: str
    person: Person
    card: str
    added: bool
    at: str


class Card(Value):
    """The message that shows one digest; `drawn` is the revision that it shows, `ts` is None until posted."""

    digest: str
    tried: bool = False
    """Saved before it is posted: after a crash the thread is searched before it is posted again."""
    posted: int = 0
    """How often it was posted before and then deleted by somebody."""
    ts: str | None = None
    drawn: int = 0
    seeded: bool = False
    void: bool = False
    void_shown: bool = False


class Approval(Value):
    """One person's yes to one digest, with Slack's own time."""

    person: Person
    digest: str
    at: str


class Notice(Value):
    """A short message that waits to go out: `kind` names its text in `views.notices`, `about` fills it.

    With `only_for` it is private to that person, and sent at most once; else it goes to the thread,
    at least once, and is found again by its key in the message's metadata.
    """

    key: str
    kind: str
    tried: bool = False
    """Saved before it is sent: after a crash the thread is searched before it is sent again."""
    about: dict[str, Any] = {}
    only_for: str | None = None
    mention: tuple[str, ...] = ()


class Entry(Value):
    """One line of a request's history. `who` is a Slack user, or None where time or the bot acted."""

    at: datetime
    what: str
    who: str | None = None
    detail: dict[str, Any] = {}


class Progress(Value):
    """How far one step is. `begun` is the intent, saved before the effect; `ended` its outcome."""

    begun: datetime
    ended: datetime | None = None
    outputs: dict[str, str] = {}
    attempts: int = 1
    again_at: datetime | None = None
    problem: str | None = None


class Trouble(Value):
    """Why the request cannot go on by itself, and what the operator can do."""

    problem: str
    remedy: str
    obstacle: str
    step: str | None = None


class PullRequest(Value):
    """The proposal as it stands on GitHub."""

    repository: str
    number: int
    url: str
    head: str = ""
    merged_as: str | None = None
    closed: bool = False
    touched: bool = False
    """Whether its branch holds commits of others than the bot."""


class IdentityRequest(Value):
    """One request, from its first words on. Everything about it is here or in its history."""

    schema_version: int = SCHEMA
    id: str
    version: int = 0
    """Counts every save: the compare-and-set compares it."""
    revision: int = 0
    """Counts what a person could see change: a card drawn at a lower revision is out of date."""
    state: State = State.ASKING
    requester: Person
    thread: Thread
    opened: datetime
    said: tuple[Said, ...] = ()
    heard: int = 0
    draft: Draft = Draft()
    question: Question | None = None
    spec: Spec | None = None
    behind: str | None = None
    """The request that holds one of its workloads, while this one is queued."""
    observed: Observed | None = None
    plan: Plan | None = None
    findings: tuple[Finding, ...] = ()
    cards: tuple[Card, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    weighed: int = 0
    approvals: tuple[Approval, ...] = ()
    rejected_by: Person | None = None
    rejected_because: str | None = None
    hold_until: datetime | None = None
    progress: dict[str, Progress] = {}
    pull_requests: tuple[PullRequest, ...] = ()
    trouble: Trouble | None = None
    again_at: datetime | None = None
    """When a move that was put off is due again."""
    hear_at: datetime | None = None
    """When words are tried again that could not be looked up; nothing else goes on before they are heard."""
    attempts: int = 0
    tell_at: datetime | None = None
    """When messages that could not go out are tried again."""
    expires: datetime | None = None
    outbox: tuple[Notice, ...] = ()
    told: int = 0
    """Numbers the notices, so that each has a key of its own."""
    news: tuple[Entry, ...] = ()
    """History that the next save appends; a stored record has none."""

    @property
    def card(self) -> Card | None:
        """The card that is not void, if there is one."""
        return next((c for c in reversed(self.cards) if not c.void), None)

    @property
    def authors(self) -> frozenset[str]:
        """Everybody whose words are in the request; none of them can approve it."""
        return frozenset({self.requester.user, *self.draft.authors})

    @property
    def claims(self) -> tuple[str, ...]:
        """The workloads that nobody else may ask for meanwhile."""
        if self.behind or self.spec is None or self.state not in CLAIMING:
            return ()
        return tuple(w.key for w in self.spec.workloads)

    @property
    def outputs(self) -> dict[str, dict[str, str]]:
        """What each finished step brought about, by step key."""
        return {key: p.outputs for key, p in self.progress.items() if p.ended}

    def finished(self, step: Step) -> bool:
        """Whether this step's outcome is saved."""
        progress = self.progress.get(step.key)
        return progress is not None and progress.ended is not None

    def evolve(self, **changes: Any) -> Self:
        """The record with these changes, one revision on."""
        return self.model_copy(update={"revision": self.revision + 1, **changes})

    def note(self, at: datetime, what: str, who: str | None = None, **detail: Any) -> Self:
        """The record with one more line for its history."""
        entry = Entry(at=at, what=what, who=who, detail=detail)
        return self.model_copy(update={"news": (*self.news, entry)})

    def tell(
        self, kind: str, *, only_for: str | None = None, mention: tuple[str, ...] = (), **about: Any
    ) -> Self:
        """The record with one more notice waiting to go out."""
        notice = Notice(
            key=f"{self.id}:{self.told}", kind=kind, about=about, only_for=only_for, mention=mention
        )
        return self.model_copy(update={"outbox": (*self.outbox, notice), "told": self.told + 1})


CLAIMING = (State.ASKING, State.REVIEWED, State.APPROVED, State.PROVISIONING, State.FAILED)
ENDED = (State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.LIVE)
OPEN_FOR_WORDS = (State.ASKING, State.REVIEWED, State.APPROVED)
