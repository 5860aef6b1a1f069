"""Until when: recognized, so that it is not taken for something else, and refused."""

import re
from collections.abc import Sequence

from bot.domain.draft.items import Item

UNIT = r"(?:hour|day|week|fortnight|month|quarter|year|sprint)s?"
NUMBER = r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|(?:a )?couple of|(?:a )?few)"
DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|tonight|friday"
LIFETIME = re.compile(
    rf"\bfor (?:the next |about |at least |around )?{NUMBER}[ -]{UNIT}\b"
    rf"|\b(?:until|till) (?:the )?(?:end of )?(?:next |this |the )?[\w./-]*\w(?: \d{{1,2}}\w*)?(?: \d{{4}})?"
    rf"|\b(?:only )?temporarily\b|\bfor (?:now|the time being)\b|\bby (?:next )?(?:{DAY})\b",
    re.IGNORECASE,
)
NO_END = (
    "“{said}”: I cannot end an identity by time yet. Say “ok” to go on without an end, or ask the operators"
    " to take it back then."
)


def take_lifetime(items: Sequence[Item], text: str) -> tuple[tuple[str, ...], tuple[Item, ...]]:
    """What the message says about an end, and the items without it."""
    spans = [m.span() for m in LIFETIME.finditer(text)]
    inside = [s for s in spans if any(s[0] <= item.start < s[1] for item in items)]
    rest = tuple(i for i in items if not any(start <= i.start < end for start, end in inside))
    return tuple(" ".join(text[start:end].split()) for start, end in inside), rest
