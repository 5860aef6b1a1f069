"""What one message in a request's thread means for the request."""

from datetime import UTC, datetime, timedelta

from bot.domain import draft as drafts
from bot.domain import outcome
from bot.domain.catalog import Catalog
from bot.domain.draft import Draft, Found, Heard, Question
from bot.domain.draft.slack_text import plain
from bot.domain.lifecycle import ASKING_LASTS
from bot.domain.request import ENDED, OPEN_FOR_WORDS, IdentityRequest, Said, State
from bot.domain.value import Value


class Around(Value):
    """What was looked up for the words: resources of the names in them, and how far the bot can see."""

    found: tuple[Found, ...] = ()
    subscriptions: int = 0


LATE = timedelta(seconds=1)


def came_late(said: Said) -> bool:
    """Whether Slack took its time with a message: what was said after it may have come before it."""
    return said.at - datetime.fromtimestamp(float(said.ts), UTC) > LATE


def append(record: IdentityRequest, said: Said) -> IdentityRequest:
    """The record with this said, to be heard in its turn."""
    return record.model_copy(update={"said": (*record.said, said)})


def understand(record: IdentityRequest, said: Said, catalog: Catalog) -> Heard:
    """The draft as it would be with these words in it."""
    question = record.question
    if said.kind == "click":
        if question is None or question.key != said.question:
            return Heard(draft=record.draft, problems=("That question is answered already.",))
        return drafts.answer(record.draft, question, said.text, said.person.user)
    return drafts.read(record.draft, said.text, catalog, question, said.person.user)


def wants_looking(record: IdentityRequest, said: Said, heard: Heard, catalog: Catalog) -> bool:
    """Whether resources must be looked up for these words: nobody else's words make the bot ask Azure."""
    mine = said.person.user == record.requester.user and record.thread.channel in catalog.channels
    asks = said.kind in ("words", "click") and not heard.command
    return mine and asks and record.state in OPEN_FOR_WORDS and not drafts.problems(heard.draft, catalog)


def hear(
    record: IdentityRequest, said: Said, heard: Heard, around: Around, catalog: Catalog, now: datetime
) -> IdentityRequest:
    """The record with this message heard: changed, answered, or left alone."""
    on = record.model_copy(update={"heard": record.heard + 1, "hear_at": None, "attempts": 0})
    user, requester = said.person.user, record.requester.user
    if record.thread.channel not in catalog.channels:
        return on.evolve(state=State.WITHDRAWN).tell("wrong_channel", only_for=user)
    if said.kind in ("edited", "deleted"):
        return on.tell(f"{said.kind}_message", only_for=user) if record.state not in ENDED else on
    if _gives_reason(record, said):
        told = on.evolve(rejected_because=plain(said.text)).note(now, "reason given", user)
        return told.tell("rejected", by=user)
    if heard.command:
        return _command(on, heard.command, said, now)
    if user != requester:
        return _somebody_else(on, said, heard, now)
    if record.state not in OPEN_FOR_WORDS:
        return on.tell("too_late", only_for=user) if _meant(record, said, heard) else on
    if record.state is not State.ASKING and _content(heard.draft) == _content(record.draft):
        return on.tell("unknown_words", only_for=user) if said.mention else on
    return _changed(on, said, heard, around, catalog, now)


def _gives_reason(record: IdentityRequest, said: Said) -> bool:
    waits = record.state is State.REJECTED and record.rejected_because is None
    return waits and record.rejected_by is not None and said.person.user == record.rejected_by.user


def _meant(record: IdentityRequest, said: Said, heard: Heard) -> bool:
    """Whether the words ask something of the bot; people also talk with each other in a thread."""
    return said.mention or said.kind == "click" or _content(heard.draft) != _content(record.draft)


def _content(draft: Draft) -> Draft:
    return draft.model_copy(update={"authors": ()})


def _somebody_else(record: IdentityRequest, said: Said, heard: Heard, now: datetime) -> IdentityRequest:
    if not _meant(record, said, heard):
        return record
    noted = record.note(now, "words refused", said.person.user, text=said.text[:500])
    return noted.tell("not_yours", only_for=said.person.user, requester=record.requester.user)


def _command(record: IdentityRequest, command: str, said: Said, now: datetime) -> IdentityRequest:
    user = said.person.user
    if command == "cancel" and user != record.requester.user:
        return record.tell("not_yours", only_for=user, requester=record.requester.user)
    if command == "cancel":
        return _cancel(record, user, now)
    if command == "retry":
        return _retry(record, user, now)
    if command == "help" and record.state is State.ASKING and record.heard == 1 and record.draft == Draft():
        return record.evolve(state=State.WITHDRAWN).tell("help")
    return record.tell(command if command in ("help", "status") else "unknown_words", command=command)


def _cancel(record: IdentityRequest, user: str, now: datetime) -> IdentityRequest:
    if record.state in ENDED:
        return record.tell("status")
    made_nothing = record.state is State.FAILED and not record.progress
    if record.state not in OPEN_FOR_WORDS and not made_nothing:
        return record.tell("too_late", only_for=user)
    ended = record.evolve(
        state=State.WITHDRAWN, question=None, behind=None, hold_until=None, approvals=(), expires=None
    )
    return ended.note(now, "withdrawn", user).tell("withdrawn")


def _retry(record: IdentityRequest, user: str, now: datetime) -> IdentityRequest:
    """What failed is tried again, from where it stood; steps that are done stay done."""
    if record.state is not State.FAILED:
        return record.tell("status")
    if user not in {record.requester.user, *(a.person.user for a in record.approvals)}:
        return record.tell("not_yours", only_for=user, requester=record.requester.user)
    again = {k: p.model_copy(update={"again_at": None}) for k, p in record.progress.items()}
    begun = State.PROVISIONING if record.plan and record.progress else State.ASKING
    resumed = record.evolve(state=begun, trouble=None, again_at=None, attempts=0, progress=again)
    return outcome.landed(resumed.note(now, "retried", user).tell("retrying"), now)


def _changed(
    record: IdentityRequest, said: Said, heard: Heard, around: Around, catalog: Catalog, now: datetime
) -> IdentityRequest:
    """The requester's words are in the draft; what is missing or wrong is said, or the review begins."""
    resolved = drafts.resolve(heard.draft, around.found, around.subscriptions)
    draft = resolved.draft
    problems = (*heard.problems, *drafts.problems(draft, catalog), *resolved.problems)
    question = None if problems else resolved.question or drafts.next_question(draft, catalog, around.found)
    void = tuple(c.model_copy(update={"void": True}) for c in record.cards)
    asking = record.evolve(
        state=State.ASKING,
        draft=draft,
        question=question,
        spec=None if problems or question else drafts.to_spec(draft, catalog),
        behind=None,
        cards=void,
        approvals=(),
        hold_until=None,
        expires=now + ASKING_LASTS,
    ).note(now, "said", said.person.user, text=said.text[:3000])
    return _replied(asking, heard, problems, question, catalog)


def _replied(
    record: IdentityRequest,
    heard: Heard,
    problems: tuple[str, ...],
    question: Question | None,
    catalog: Catalog,
) -> IdentityRequest:
    fields = drafts.fields(record.draft, catalog)
    if problems:
        return record.tell("problem", problems=problems, fields=fields, leftovers=heard.leftovers)
    if question:
        return record.tell("question", question=question.key, fields=fields, leftovers=heard.leftovers)
    if heard.leftovers:
        return record.tell("understood", fields=fields, leftovers=heard.leftovers)
    return record
