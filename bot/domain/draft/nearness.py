"""How near two names are, to ask "did you mean …?" and never to decide it."""

from collections.abc import Iterable

FAR = 3


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a slip of the finger away is nearest; None when none is near."""
    wanted = name.casefold()
    best: tuple[int, str] | None = None
    for one in sorted(set(known)):
        distance = edits(wanted, one.casefold())
        if distance <= min(FAR, max(1, len(wanted) // 4)) and (best is None or distance < best[0]):
            best = (distance, one)
    return best[1] if best else None


def edits(one: str, other: str) -> int:
    """How many letters to add, drop, change or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
