"""What a message says, clause by clause, before it is put into a draft."""

from dataclasses import dataclass, field

from bot.domain.draft.items import Item, Part
from bot.domain.draft.words import NOUNS
from bot.domain.roles import Action, Family


@dataclass
class Target:
    """A resource as it was said: its name or id, what lies in it, and the nouns for the two."""

    resource: str | None = None
    resource_noun: str | None = None
    inner: str | None = None
    inner_noun: str | None = None
    direct: bool = False
    """Whether it was said without a preposition and without a noun: `read orders`."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, outermost first."""
        return tuple(name for name in (self.resource, self.inner) if name)


@dataclass
class Group:
    """One thing to do: the verbs, what is meant by them, and the resources they go with.

    `either` is whether "or" stood between the verbs; `taken` whether something is taken from somewhere.
    """

    actions: list[Action] = field(default_factory=list)
    nouns: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    either: bool = False
    taken: bool = False
    inherits: bool = False
    unclear: bool = False
    """Whether a word stood where the verb stands, and nobody knows it."""
    items: list[Item] = field(default_factory=list)

    @property
    def is_vague(self) -> bool:
        """Whether no verb says what is to be done."""
        return not self.roles and all(action is Action.USE for action in self.actions)


@dataclass
class Against:
    """What a message speaks against, as one thing, and the word that it begins with: "drop", "not"."""

    word: str
    items: list[Item] = field(default_factory=list)

    @property
    def verbs_only(self) -> bool:
        """Whether only verbs are refused: "not write"."""
        return bool(self.items) and all(item.part is Part.ACTION for item in self.items)


@dataclass
class Said:
    """Everything that one message says. `against` are the things that it speaks against, one by one."""

    clusters: list[str] = field(default_factory=list)
    namespaces: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    apps: list[str] = field(default_factory=list)
    bare: list[Item] = field(default_factory=list)
    consumer: str | None = None
    no_consumer: bool = False
    groups: list[Group] = field(default_factory=list)
    against: list[Against] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    reason: str | None = None
    leftovers: list[Item] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def families_of(nouns: list[str]) -> frozenset[Family] | None:
    """Whose roles the nouns can mean together; None when they say nothing."""
    meant: frozenset[Family] | None = None
    for noun in nouns:
        families = NOUNS[noun].families
        meant = families if meant is None else (meant & families or meant | families)
    return meant
