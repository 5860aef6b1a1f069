"""A message's wishes put into the draft: added, replaced, narrowed or dropped."""

from collections.abc import Sequence

from bot.domain.catalog import Catalog
from bot.domain.draft.fields_said import plain_name, with_fields
from bot.domain.draft.items import Item, Part
from bot.domain.draft.matching import families_in, is_about, is_about_noun, place_of, places_of, renamed
from bot.domain.draft.said import Group, Said, Target
from bot.domain.draft.targets import looks_like_a_resource
from bot.domain.draft.values import Draft, Heard, Wish
from bot.domain.draft.what import looks_like_a_name
from bot.domain.draft.wishes import candidates, settled, shared, wishes_of
from bot.domain.roles import Action, role

WHICH_OF = "“{said}”: with which of {names}? Please say it with the name."
INSTEAD_OR_ALSO = "“{said}”: instead of what is asked for now, or as well? Please say which."
NOTHING_LIKE = "There is no “{said}” in this request, so there is nothing to drop."
NAMED = (Part.NAME, Part.THING, Part.PATH)
DROPPABLE = (*NAMED, Part.NOUN, Part.ACTION, Part.ROLE)
INSTEAD = frozenset({"instead", "only", "no", "change"})
MEANT = INSTEAD | {"also", "against", "need"}
"""What makes a later message a change of the request and not talk beside it."""


def with_changes(draft: Draft, said: Said, opening: Item | None, words: str, catalog: Catalog) -> Heard:
    """The draft with everything that the message says in it. `opening` is its first word with a content."""
    changed, problems = with_fields(draft, said, catalog)
    change = _Change(changed, said, words, catalog)
    change.names_only = opening is not None and opening.part in (*NAMED, Part.NOUN, Part.ID)
    change.apply(is_meant=not draft.wishes or _is_meant(said, opening))
    leftovers = (*(i.text for i in sorted(said.leftovers, key=lambda i: i.start)), *change.leftovers)
    return Heard(
        draft=change.draft.model_copy(update={"wishes": settled(change.wishes)}),
        leftovers=tuple(dict.fromkeys(leftovers)),
        problems=(*problems, *said.problems, *change.problems),
    )


def _is_meant(said: Said, opening: Item | None) -> bool:
    """Whether a later message asks for more: "I am reading the runbook of kv-payments" does not."""
    if said.marks & MEANT:
        return True
    verb = opening is not None and opening.part in (Part.ACTION, Part.AND, Part.ROLE)
    return verb and opening is not None and not opening.text.casefold().endswith("ing")


class _Change:
    """One message's effect on the wishes, from the first to the last thing that it says."""

    def __init__(self, draft: Draft, said: Said, words: str, catalog: Catalog) -> None:
        self.draft = draft
        self.said = said
        self.words = words
        self.offered = frozenset(catalog.roles)
        self.wishes: list[Wish] = list(draft.wishes)
        self.leftovers: list[str] = []
        self.problems: list[str] = []
        self.names_only = False
        """Whether the message begins with a thing, and not with a verb or with talk."""

    def apply(self, is_meant: bool) -> None:
        """The wishes are as the message wants them."""
        if not self._replace_a_name():
            swapped = self._swapped_verbs()
            for run in self.said.against:
                if not (swapped and run.verbs_only):
                    self._drop(run.word, [i for i in run.items if i.part in DROPPABLE])
            self._bare_names()
        groups = shared(self.said.groups)
        later = [g for g in groups if not (self.draft.wishes and self._is_about_known(g))]
        new = wishes_of(later, self.words, self.offered)
        if new and not is_meant:
            self._doubtful(new)
        elif new and self.draft.wishes and self.said.marks & INSTEAD and "also" not in self.said.marks:
            self._take_the_place(new)
        else:
            self.wishes += [w for w in new if not self._is_there(w)]

    def _doubtful(self, new: Sequence[Wish]) -> None:
        """A resource that somebody just names is asked about; what stands in other talk is left alone."""
        for said in dict.fromkeys(w.said for w in new):
            if self.names_only and not self.said.leftovers:
                self.problems.append(INSTEAD_OR_ALSO.format(said=said))
            else:
                self.leftovers.append(said)

    def _is_there(self, new: Wish) -> bool:
        """Whether the same was asked for before, and has perhaps been settled since."""
        return any(
            (w.resource, w.inner) == (new.resource, new.inner) and set(w.roles) <= set(new.roles)
            for w in self.wishes
        )

    # -- "not kv-payments, kv-orders"

    def _replace_a_name(self) -> bool:
        """Whether one name was given for another, and now stands where that stood."""
        against = [i for run in self.said.against for i in run.items if i.part in NAMED]
        vague = [g for g in self.said.groups if g.is_vague and not g.nouns and len(g.targets) == 1]
        named = [i.value for i in self.said.bare if against or looks_like_a_name(i)]
        named += [t.names[-1] for g in vague for t in g.targets if t.names]
        if len(named) != 1:
            return False
        old = (against[0].name or against[0].value) if len(against) == 1 else self._only_name(against)
        if old is None or not self._put(old, named[0]):
            return False
        self.said.groups = [g for g in self.said.groups if g not in vague]
        self.said.bare = []
        return True

    def _only_name(self, against: Sequence[Item]) -> str | None:
        """What "kv-orders instead" replaces: the only resource there is."""
        if against or "also" in self.said.marks or not self.said.marks & (INSTEAD - {"only"}):
            return None
        names = {w.resource or w.inner for w in self.wishes}
        return names.pop() if len(names) == 1 else None

    def _put(self, old: str, new: str) -> bool:
        for field in ("service_account", "namespace"):
            if getattr(self.draft, field) == plain_name(old):
                self.draft = self.draft.model_copy(update={field: plain_name(new)})
                return True
        before = list(self.wishes)
        self.wishes = [renamed(w, old, new) for w in self.wishes]
        return self.wishes != before

    # -- "drop the queue", "send instead of receive"

    def _swapped_verbs(self) -> bool:
        """Whether verbs were given for others, and now stand where those stood."""
        old = {Action(i.value) for run in self.said.against if run.verbs_only for i in run.items}
        lone = [g for g in self.said.groups if not (g.targets or g.nouns or g.roles)]
        hits = [w for w in self.wishes if old & set(w.actions)]
        if len(lone) != 1 or not hits:
            return False
        new = tuple(a for a in lone[0].actions if a is not Action.USE)
        self.wishes = [
            self._doing(w, (*(a for a in w.actions if a not in old and a not in new), *new))
            if w in hits
            else w
            for w in self.wishes
        ]
        self.said.groups.remove(lone[0])
        return True

    def _drop(self, word: str, things: Sequence[Item]) -> None:
        if not things:
            return
        said = " ".join(i.text for i in things)
        hits = [w for w in self.wishes if all(is_about(w, item) for item in things)]
        if not hits:
            self._nothing_dropped(word, things, said)
            return
        one_noun = all(i.part is Part.NOUN for i in things) and not said.casefold().endswith("s")
        if one_noun and len(places_of(hits)) > 1:
            self.problems.append(WHICH_OF.format(said=said, names=" or ".join(places_of(hits))))
            return
        dropped = {Action(i.value) for i in things if i.part is Part.ACTION}
        self.wishes = [n for w in self.wishes for n in (self._less(w, dropped) if w in hits else (w,))]

    def _less(self, wish: Wish, dropped: set[Action]) -> tuple[Wish, ...]:
        """The wish without these verbs; gone when no verb is left or none was named."""
        left = tuple(a for a in wish.actions if a not in dropped)
        return (self._doing(wish, left),) if dropped - {Action.USE} and left else ()

    def _doing(self, wish: Wish, actions: tuple[Action, ...]) -> Wish:
        """The same resource with other verbs; its scope is looked at anew."""
        roles = [candidates((a,), families_in(wish), wish.kinds, self.offered) for a in actions]
        widest = next((r for r in roles if len(r) != 1), roles[-1])
        keys = widest if len(actions) == 1 else _covering(roles) or widest
        said = f"{' and '.join(actions)} {place_of(wish)}"
        return wish.model_copy(update={"said": said, "actions": actions, "roles": keys, "scope": None})

    def _nothing_dropped(self, word: str, things: Sequence[Item], said: str) -> None:
        if all(i.part is Part.ACTION for i in things):
            return  # "read but not write": nobody asked to write
        if self.draft.wishes:
            self.problems.append(NOTHING_LIKE.format(said=said))
        else:
            self.leftovers.append(f"{word} {said}")

    # -- "write as well", "only read the blobs", "kv-orders too"

    def _is_about_known(self, group: Group) -> bool:
        """Whether verbs without a resource were meant for what is asked for already, and are now there."""
        actions = tuple(a for a in group.actions if a is not Action.USE)
        if group.targets or group.roles or not actions:
            return False
        hits = [w for w in self.wishes if all(is_about_noun(w, noun) for noun in group.nouns)]
        if not hits:
            return False
        said = " ".join(i.text for i in group.items)
        if len(places_of(hits)) > 1:
            self.problems.append(WHICH_OF.format(said=said, names=" or ".join(places_of(hits))))
        elif "also" in self.said.marks:
            self.wishes += [self._doing(hits[0], (action,)) for action in actions]
        elif self.said.marks & INSTEAD:
            first = self.wishes.index(hits[0])
            kept = [w for w in self.wishes if w not in hits]
            self.wishes = [*kept[:first], *(self._doing(hits[0], (a,)) for a in actions), *kept[first:]]
        elif not set(actions) <= {a for w in hits for a in w.actions}:
            self.problems.append(INSTEAD_OR_ALSO.format(said=said))
        return True

    def _take_the_place(self, new: Sequence[Wish]) -> None:
        """`only read secrets from kv-payments`, `queue orders instead`: what was there gives way."""
        families = frozenset(f for w in new for f in families_in(w))
        same = [w for w in self.wishes if (w.resource, w.inner) in {(n.resource, n.inner) for n in new}]
        alike = same or [w for w in self.wishes if families_in(w) & families] or self.wishes
        if len(places_of(alike)) > 1:
            said = " and ".join(dict.fromkeys(w.said for w in new))
            self.problems.append(WHICH_OF.format(said=said, names=" or ".join(places_of(alike))))
            return
        self.wishes = [*(w for w in self.wishes if w not in alike), *new]

    def _bare_names(self) -> None:
        """A name that no word explains: one more resource with "also", the first one where there is none."""
        if self.wishes and "also" in self.said.marks:
            vague = [g for g in self.said.groups if g.is_vague and not g.nouns and not g.unclear]
            self.said.bare += [i for g in vague for i in g.items if i.part is Part.NAME]
            self.said.groups = [g for g in self.said.groups if g not in vague]
        for item in self.said.bare:
            last = self.wishes[-1] if self.wishes else None
            group = Group(targets=[Target(resource=item.value)], items=[item])
            if last is not None and "also" in self.said.marks:
                group.actions = list(last.actions)
                for wish in wishes_of([group], self.words, self.offered):
                    roles = candidates(wish.actions, families_in(last) or None, (), self.offered)
                    self.wishes.append(wish.model_copy(update={"roles": roles}))
            elif last is None and looks_like_a_resource(item.value):
                self.wishes += wishes_of([group], self.words, self.offered)
            else:
                self.leftovers.append(item.text)


def _covering(roles: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The one role that gives what all of them give, if there is one among them."""
    settled_ = [keys[0] for keys in roles if len(keys) == 1]
    for key in settled_:
        if len(settled_) == len(roles) and all(k == key or k in role(key).includes for k in settled_):
            return (key,)
    return ()
