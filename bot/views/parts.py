"""A short message as parts, each told once and shown twice: as blocks, and in the text of a notification."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.views.blocks import (
    BLOCKS,
    MESSAGE,
    Block,
    Shown,
    bullets,
    context,
    facts,
    paragraph,
    quote,
    shown,
    size,
)
from bot.views.words import Bold, Code, Line, Piece, User, fit, line

About = dict[str, Any]
"""What fills a notice's text."""
SHOWN = 12
NAME = 40
WORD = 150
TEXT = 300
PIECE = 1_000
SPARE = 300
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
        drawn, told = _drawn(part, opening), _told(part, opening)
        if size([*blocks, *drawn]) > MESSAGE - SPARE or len(blocks) + len(drawn) >= BLOCKS:
            blocks.append(context("There is more to this than fits into one message."))
            break
        blocks += drawn
        text += told
        opening = () if isinstance(part, tuple) else opening
    return shown(blocks, text)


def _short(piece: Piece) -> Piece:
    """Words of people may stand in any piece; the whole text of what is approved never stands in a notice."""
    match piece:
        case str(text):
            return fit(text, PIECE)
        case Bold(text):
            return Bold(fit(text, PIECE))
        case Code(text):
            return Code(fit(text, PIECE))
        case _:
            return piece


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
    each = [(fit(str(name), NAME), fit(str(value), WORD)) for name, value in pairs]
    more = [("More", f"and {len(each) - SHOWN} others")] if len(each) > SHOWN else []
    return Facts((*each[:SHOWN], *more))


def _drawn(part: Part, opening: Line) -> list[Block]:
    match part:
        case tuple():
            return [paragraph((*opening, *map(_short, part)))]
        case Listed(lines):
            return bullets(lines)
        case Quoted(text):
            return quote(fit(text, QUOTED))
        case Facts(pairs):
            return facts(pairs)
        case Raw(blocks):
            return list(blocks)


def _told(part: Part, opening: Line) -> list[Line]:
    match part:
        case tuple():
            return [(*opening, *map(_short, part))]
        case Listed(lines):
            return [("• ", *one) for one in lines]
        case Quoted(text):
            return [line("“", fit(text, QUOTED), "”")]
        case Facts(pairs):
            return [line(Bold(name), f": {value}") for name, value in pairs]
        case Raw():
            return []
