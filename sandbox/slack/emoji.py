"""The emoji that Slack knows, by name and by character."""

import re
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("emoji.txt")
TONES = {chr(0x1F3F9 + tone): tone for tone in range(2, 7)}
# Typed as they are: signs that Slack leaves alone in running text.
PLAIN = {"©", "®", "™"}


def known(name: str) -> bool:
    """Whether people can react with this name; `+1::skin-tone-3` is one, `:+1:` is not."""
    base, _, tone = name.partition("::")
    if tone:
        return tone in {f"skin-tone-{n}" for n in range(2, 7)} and base in _toned()
    return base in characters()


@cache
def characters() -> dict[str, str]:
    """The character of each name."""
    return {name: character for character, _, names in _rows() for name in names}


def named(text: str) -> str:
    """The same text with every emoji character written as its name, as Slack delivers it."""
    return _pattern().sub(_name, text)


def _name(found: re.Match[str]) -> str:
    name = _names()[found["emoji"]]
    tone = f":skin-tone-{TONES[found['tone']]}:" if found["tone"] else ""
    return f":{name}:{tone}"


@cache
def _rows() -> list[tuple[str, bool, list[str]]]:
    rows = []
    for line in TABLE.read_text().splitlines():
        if line.startswith("#") and not line.startswith("#\ufe0f"):
            continue
        character, *names = line.split()
        toned = names[0] == "*"
        rows.append((character, toned, names[1:] if toned else names))
    return rows


@cache
def _toned() -> frozenset[str]:
    return frozenset(name for _, toned, names in _rows() if toned for name in names)


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for character, _, names in _rows():
        if character[0].isascii() or character[0] in PLAIN:
            continue
        found[character] = names[0]
        found.setdefault(character.replace("\ufe0f", ""), names[0])
    return found


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_names(), key=len, reverse=True)
    return re.compile(f"(?P<emoji>{'|'.join(map(re.escape, longest_first))})(?P<tone>[{''.join(TONES)}])?")
