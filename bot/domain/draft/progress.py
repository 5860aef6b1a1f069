"""How far a message is read: what came before, and what the words just now are about."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.draft.items import Item, Part
from bot.domain.draft.said import Against, Group, Said
from bot.domain.draft.values import Draft

SILENT = (Part.STOP, Part.PREPOSITION, Part.BREAK)
TO_DO = (Part.ACTION, Part.NOUN, Part.THING, Part.ROLE)


@dataclass
class Progress:
    """The reading of one message, from its first item to its last.

    `known` is the draft before it. `what` is whether the words are about what to do, and not about who
    does it. `joined` is the "and", "or" or comma just before. `against` is whether the words are spoken
    against; `replacing` whether a name that follows is one to be replaced.
    """

    items: Sequence[Item]
    known: Draft
    said: Said = field(default_factory=Said)
    at: int = 0
    what: bool = False
    preposition: str | None = None
    needed: bool = False
    """Whether "needs to" stood just before, and a verb should follow."""
    against: bool = False
    replacing: bool = False
    joined: Part | None = None
    group: Group | None = None

    def next(self) -> Item | None:
        """The item that follows; None at the end."""
        return self.items[self.at] if self.at < len(self.items) else None

    def account_said(self) -> bool:
        """Whether it is known for which account this is."""
        return self.known.service_account is not None or bool(self.said.accounts or self.said.apps)

    def verb_follows(self) -> bool:
        """Whether the next word with a content is about what to do: "for reading secrets"."""
        rest = (item for item in self.items[self.at :] if item.part is not Part.STOP)
        following = next(rest, None)
        return following is not None and following.part in TO_DO

    def begin(self, inherit: Group | None = None) -> Group:
        """A new thing to do; without a verb of its own it has those of the one before."""
        self.group = Group(inherits=inherit is not None)
        if inherit is not None:
            self.group.actions = list(inherit.actions)
            self.group.taken = inherit.taken
        self.said.groups.append(self.group)
        return self.group

    def refuse(self, item: Item) -> None:
        """The item is among what the message speaks against."""
        if self.joined is Part.AND:
            self.said.against.append(Against(self.said.against[-1].word))
        self.said.against[-1].items.append(item)

    def begin_refusing(self, word: str) -> None:
        """What follows is spoken against, as one thing."""
        self.against = True
        self.said.against.append(Against(word))

    def is_against(self) -> bool:
        """Whether the words are spoken against; in "read but not write blobs" the blobs are not."""
        verbs = bool(self.said.against) and self.said.against[-1].verbs_only
        group = self.group
        if self.against and verbs and group and group.actions and not (group.targets or group.nouns):
            self.against = False
        return self.against
