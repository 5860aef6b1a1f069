"""Block Kit within Slack's limits (slack.md 1.5), whatever is put into it.

Two kinds of builders: those for our own few words, which cut (`header`, `context`, `button`), and those
for what must be read whole, which split (`bullets`, `quote`, `code`, `facts`) and never lose a character.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.views.words import Bold, Line, elements, fit, line, prose, spoken, visible

Block = dict[str, Any]
T = TypeVar("T")

BLOCKS = 50
HEADER = 150
FIELDS = 10
FIELD = 2000
CONTEXT = 10
CONTEXT_TEXT = 300
ACTIONS = 25
LABEL = 75
OPTIONS = 100
OPTION_VALUE = 150
BUTTON_VALUE = 2000
WORDS = re.compile(r"\s*\S+\s*|\s+")
CHUNK = 2500
"""Of one block of rich text. Slack documents no limit for it; 3,000 is that of a section's text."""
MESSAGE = 12_500
"""Of one message's blocks as JSON. Slack says `msg_blocks_too_long` at about 13,200 (bolt-js 2509, 2867)."""


@dataclass(frozen=True)
class Shown:
    """One message: its blocks, and the text that stands for them in a notification."""

    blocks: list[Block]
    text: str


def shown(blocks: Sequence[Block], text: Iterable[Line]) -> Shown:
    """One message; ValueError when it is longer than Slack takes, which no caller may let happen."""
    if len(blocks) > BLOCKS or size(blocks) > MESSAGE:
        raise ValueError(
            f"a message of {len(blocks)} blocks and {size(blocks)} characters is too long for Slack"
        )
    return Shown(list(blocks), spoken(text))


def size(blocks: Iterable[Block]) -> int:
    """How much of a message the blocks take: their length as JSON."""
    return sum(len(json.dumps(block, separators=(",", ":"), ensure_ascii=False)) + 1 for block in blocks)


def header(text: str) -> Block:
    """A heading of the message."""
    return {"type": "header", "text": _plain(text, HEADER)}


def paragraph(*lines: Line) -> Block:
    """Lines of text, one under another."""
    pieces = [piece for one in lines for piece in ("\n", *one)][1:]
    return _rich({"type": "rich_text_section", "elements": elements(tuple(pieces))})


def title(text: str) -> Block:
    """A heading within the message."""
    return paragraph(line(Bold(text)))


def bullets(lines: Iterable[Line], ordered: bool = False) -> list[Block]:
    """A list, over as many blocks as it needs; with `ordered` it is numbered throughout."""
    items = [{"type": "rich_text_section", "elements": elements(one)} for one in lines]
    blocks, start = [], 0
    for chunk in _chunks(items, lambda item: size([item])):
        part: Block = {
            "type": "rich_text_list",
            "style": "ordered" if ordered else "bullet",
            "elements": chunk,
        }
        if ordered and start:
            part["offset"] = start
        blocks.append(_rich(part))
        start += len(chunk)
    return blocks


def quote(text: str) -> list[Block]:
    """Somebody's words, as they are."""
    return [
        _rich({"type": "rich_text_quote", "elements": [{"type": "text", "text": part}]})
        for part in _parts(WORDS.findall(prose(text)))
    ]


def code(text: str) -> list[Block]:
    """A file or a difference, letter by letter; what hides in it is written out."""
    return [
        _rich({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": part}]})
        for part in _parts(visible(text, joiners=False).splitlines(True))
    ]


def facts(pairs: Iterable[tuple[str, str]]) -> list[Block]:
    """Names and values side by side; on a phone one under another."""
    fields: list[Block] = []
    for name, value in pairs:
        for number, part in enumerate(_parts([prose(value)], FIELD)):
            fields += [
                {"type": "mrkdwn", "text": f"*{name}*" if not number else f"*{name}*, going on"},
                _plain(part, FIELD),
            ]
    return [{"type": "section", "fields": fields[i : i + FIELDS]} for i in range(0, len(fields), FIELDS)]


def context(*texts: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [_plain(text, CONTEXT_TEXT) for text in texts[:CONTEXT]]}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def choices(
    block_id: str, action_id: str, options: Sequence[tuple[str, str]], placeholder: str
) -> list[Block]:
    """Buttons for a few known answers, a select for many; at most the first 100.

    Within one block Slack wants each action id once, so the buttons' end in a number. A value too long
    for a select (150) makes buttons of all of them.
    """
    known = options[:OPTIONS]
    if len(known) > 5 and all(len(value) <= OPTION_VALUE for _, value in known):
        return [_actions(block_id, [_select(action_id, known, placeholder)])]
    buttons = [_button(f"{action_id}:{n}", label, value) for n, (label, value) in enumerate(known)]
    rows = [buttons[i : i + ACTIONS] for i in range(0, len(buttons), ACTIONS)]
    return [_actions(block_id if not n else f"{block_id}#{n}", row) for n, row in enumerate(rows)]


def pages(
    groups: Iterable[Sequence[Block]], first: int, most: int, blocks: int = BLOCKS
) -> list[list[Block]]:
    """The groups over as many pages as they need: `first` characters on the first page, `most` on the others.

    The first page may stay empty. A group is broken over pages when it is longer than one, but its two
    first blocks, a title and what it stands over, stay together.
    """
    made: list[list[Block]] = [[]]
    room = first
    for unit in _units(groups):
        if size(unit) > room or len(made[-1]) + len(unit) > blocks:
            made.append([])
            room, blocks = most, BLOCKS
        made[-1] += unit
        room -= size(unit)
    return made


def _units(groups: Iterable[Sequence[Block]]) -> Iterator[list[Block]]:
    for group in groups:
        if group:
            yield list(group[:2])
        for block in group[2:]:
            yield [block]


def _rich(part: Block) -> Block:
    return {"type": "rich_text", "elements": [part]}


def _plain(text: str, limit: int) -> Block:
    # Without emoji, a name like :lock: stays what it is.
    return {"type": "plain_text", "text": fit(prose(text), limit) or " ", "emoji": False}


def _actions(block_id: str, made: list[Block]) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": made}


def _button(action_id: str, label: str, value: str) -> Block:
    if len(value) > BUTTON_VALUE:
        raise ValueError(f"a button's value is at most {BUTTON_VALUE} characters, this one has {len(value)}")
    return {"type": "button", "action_id": action_id, "text": _plain(label, LABEL), "value": value}


def _select(action_id: str, options: Sequence[tuple[str, str]], placeholder: str) -> Block:
    return {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": _plain(placeholder, LABEL),
        "options": [{"text": _plain(label, LABEL), "value": value} for label, value in options],
    }


def _parts(units: Iterable[str], limit: int = CHUNK) -> list[str]:
    """The words or lines in parts no longer than the limit; one that is longer itself is broken."""
    short = [unit[i : i + limit] for unit in units for i in range(0, len(unit), limit)]
    runs = _chunks(short, len, limit)
    return ["".join(run).removesuffix("\n") or " " for run in runs]


def _chunks(items: Iterable[T], length: Callable[[T], int], limit: int = CHUNK) -> Iterator[list[T]]:
    """The items in runs whose length keeps the limit; a single longer one stands alone."""
    run: list[T] = []
    taken = 0
    for item in items:
        if run and taken + length(item) > limit:
            yield run
            run, taken = [], 0
        run.append(item)
        taken += length(item)
    if run:
        yield run
