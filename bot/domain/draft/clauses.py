"""Items → what they say: who (cluster, namespace, account) and what (verbs, nouns, resources)."""

from collections.abc import Callable, Sequence

from bot.domain.draft import what, who
from bot.domain.draft.items import Item, Part
from bot.domain.draft.progress import SILENT, Progress
from bot.domain.draft.said import Said
from bot.domain.draft.values import Draft

NEVER = (
    "I never give “{role}”: it can do anything there, or give rights to others."
    " Please say what is to be read, written, sent or received."
)
REPLACES = frozenset({"change", "changes", "replace", "switch", "rename", "move", "swap"})


def read_clauses(items: Sequence[Item], known: Draft, what: bool = False) -> Said:
    """What the items say. `known` is the draft so far; `what` is whether they answer what is to be done."""
    reading = Progress(items, known, what=what)
    while (item := reading.next()) is not None:
        reading.at += 1
        _READERS.get(item.part, _unknown)(reading, item)
        reading.needed = item.part is Part.NEED or (reading.needed and item.part in SILENT)
        if item.part not in (Part.AND, Part.OR, *SILENT):
            reading.joined = None
    return reading.said


def _silent(reading: Progress, item: Item) -> None:
    word = item.text.casefold()
    if word in ("them", "it") and reading.group is not None:
        what.again(reading, reading.group)
    if word == "but" or (reading.replacing and word == "with"):
        reading.against = reading.replacing = False


def _preposed(reading: Progress, item: Item) -> None:
    word = item.value
    if reading.replacing and word in ("to", "by", "for", "into"):
        reading.against = reading.replacing = False
        return
    if word == "to" and reading.needed:
        return  # "needs to" goes before a verb
    reading.preposition = word
    if word in ("for", "by") and not reading.verb_follows():
        reading.what = False


def _broken(reading: Progress, item: Item) -> None:
    reading.against = reading.replacing = False
    reading.preposition = None
    reading.joined = Part.BREAK


def _ended(reading: Progress, item: Item) -> None:
    _broken(reading, item)
    reading.what, reading.group, reading.joined = False, None, None


def _joining(reading: Progress, item: Item) -> None:
    reading.joined = item.part


def _needing(reading: Progress, item: Item) -> None:
    reading.said.marks.add("need")
    reading.preposition = None
    following = reading.next()
    asks = reading.at == 1 and following is not None and following.part in (Part.NAME, Part.PATH)
    reading.what = not asks  # "can payments-api read …?"


def _giving(reading: Progress, item: Item) -> None:
    reading.said.marks.add("need")
    reading.preposition = reading.group = None
    reading.what = False


def _running(reading: Progress, item: Item) -> None:
    reading.said.marks.add("runs")
    reading.preposition = None
    reading.what = False


def _also(reading: Progress, item: Item) -> None:
    reading.said.marks.add("also")
    reading.against = False


def _only(reading: Progress, item: Item) -> None:
    reading.said.marks.add("only")


def _changing(reading: Progress, item: Item) -> None:
    reading.said.marks.add("change")
    if item.value in REPLACES:
        reading.replacing = True
        reading.begin_refusing("")


def _instead(reading: Progress, item: Item) -> None:
    reading.said.marks.add("instead")
    if item.value != "instead":
        reading.begin_refusing("not")


def _refusing(reading: Progress, item: Item) -> None:
    following = reading.next()
    if item.value == "no" and following is not None and following.part in (Part.BREAK, Part.END):
        reading.said.marks.add("no")
    elif following is not None and following.part is Part.ONLY:
        reading.at += 1  # "not only read but also write"
    else:
        reading.said.marks.add("against")
        reading.begin_refusing(item.text)


def _privileged(reading: Progress, item: Item) -> None:
    """Nobody gets such a role, on whatever it was asked for."""
    reading.said.problems.append(NEVER.format(role=item.text))
    while (following := reading.next()) is not None and following.part not in (Part.BREAK, Part.END):
        reading.at += 1


def _unknown(reading: Progress, item: Item) -> None:
    reading.said.leftovers.append(item)


_READERS: dict[Part, Callable[[Progress, Item], None]] = {
    Part.STOP: _silent,
    Part.SO_THAT: _silent,
    Part.REASON: _silent,
    Part.PREPOSITION: _preposed,
    Part.BREAK: _broken,
    Part.END: _ended,
    Part.AND: _joining,
    Part.OR: _joining,
    Part.NEED: _needing,
    Part.GIVE: _giving,
    Part.RUNS: _running,
    Part.ALSO: _also,
    Part.ONLY: _only,
    Part.DROP: _refusing,
    Part.NOT: _refusing,
    Part.PRIVILEGED: _privileged,
    Part.INSTEAD: _instead,
    Part.CHANGE: _changing,
    Part.CLUSTER: who.clustered,
    Part.CONSUMER: who.consumed,
    Part.SUBJECT: who.subject,
    Part.FIELD: who.fielded,
    Part.LABEL: who.labelled,
    Part.ACTION: what.acted,
    Part.ROLE: what.roled,
    Part.NOUN: what.noun,
    Part.NAME: what.named,
    Part.PATH: what.path,
    Part.THING: what.thing,
    Part.ID: what.identified,
}
