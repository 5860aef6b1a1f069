"""Items → what they say: who (cluster, namespace, account) and what (verbs, nouns, resources), in any order."""

from collections.abc import Callable, Sequence

from bot.domain.draft.addresses import names_in
from bot.domain.draft.items import Item, Label, Part
from bot.domain.draft.said import Group, Said, Target
from bot.domain.draft.targets import complete, inherit_noun, looks_like_a_resource, target_of
from bot.domain.draft.words import ENVIRONMENTS, NOUNS
from bot.domain.roles import Action

PLACES = ("in", "within", "inside", "under", "of")
SILENT = (Part.STOP, Part.PREPOSITION, Part.BREAK)


def read_clauses(items: Sequence[Item], account_known: bool) -> Said:
    """What the items say. `account_known` is whether an earlier message named the service account."""
    return _Clauses(items, account_known).read()


class _Clauses:
    """One reading of one message, from its first item to its last."""

    def __init__(self, items: Sequence[Item], account_known: bool) -> None:
        self.items = items
        self.said = Said()
        self.account_known = account_known
        self.what = False
        """Whether the words are about what to do, and not about who does it."""
        self.preposition: str | None = None
        self.against = False
        self.replacing = False
        self.joined: Part | None = None
        """The "and" or "or" just before."""
        self.group: Group | None = None
        self.at = 0

    def read(self) -> Said:
        """What the whole message says."""
        while self.at < len(self.items):
            item = self.items[self.at]
            self.at += 1
            _READERS.get(item.part, _Clauses.unknown)(self, item)
            if item.part not in (Part.AND, Part.OR, *SILENT):
                self.joined = None
        return self.said

    # -- words without a content of their own

    def silent(self, item: Item) -> None:
        if item.text.casefold() == "but" or (self.replacing and item.text.casefold() == "with"):
            self.against = self.replacing = False

    def preposed(self, item: Item) -> None:
        word = item.value
        if self.replacing and word in ("to", "by", "for", "into"):
            self.against = self.replacing = False
            return
        self.preposition = word
        if word in ("for", "by") and not self._action_follows():
            self.what = False

    def broken(self, item: Item) -> None:
        self.against = self.replacing = False
        self.preposition = None
        self.joined = Part.BREAK

    def ended(self, item: Item) -> None:
        self.broken(item)
        self.what, self.group, self.joined = False, None, None

    def joining(self, item: Item) -> None:
        self.joined = item.part

    def needing(self, item: Item) -> None:
        self.preposition = None
        self.what = True

    def about_who(self, item: Item) -> None:
        self.preposition = None
        self.what = False
        if item.part is Part.GIVE:
            self.group = None

    def marked(self, item: Item) -> None:
        self.said.marks.add(item.part.name.lower())
        self.against = False

    def changing(self, item: Item) -> None:
        self.said.marks.add("change")
        if item.value in ("change", "changes", "replace", "switch", "rename", "move"):
            self.replacing = self.against = True
            self.said.against.append([])

    def instead(self, item: Item) -> None:
        self.said.marks.add("instead")
        self.against = item.value != "instead"
        self.said.against.append([])

    def refused(self, item: Item) -> None:
        following = self.items[self.at] if self.at < len(self.items) else None
        if item.value == "no" and following is not None and following.part in (Part.BREAK, Part.END):
            self.said.marks.add("no")
            return
        if following is not None and following.part is Part.ONLY:
            self.at += 1
            return
        self.said.marks.add("against")
        self.against = True
        self.said.against.append([])

    def _refuse(self, item: Item) -> None:
        if self.joined is Part.AND or not self.said.against:
            self.said.against.append([])
        self.said.against[-1].append(item)

    def unknown(self, item: Item) -> None:
        self.said.leftovers.append(item)

    # -- who

    def clustered(self, item: Item) -> None:
        if self.against:
            self._refuse(item)
        else:
            self.said.clusters.append(item.value)
        self.preposition = None

    def consumed(self, item: Item) -> None:
        if self.against:
            self.said.no_consumer = True
        else:
            self.said.consumer = item.value
        self.preposition = None

    def subject(self, item: Item) -> None:
        namespace, account = item.value.split(":", 1)
        self.said.namespaces.append(namespace)
        self.said.accounts.append(account)

    def fielded(self, item: Item) -> None:
        if self.against:
            self._refuse(item)
            return
        match item.value:
            case Label.CLUSTER:
                self.said.clusters.append(item.name)
            case Label.NAMESPACE:
                self.said.namespaces.append(item.name)
            case _:
                self._account(item, item.name, sure=item.value == Label.ACCOUNT)
                self.what = False
        self.preposition = None

    def _account(self, item: Item, name: str, sure: bool) -> None:
        pieces = name.split("/")
        if len(pieces) > 3:
            self.said.leftovers.append(item)
            return
        (self.said.accounts if sure or len(pieces) > 1 else self.said.apps).append(pieces[-1])
        if len(pieces) > 1:
            self.said.namespaces.append(pieces[-2])
        if len(pieces) == 3:
            self.said.clusters.append(pieces[0])

    def labelled(self, item: Item) -> None:
        """A label without a name says nothing, but where it is spoken against."""
        if self.against:
            self._refuse(item)
        elif item.value in (Label.APP, Label.ACCOUNT):
            self.what = self.what and self.preposition not in ("for", "by")

    # -- what

    def acted(self, item: Item) -> None:
        self.preposition = None
        if self.against:
            self._refuse(item)
            return
        action, group = Action(item.value), self.group
        weak = action is Action.USE and group is not None and group.actions and not group.targets
        if not weak and (group is None or group.targets or (group.nouns and group.actions)):
            group = self._begin()
        assert group is not None
        if action not in group.actions:
            group.actions.append(action)
        group.either = group.either or self.joined is Part.OR
        group.items.append(item)
        self.what = True

    def roled(self, item: Item) -> None:
        self.preposition = None
        if self.against:
            self._refuse(item)
            return
        group = self.group
        if group is None or group.targets or (group.actions and not group.is_vague):
            group = self._begin()
        group.roles.append(item.value)
        group.items.append(item)
        self.what = True

    def noun(self, item: Item) -> None:
        taken, self.preposition = self.preposition == "from", None
        if self.against:
            self._refuse(item)
            return
        group = self.group
        if group is None or (group.targets and self.joined is not None):
            group = self._begin(inherit=group)
        group.nouns.append(item.value)
        group.taken = group.taken or taken
        group.items.append(item)
        self.what = True

    def named(self, item: Item) -> None:
        """A run of names; of several words that nobody explains, only one that looks like a name is taken."""
        run = [item]
        while self.at < len(self.items) and self.items[self.at].part is Part.NAME:
            run.append(self.items[self.at])
            self.at += 1
        likely = run if len(run) == 1 else [one for one in run if _looks_like_a_name(one)]
        chosen = likely[0] if len(likely) == 1 else None
        self.said.leftovers.extend(one for one in run if one is not chosen)
        if chosen is not None:
            self._place(chosen)
        self.preposition = None

    def path(self, item: Item) -> None:
        pieces = item.value.split("/")
        about_what = self.what and self.preposition not in ("for", "by") and self._account_said()
        if self.against:
            self._refuse(item)
        elif about_what or (self.what and looks_like_a_resource(pieces[0])):
            self._target(item, Target(resource=pieces[0], inner="/".join(pieces[1:])))
        else:
            self._account(item, item.value, sure=True)
        self.preposition = None

    def thing(self, item: Item) -> None:
        if self.against:
            self._refuse(item)
        else:
            self._target(item, target_of(item.value, item.name))
        self.preposition = None
        self.what = True

    def identified(self, item: Item) -> None:
        if self.against:
            self._refuse(item.as_(Part.NAME, names_in(item.value)[-1]))
        else:
            self._target(item, Target(resource=item.value))
        self.preposition = None
        self.what = True

    def _place(self, item: Item) -> None:
        """A name without a label: what it is depends on where it stands."""
        word = self.preposition
        group = self.group
        if self.against:
            self._refuse(item)
        elif not self.what or word in ("for", "by"):
            self._place_who(item, word)
        elif group is not None and any(t.resource for t in group.targets) and self.joined is None and word:
            self._place_after_resource(item, word, group)
        elif group is None and not self._account_said() and not looks_like_a_resource(item.value):
            self.said.apps.append(item.value)
        else:
            self._target(item, Target(resource=item.value))

    def _place_who(self, item: Item, word: str | None) -> None:
        said = self.said
        if word in ("on", "at") or (word == "in" and (said.namespaces or _is_environment(item.value))):
            said.clusters.append(item.value)
        elif word in PLACES:
            said.namespaces.append(item.value)
        elif not self._account_said() and self.joined not in (Part.AND, Part.OR):
            said.apps.append(item.value)
        else:
            said.bare.append(item)

    def _place_after_resource(self, item: Item, word: str, group: Group) -> None:
        """`… from kv-payments in payments`, `… from orders in sb-shop`, `… to payments-api`."""
        said, target = self.said, group.targets[-1]
        chain = word in (*PLACES, "on", "at") and not target.inner and target.resource_noun is None
        placed = any(NOUNS[noun].data for noun in group.nouns) and group.taken
        if chain and looks_like_a_resource(item.value) and not looks_like_a_resource(target.resource or ""):
            target.inner, target.resource = target.resource, item.value
            group.items.append(item)
        elif word in ("on", "at") and not said.clusters:
            said.clusters.append(item.value)
        elif word in PLACES and not said.namespaces and (placed or not chain):
            said.namespaces.append(item.value)
        elif chain:
            target.inner, target.resource = target.resource, item.value
            group.items.append(item)
        elif word in ("to", "from") and not self._account_said():
            said.apps.append(item.value)
        else:
            said.leftovers.append(item)

    def _target(self, item: Item, target: Target) -> None:
        """A resource joins the thing to do: it completes the one before, or stands beside it."""
        group = self.group or self._begin()
        group.taken = group.taken or self.preposition == "from"
        group.items.append(item)
        last = group.targets[-1] if group.targets else None
        if last is not None and self.joined is Part.OR:
            self.said.problems.append(
                f"“{last.names[-1]} or {target.names[-1]}”: please say which of the two, or “and” for both."
            )
        if last is None or not complete(group.targets, target, self.joined):
            inherit_noun(last, target, self.joined)
            group.targets.append(target)

    def _begin(self, inherit: Group | None = None) -> Group:
        """A new thing to do; without a verb of its own it has those of the one before."""
        self.group = Group(inherits=inherit is not None)
        if inherit is not None:
            self.group.actions = list(inherit.actions)
            self.group.taken = inherit.taken
        self.said.groups.append(self.group)
        return self.group

    def _account_said(self) -> bool:
        return self.account_known or bool(self.said.accounts or self.said.apps)

    def _action_follows(self) -> bool:
        rest = (item for item in self.items[self.at :] if item.part is not Part.STOP)
        following = next(rest, None)
        return following is not None and following.part in (Part.ACTION, Part.NOUN, Part.THING, Part.ROLE)


_READERS: dict[Part, Callable[[_Clauses, Item], None]] = {
    Part.STOP: _Clauses.silent,
    Part.PREPOSITION: _Clauses.preposed,
    Part.BREAK: _Clauses.broken,
    Part.END: _Clauses.ended,
    Part.AND: _Clauses.joining,
    Part.OR: _Clauses.joining,
    Part.NEED: _Clauses.needing,
    Part.GIVE: _Clauses.about_who,
    Part.RUNS: _Clauses.about_who,
    Part.ALSO: _Clauses.marked,
    Part.ONLY: _Clauses.marked,
    Part.DROP: _Clauses.refused,
    Part.NOT: _Clauses.refused,
    Part.INSTEAD: _Clauses.instead,
    Part.CHANGE: _Clauses.changing,
    Part.CLUSTER: _Clauses.clustered,
    Part.CONSUMER: _Clauses.consumed,
    Part.SUBJECT: _Clauses.subject,
    Part.FIELD: _Clauses.fielded,
    Part.LABEL: _Clauses.labelled,
    Part.ACTION: _Clauses.acted,
    Part.ROLE: _Clauses.roled,
    Part.NOUN: _Clauses.noun,
    Part.NAME: _Clauses.named,
    Part.PATH: _Clauses.path,
    Part.THING: _Clauses.thing,
    Part.ID: _Clauses.identified,
    Part.SO_THAT: _Clauses.silent,
    Part.REASON: _Clauses.silent,
}


def _looks_like_a_name(item: Item) -> bool:
    return item.sure or not item.value.isalpha()


def _is_environment(word: str) -> bool:
    return any(word.casefold() in row for row in ENVIRONMENTS)
