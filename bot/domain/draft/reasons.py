"""Why: the words after "because", the ticket after "for", taken out of a message before the rest is read."""

from collections.abc import Callable, Sequence

from bot.domain.draft.items import Item, Part

WISHES = (Part.ACTION, Part.NOUN, Part.ROLE, Part.THING)


def take_reason(items: Sequence[Item], text: str) -> tuple[str | None, tuple[Item, ...]]:
    """The reason as it was said, and the items without it."""
    reasons: list[str] = []
    rest: list[Item] = []
    here = 0
    while here < len(items):
        end = _end_of_reason(items, here)
        if end is None:
            rest.append(items[here])
            here += 1
            continue
        start = here if items[here].part is Part.TICKET else here + 1
        reasons.append(_slice(text, items[start:end]))
        if rest and rest[-1].value == "for" and rest[-1].part is Part.PREPOSITION:
            rest.pop()
        here = end
    said = ", ".join(dict.fromkeys(r for r in reasons if r))
    return said or None, tuple(rest)


def _slice(text: str, items: Sequence[Item]) -> str:
    if not items:
        return ""
    words = " ".join(text[items[0].start : items[-1].end].split())
    words = words.strip(" ,;:.!-=")
    return words.removesuffix(")") if words.count(")") > words.count("(") else words


def _end_of_reason(items: Sequence[Item], here: int) -> int | None:
    """Where the reason that begins here ends; None when none begins here."""
    item = items[here]
    match item.part:
        case Part.TICKET:
            follows = here + 1 < len(items) and items[here + 1].value == ":"
            return _sentence_end(items, here) if follows else here + 1
        case Part.BECAUSE:
            return _clause_end(items, here)
        case Part.SO_THAT if not _is_wish(items, here):
            return _clause_end(items, here)
        case Part.REASON if here + 1 < len(items) and items[here + 1].value in (":", "=", "-", "is"):
            return _line_end(items, here)
        case _:
            return None


def _is_wish(items: Sequence[Item], here: int) -> bool:
    """Whether "so it can read kv-payments" is what is asked for, and no reason for something else."""
    if any(item.part in WISHES for item in items[:here]):
        return False
    return any(item.part in (Part.ACTION, Part.ROLE) for item in items[here : _sentence_end(items, here)])


def _sentence_end(items: Sequence[Item], here: int) -> int:
    return _first(items, here, lambda item: item.part is Part.END or item.value == "\n")


def _line_end(items: Sequence[Item], here: int) -> int:
    return _first(items, here, lambda item: item.value == "\n")


def _clause_end(items: Sequence[Item], here: int) -> int:
    """The sentence's end; for a reason that opens its sentence, the comma after it."""
    opens = here == 0 or items[here - 1].part is Part.END or items[here - 1].value == "\n"
    end = _sentence_end(items, here)
    if not opens:
        return end
    comma = _first(items, here, lambda item: item.value == ",")
    return min(comma, end)


def _first(items: Sequence[Item], here: int, holds: Callable[[Item], bool]) -> int:
    return next((at for at in range(here, len(items)) if holds(items[at])), len(items))
