"""Names get the word that stands by them: `namespace payments`, `the payments namespace`, `queue: orders`."""

from collections.abc import Sequence

from bot.domain.draft.items import Item, Label, Part
from bot.domain.draft.words import NOUNS
from bot.domain.spec import ScopeKind

LINKS = frozenset({"named", "called", "name", "is", "the", "with", "our", "be"})
NAMES = (Part.NAME, Part.PATH)
WORDS = (Part.NOUN, Part.CLUSTER, Part.CONSUMER, Part.ACTION)
"""Words of the vocabulary that can also be somebody's name for something."""
TOP = frozenset(
    {ScopeKind.VAULT, ScopeKind.STORAGE, ScopeKind.SERVICE_BUS, ScopeKind.COSMOS, ScopeKind.EVENT_HUBS}
)
# "process queue messages" tells what is processed, "topic events" how the topic is called.
NEVER_A_NAME = frozenset({"messages", "secrets", "blobs", "keys"})


def bind(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items with each label or noun and its name made one: a FIELD, or a THING."""
    bound: list[Item] = []
    here = 0
    while here < len(items):
        item = items[here]
        at = _name_after(items, here) if _binds(item) else None
        if at is not None:
            bound.append(_joined(item, items[at]))
            here = at + 1
            continue
        if _binds(item) and bound and _is_name_before(item, bound):
            bound.append(_joined(item, bound.pop()))
        else:
            bound.append(item)
        here += 1
    return tuple(bound)


def _binds(item: Item) -> bool:
    return item.part is Part.LABEL or (item.part is Part.NOUN and bool(NOUNS[item.value].kinds))


def _joined(label: Item, name: Item) -> Item:
    first, last = sorted((label, name), key=lambda item: item.start)
    part = Part.FIELD if label.part is Part.LABEL else Part.THING
    said = name.value if name.part in (*NAMES, Part.CLUSTER) else name.text
    if part is Part.THING and name.part is Part.CLUSTER:
        said = name.text
    text = f"{first.text} {last.text}"
    return Item(part, label.value, text, first.start, last.end, said, name.sure)


def _name_after(items: Sequence[Item], here: int) -> int | None:
    """Where the name of a label stands that comes before it; None when no name follows."""
    at = here + 1
    while at < len(items) and _is_link(items[at], items[here]):
        at += 1
    if at == len(items):
        return None
    label, name = items[here], items[at]
    if name.part in NAMES:
        return None if _belongs_to_next(items, here, at) else at
    adjacent = at == here + 1 or items[at - 1].part is Part.BREAK
    return at if adjacent and _can_be_named(label, name, items, at) else None


def _is_link(item: Item, label: Item) -> bool:
    if item.part is Part.PREPOSITION:
        return item.value == "of" and label.value == Label.APP
    if item.part is Part.STOP:
        return item.text.casefold() in LINKS
    return item.part is Part.BREAK and item.value in (":", "=")


def _belongs_to_next(items: Sequence[Item], here: int, at: int) -> bool:
    """Whether, in `service bus orders queue`, the name is the second noun's."""
    if items[here].part is not Part.NOUN or at + 1 >= len(items):
        return False
    following = items[at + 1]
    if following.part is not Part.NOUN or not _binds(following):
        return False
    return _name_after(items, at + 1) is None


def _can_be_named(label: Item, name: Item, items: Sequence[Item], at: int) -> bool:
    """Whether a word of the vocabulary is a name here: `namespace storage`, `topic events`."""
    if label.part is Part.LABEL:
        if label.value == Label.CLUSTER:
            return name.part is Part.CLUSTER
        return label.value != Label.APP and name.part in WORDS
    if name.part is not Part.NOUN or name.value in NEVER_A_NAME or _is_top(label):
        return False
    return name.text.isalnum() and not (_binds(name) and _name_after(items, at) is not None)


def _is_top(item: Item) -> bool:
    return bool(TOP & set(NOUNS[item.value].kinds))


def _is_name_before(label: Item, bound: Sequence[Item]) -> bool:
    """Whether the piece just before a label is its name: `the payments namespace`, `orders queue`."""
    name = bound[-1]
    before = bound[-2] if len(bound) > 1 else None
    if label.part is Part.LABEL:
        wanted = (*NAMES, Part.CLUSTER) if label.value == Label.CLUSTER else NAMES
        return name.part in wanted
    if name.part is Part.NOUN:
        return name.value in ("events", "items", "images") and not _is_top(label) and name.text.isalnum()
    if name.part is not Part.NAME:
        return False
    # "give payments-api storage access" names the workload, "from kv-payments vault" the vault.
    starts = before is None or before.part in (Part.GIVE, Part.BREAK, Part.END) or before.value == "for"
    return not (starts and _is_top(label))
