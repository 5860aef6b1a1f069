"""What has been said so far, while a request is asking; and the one question to ask next.

Everything here is a pure function of the words, the draft and the catalog. No language model: tables of
words, the order they stand in, and edit distance to offer a near miss. A guess never becomes a grant.
"""

from bot.domain.draft.answers import answer
from bot.domain.draft.checks import problems
from bot.domain.draft.commands import COMMANDS
from bot.domain.draft.question import next_question
from bot.domain.draft.reading import LONGEST_MESSAGE, read
from bot.domain.draft.resolving import resolve
from bot.domain.draft.resources import lookups
from bot.domain.draft.summary import fields, to_spec, understand
from bot.domain.draft.values import Draft, Found, Heard, Lookup, Option, Question, Resolved, Wish

__all__ = [
    "COMMANDS",
    "LONGEST_MESSAGE",
    "Draft",
    "Found",
    "Heard",
    "Lookup",
    "Option",
    "Question",
    "Resolved",
    "Wish",
    "answer",
    "fields",
    "lookups",
    "next_question",
    "problems",
    "read",
    "resolve",
    "to_spec",
    "understand",
]
