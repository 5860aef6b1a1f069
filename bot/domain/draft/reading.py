"""A message put into the draft: fields set and changed, wishes added and dropped, a question answered."""

from collections.abc import Sequence

from bot.domain.catalog import Catalog
from bot.domain.draft.answers import answer_in_words
from bot.domain.draft.binding import bind
from bot.domain.draft.changes import with_changes
from bot.domain.draft.clauses import read_clauses
from bot.domain.draft.commands import command_in
from bot.domain.draft.items import Item, Part
from bot.domain.draft.lexer import items
from bot.domain.draft.lifetimes import NO_END, take_lifetime
from bot.domain.draft.pasted import without_manifests
from bot.domain.draft.question import next_question
from bot.domain.draft.reasons import take_reason
from bot.domain.draft.slack_text import plain
from bot.domain.draft.values import Draft, Heard, Question

LONGEST_MESSAGE = 3000
TOO_LONG = (
    "That message has {length:,} characters; I read up to {limit:,}. Please say in a few sentences which"
    " workload needs which access and why, and leave logs and files out."
)


def read(draft: Draft, text: str, catalog: Catalog, question: Question | None, author: str) -> Heard:
    """The draft with a message's words in it. `text` is as Slack sends it; a pending question is answered.

    Nothing that was not understood is dropped: it stands in `leftovers`, and what is wrong in `problems`.
    """
    if len(text) > LONGEST_MESSAGE:
        return Heard(draft=draft, problems=(TOO_LONG.format(length=len(text), limit=LONGEST_MESSAGE),))
    words = without_manifests(plain(text))
    if command := command_in(words):
        return Heard(draft=draft, command=command)
    pieces = items(words, catalog)
    pending = question or _still_open(draft, catalog)
    if pending:
        answered = answer_in_words(draft, pending, words, bind(pieces), catalog)
        if answered is not None:
            return signed(Heard(draft=answered), draft, author)
    return signed(_said(draft, words, pieces, catalog), draft, author)


def _said(draft: Draft, words: str, pieces: Sequence[Item], catalog: Catalog) -> Heard:
    reason, rest = take_reason(pieces, words)
    ends, rest = take_lifetime(rest, words)
    said = read_clauses(bind(rest), draft)
    said.reason = reason
    said.problems += [NO_END.format(said=end) for end in ends]
    opening = next((i for i in rest if i.part not in (Part.STOP, Part.BREAK, Part.END)), None)
    return with_changes(draft, said, opening, words, catalog)


def signed(heard: Heard, before: Draft, author: str) -> Heard:
    """Whoever changed the draft is one of its authors."""
    if heard.draft == before or author in before.authors:
        return heard
    draft = heard.draft.model_copy(update={"authors": (*before.authors, author)})
    return heard.model_copy(update={"draft": draft})


def _still_open(draft: Draft, catalog: Catalog) -> Question | None:
    """What a draft that was begun still waits for, where no question was kept."""
    if draft == Draft(authors=draft.authors):
        return None
    question = next_question(draft, catalog, ())
    if question is None or question.key in ("reason", "wish"):
        # Every name was looked for before; one without a scope was not found, and is to be said again.
        unseen = (i for i, w in enumerate(draft.wishes) if w.scope is None and (w.resource or w.inner))
        if (index := next(unseen, None)) is not None:
            return Question(key=f"resource:{index}", text="")
    return question
