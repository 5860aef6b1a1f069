"""The pieces that a message is made of once its words are known."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Part(StrEnum):
    """What a piece of a message is."""

    NAME = "name"
    PATH = "names with slashes"
    ID = "ARM id"
    SUBJECT = "subject of a service account"
    CLUSTER = "cluster or environment"
    ROLE = "role by its name"
    THING = "kind of resource and its name"
    FIELD = "field and its name"
    ACTION = "what to do"
    NOUN = "kind of resource or of data"
    LABEL = "name of a field"
    CONSUMER = "what uses the account"
    PREPOSITION = "preposition"
    NEED = "needs, wants, should"
    GIVE = "give, grant, let"
    RUNS = "runs, lives"
    NOT = "not"
    ALSO = "also"
    ONLY = "only"
    INSTEAD = "instead"
    DROP = "drop"
    CHANGE = "change"
    AND = "and"
    OR = "or"
    BREAK = "comma, colon or line"
    END = "end of a sentence"
    STOP = "word without content"
    BECAUSE = "because"
    SO_THAT = "so that"
    REASON = "reason:"
    TICKET = "ticket"
    PRIVILEGED = "role that is never given"
    LIFETIME = "until when"
    UNKNOWN = "not understood"


class Label(StrEnum):
    """A field that a word names. An app's name is taken for its service account's, if there is no other."""

    CLUSTER = "cluster"
    NAMESPACE = "namespace"
    ACCOUNT = "service account"
    APP = "app"


@dataclass(frozen=True)
class Item:
    """One piece: what it is, what it stands for, and the text from `start` to `end` that it was said in.

    `sure` is whether it was written as a name (in code marks or quotes).
    """

    part: Part
    value: str
    text: str
    start: int
    end: int
    name: str = ""
    sure: bool = False

    def as_(self, part: Part, value: str | None = None, **changes: object) -> "Item":
        """The same piece, understood otherwise."""
        return replace(self, part=part, value=self.value if value is None else value, **changes)  # type: ignore[arg-type]
