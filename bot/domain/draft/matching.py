"""Which of the wishes a word speaks of, and how a wish is called."""

from collections.abc import Iterable

from bot.domain.draft.addresses import is_id, names_in
from bot.domain.draft.items import Item, Part
from bot.domain.draft.said import families_of
from bot.domain.draft.values import Wish
from bot.domain.draft.words import NOUNS
from bot.domain.roles import Action, Family, role


def place_of(wish: Wish) -> str:
    """What a wish is about, as people call it: `kv-payments`, `sb-shop/orders`."""
    resource = wish.resource
    if resource and is_id(resource):
        resource = "/".join(names_in(resource))
    return "/".join(part for part in (resource, wish.inner) if part) or wish.said


def places_of(wishes: Iterable[Wish]) -> tuple[str, ...]:
    """What the wishes are about, each once."""
    return tuple(dict.fromkeys(place_of(wish) for wish in wishes))


def families_in(wish: Wish) -> frozenset[Family]:
    """Whose roles a wish can mean."""
    return frozenset(role(key).family for key in wish.roles)


def is_about(wish: Wish, item: Item) -> bool:
    """Whether a wish is what a word speaks of."""
    match item.part:
        case Part.ACTION:
            return item.value == Action.USE or Action(item.value) in wish.actions
        case Part.ROLE:
            return wish.roles == (item.value,)
        case Part.NOUN:
            return is_about_noun(wish, item.value)
        case _:
            return (item.name or item.value).casefold() in names_of(wish)


def is_about_noun(wish: Wish, noun: str) -> bool:
    """Whether a wish is about such a thing: "the queue", "the blobs"."""
    kinds = set(NOUNS[noun].kinds)
    if wish.inner and kinds and wish.kinds and not kinds & set(wish.kinds):
        return False
    return bool(families_in(wish) & (families_of([noun]) or frozenset()))


def names_of(wish: Wish) -> frozenset[str]:
    """Every name in a wish, in lower case, alone and as a path."""
    parts = [wish.resource or "", wish.inner or "", *(wish.inner or "").split("/"), place_of(wish)]
    if wish.resource and is_id(wish.resource):
        parts += names_in(wish.resource)
    return frozenset(part.casefold() for part in parts if part)


def renamed(wish: Wish, old: str, new: str) -> Wish:
    """The wish with one name for another, to be looked for anew; unchanged where the name is not in it."""
    wanted = old.casefold()
    if wish.resource and wanted in {wish.resource.casefold(), names_in(wish.resource)[-1].casefold()}:
        return wish.model_copy(update={"resource": new, "scope": None})
    if wish.inner and wanted == wish.inner.casefold():
        return wish.model_copy(update={"inner": new, "scope": None})
    return wish
