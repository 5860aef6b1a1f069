"""A message's wishes put into the draft: added, replaced, narrowed or dropped."""

from collections.abc import Sequence

from bot.domain.catalog import Catalog
from bot.domain.draft.addresses import names_in
from bot.domain.draft.fields_said import plain_name, with_fields
from bot.domain.draft.items import Item, Part
from bot.domain.draft.said import Group, Said, Target, families_of
from bot.domain.draft.values import Draft, Heard, Wish
from bot.domain.draft.wishes import candidates, settled, shared, wishes_of
from bot.domain.draft.words import NOUNS
from bot.domain.roles import Action, role

WHICH_OF = "“{said}”: with which of {names}? Please say it with the name."
INSTEAD_OR_ALSO = "“{said}”: instead of what is asked for now, or as well? Please say which."
NOTHING_LIKE = "There is no “{said}” in this request, so there is nothing to drop."


def with_changes(draft: Draft, said: Said, words: str, catalog: Catalog) -> Heard:
    """The draft with everything that the message says in it."""
    changed, problems = with_fields(draft, said, catalog)
    change = _Change(changed, said, words, catalog)
    change.apply()
    leftovers = (*(i.text for i in sorted(said.leftovers, key=lambda i: i.start)), *change.leftovers)
    return Heard(
        draft=change.draft.model_copy(update={"wishes": settled(change.wishes)}),
        leftovers=tuple(dict.fromkeys(leftovers)),
        problems=(*problems, *said.problems, *change.problems),
    )


class _Change:
    """One message's effect on the wishes, from the first to the last thing that it says."""

    def __init__(self, draft: Draft, said: Said, words: str, catalog: Catalog) -> None:
        self.draft = draft
        self.said = said
        self.words = words
        self.offered = catalog.roles
        self.wishes: list[Wish] = list(draft.wishes)
        self.leftovers: list[str] = []
        self.problems: list[str] = []

    def apply(self) -> None:
        """The wishes are as the message wants them."""
        if not self._replace():
            for run in self.said.against:
                self._drop(run)
            self._bare_names()
        groups = shared(self.said.groups)
        lone = [g for g in groups if not g.targets and not g.nouns and not g.roles]
        if self.draft.wishes:
            for group in lone:
                self._verbs_alone(group)
            groups = [g for g in groups if g not in lone]
        new = wishes_of(groups, self.words, self.offered)
        if new and self.draft.wishes and self.said.marks & {"instead", "only", "no"} and "also" not in self.said.marks:
            self._take_the_place(new)
        self.wishes += [w for w in new if not self._is_there(w)]

    def _is_there(self, new: Wish) -> bool:
        return any(
            (w.roles, w.resource, w.inner) == (new.roles, new.resource, new.inner)
            or (w.scope is not None and set(w.roles) <= set(new.roles) and (w.resource, w.inner) == (new.resource, new.inner))
            for w in self.wishes
        )

    # -- "not kv-payments, kv-orders"

    def _replace(self) -> bool:
        """Whether one name was given for another, and now stands where that stood."""
        against = [i for run in self.said.against for i in run if i.part in (Part.NAME, Part.THING, Part.PATH)]
        positive = [item.value for item in self.said.bare]
        vague = [g for g in self.said.groups if g.is_vague and not g.nouns and len(g.targets) == 1]
        positive += [t.names[-1] for g in vague for t in g.targets]
        if len(positive) != 1:
            return False
        old = (against[0].name or against[0].value) if len(against) == 1 else self._last_named()
        if old is None or not self._put(old, positive[0]):
            return False
        self.said.groups = [g for g in self.said.groups if g not in vague]
        return True

    def _last_named(self) -> str | None:
        """What "kv-orders instead" replaces: the only resource there is."""
        if not self.said.marks & {"instead", "change", "no"} or self.said.against:
            return None
        names = {w.resource or w.inner for w in self.wishes}
        return names.pop() if len(names) == 1 else None

    def _put(self, old: str, new: str) -> bool:
        if plain_name(old) == self.draft.service_account:
            self.draft = self.draft.model_copy(update={"service_account": plain_name(new)})
            return True
        if plain_name(old) == self.draft.namespace:
            self.draft = self.draft.model_copy(update={"namespace": plain_name(new)})
            return True
        before = list(self.wishes)
        self.wishes = [_renamed(w, old, new) for w in self.wishes]
        return self.wishes != before

    # -- "drop the queue"

    def _drop(self, run: Sequence[Item]) -> None:
        things = [i for i in run if i.part in (Part.NAME, Part.THING, Part.PATH, Part.NOUN, Part.ACTION, Part.ROLE)]
        if not things:
            return
        said = " ".join(i.text for i in run)
        hits = [w for w in self.wishes if all(_is_about(w, item) for item in things)]
        if not hits:
            self._nothing_dropped(things, said)
            return
        named = any(i.part is not Part.NOUN for i in things) or said.casefold().rstrip().endswith("s")
        places = tuple(dict.fromkeys(_place(w) for w in hits))
        if len(places) > 1 and not named:
            self.problems.append(WHICH_OF.format(said=said, names=" or ".join(places)))
            return
        dropped = {Action(i.value) for i in things if i.part is Part.ACTION}
        self.wishes = [n for w in self.wishes for n in (self._less(w, dropped) if w in hits else (w,))]

    def _less(self, wish: Wish, dropped: set[Action]) -> tuple[Wish, ...]:
        """The wish without these verbs; gone when no verb is left or none was named."""
        left = tuple(a for a in wish.actions if a not in dropped)
        return (self._doing(wish, left),) if dropped and left else ()

    def _doing(self, wish: Wish, actions: tuple[Action, ...]) -> Wish:
        """The same resource with other verbs; its scope is looked at anew."""
        families = frozenset(role(key).family for key in wish.roles)
        roles = candidates(actions, families, wish.kinds, frozenset(self.offered))
        return wish.model_copy(update={"actions": actions, "roles": roles, "scope": None})

    def _nothing_dropped(self, things: Sequence[Item], said: str) -> None:
        if all(i.part is Part.ACTION for i in things):
            return  # "read but not write": nobody asked to write
        if self.draft.wishes:
            self.problems.append(NOTHING_LIKE.format(said=said))
        else:
            self.leftovers.append(f"not {said}")

    # -- "write as well", "kv-orders too"

    def _verbs_alone(self, group: Group) -> None:
        said = " ".join(i.text for i in group.items)
        actions = tuple(a for a in group.actions if a is not Action.USE)
        places = tuple(dict.fromkeys(_place(w) for w in self.wishes))
        if not actions:
            return
        marks = self.said.marks
        if len(places) != 1:
            self.problems.append(WHICH_OF.format(said=said, names=" or ".join(places)))
        elif "also" in marks:
            first = self.wishes[0]
            self.wishes += [self._doing(first, (action,)) for action in actions]
        elif marks & {"instead", "only", "no", "change", "against"}:
            self.wishes = [self._doing(self.wishes[0], (action,)) for action in actions]
        elif not set(actions) <= {a for w in self.wishes for a in w.actions}:
            self.problems.append(INSTEAD_OR_ALSO.format(said=said))

    def _take_the_place(self, new: Sequence[Wish]) -> None:
        """`only read secrets from kv-payments`, `no, kv-orders instead`: what was there gives way."""
        same = [w for w in self.wishes if any(w.resource == n.resource and w.inner == n.inner for n in new)]
        places = tuple(dict.fromkeys(_place(w) for w in self.wishes))
        if same:
            self.wishes = [w for w in self.wishes if w not in same]
        elif len(places) == 1:
            self.wishes = []
        else:
            said = " ".join(dict.fromkeys(w.said for w in new))
            self.problems.append(WHICH_OF.format(said=said, names=" or ".join(places)))

    def _bare_names(self) -> None:
        """A name that no word explains: with "also" one more resource for the same verbs."""
        for item in self.said.bare:
            last = self.wishes[-1] if self.wishes else None
            if last is not None and "also" in self.said.marks:
                group = Group(actions=list(last.actions), targets=[Target(resource=item.value)], items=[item])
                families = frozenset(role(key).family for key in last.roles)
                for wish in wishes_of([group], self.words, self.offered):
                    roles = tuple(r for r in wish.roles if role(r).family in families)
                    self.wishes.append(wish.model_copy(update={"roles": roles or wish.roles}))
            else:
                self.leftovers.append(item.text)


def _place(wish: Wish) -> str:
    resource = names_in(wish.resource)[-1] if wish.resource and wish.resource.startswith("/") else wish.resource
    return "/".join(part for part in (resource, wish.inner) if part) or wish.said


def _renamed(wish: Wish, old: str, new: str) -> Wish:
    wanted = old.casefold()
    if wish.resource and wanted in (wish.resource.casefold(), names_in(wish.resource)[-1].casefold()):
        return wish.model_copy(update={"resource": new, "scope": None})
    if wish.inner and wanted == wish.inner.casefold():
        return wish.model_copy(update={"inner": new, "scope": None})
    return wish


def _is_about(wish: Wish, item: Item) -> bool:
    """Whether a wish is what the word speaks of."""
    match item.part:
        case Part.ACTION:
            return Action(item.value) in wish.actions or item.value == Action.USE
        case Part.ROLE:
            return wish.roles == (item.value,)
        case Part.NOUN:
            kinds = set(NOUNS[item.value].kinds)
            if kinds and wish.kinds and not kinds & {k for k in wish.kinds}:
                outer = not wish.inner
                return outer and bool(_families(wish) & NOUNS[item.value].families)
            return bool(_families(wish) & (families_of([item.value]) or frozenset()))
        case _:
            names = {part.casefold() for part in (wish.inner or "").split("/") if part}
            if wish.resource:
                names |= {wish.resource.casefold(), names_in(wish.resource)[-1].casefold()}
            return (item.name or item.value).casefold() in names or (wish.inner or "") == (item.name or item.value)


def _families(wish: Wish) -> frozenset[object]:
    return frozenset(role(key).family for key in wish.roles)
