"""A short message as parts, each told once and shown twice: as blocks, and in the text of a notification."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.views.blocks import Block, Shown, bullets, facts, paragraph, quote, shown
from bot.views.words import Bold, Line, User, fit, line

About = dict[str, Any]
"""What fills a notice's text."""
SHOWN = 12
WORD = 200
TEXT = 300
QUOTED = 1500


@dataclass(frozen=True)
class Listed:
    """Lines with a mark before each."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Quoted:
    """Somebody's words."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Names and values."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Raw:
    """Blocks that only make sense on a screen, like buttons."""

    blocks: tuple[Block, ...]


Part = Line | Listed | Quoted | Facts | Raw


def compose(parts: Iterable[Part], mention: Sequence[str] = ()) -> Shown:
    """One message of these parts, which begins with a mention of these people."""
    blocks: list[Block] = []
    text: list[Line] = []
    opening = tuple(piece for user in mention for piece in (User(user), " "))
    for part in parts:
        if isinstance(part, tuple):
            blocks.append(paragraph((*opening, *part)))
            text.append((*opening, *part))
            opening = ()
        else:
            blocks += _drawn(part)
            text += _told(part)
    return shown(blocks, text)


def few(lines: Iterable[Line], most: int = SHOWN) -> Listed:
    """The first of the lines, and how many more there are."""
    each = list(lines)
    more = [line(f"and {len(each) - most} more")] if len(each) > most else []
    return Listed((*each[:most], *more))


def brief(texts: Iterable[object]) -> Listed:
    """Somebody's or the bot's texts as a list, each short enough to read."""
    return few(line(fit(str(text), TEXT)) for text in texts)


def fields(pairs: Iterable[tuple[str, str]]) -> Facts:
    """What was understood, each value short enough to read."""
    return Facts(tuple((str(name), fit(str(value), TEXT)) for name, value in list(pairs)[:SHOWN]))


def _drawn(part: Listed | Quoted | Facts | Raw) -> list[Block]:
    match part:
        case Listed(lines):
            return bullets(lines)
        case Quoted(text):
            return quote(fit(text, QUOTED))
        case Facts(pairs):
            return facts(pairs)
        case Raw(blocks):
            return list(blocks)


def _told(part: Listed | Quoted | Facts | Raw) -> list[Line]:
    match part:
        case Listed(lines):
            return [("• ", *one) for one in lines]
        case Quoted(text):
            return [line("“", fit(text, QUOTED), "”")]
        case Facts(pairs):
            return [line(Bold(name), f": {value}") for name, value in pairs]
        case Raw():
            return []
