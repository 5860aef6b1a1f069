"""The pieces that a sentence is made of, and its two forms: rich text for Slack's blocks, one plain text.

A `str` is only ever text. Slack shows it literally in rich text, whatever is in it; in the plain text it
is escaped here, and nowhere else. Mentions, links and times are pieces of their own, so words of
people cannot become one.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

TEXT_LIMIT = 3000  # of the 4,000 characters that Slack recommends for a message's `text`
ZERO_WIDTH_JOINER = "\u200d"
MENTION = re.compile(r"<(?=[!@#])")


@dataclass(frozen=True)
class Bold:
    """Text that stands out."""

    text: str


@dataclass(frozen=True)
class Code:
    """A name or an id, to be read letter by letter."""

    text: str


@dataclass(frozen=True)
class User:
    """A person; Slack notifies them when it is posted, not when a message is updated."""

    id: str


@dataclass(frozen=True)
class Group:
    """A Slack user group."""

    id: str


@dataclass(frozen=True)
class Channel:
    """A Slack channel."""

    id: str


@dataclass(frozen=True)
class Link:
    """An address and what it is called."""

    url: str
    label: str


@dataclass(frozen=True)
class Moment:
    """A time, shown in the reader's own zone; `exact` shows the seconds."""

    at: datetime
    exact: bool = False

    @property
    def form(self) -> str:
        """Slack's own format for it."""
        return "{date_short_pretty} at {time_secs}" if self.exact else "{date_short_pretty} at {time}"

    @property
    def fallback(self) -> str:
        """The time for clients that know no zones."""
        return self.at.astimezone(UTC).strftime("%d %b %Y, %H:%M UTC")


Piece = str | Bold | Code | User | Group | Channel | Link | Moment
Line = tuple[Piece, ...]


def line(*pieces: Piece) -> Line:
    """One sentence or paragraph."""
    return pieces


def listed(lines: Iterable[Line], last: str = "and") -> Line:
    """The lines as a list within a sentence: a, b and c."""
    each = list(lines)
    joined: list[Piece] = []
    for index, one in enumerate(each):
        if index:
            joined.append(f" {last} " if index == len(each) - 1 else ", ")
        joined.extend(one)
    return tuple(joined)


def people(users: Iterable[str], last: str = "and") -> Line:
    """Mentions as a list within a sentence."""
    return listed([(User(u),) for u in users], last)


def element(piece: Piece) -> dict[str, Any]:
    """The piece as an element of Slack's rich text."""
    match piece:
        case str():
            return {"type": "text", "text": prose(piece)}
        case Bold(text):
            return {"type": "text", "text": prose(text), "style": {"bold": True}}
        case Code(text):
            return {"type": "text", "text": prose(text), "style": {"code": True}}
        case User(id):
            return {"type": "user", "user_id": id}
        case Group(id):
            return {"type": "usergroup", "usergroup_id": id}
        case Channel(id):
            return {"type": "channel", "channel_id": id}
        case Link(url, label):
            return {"type": "link", "url": url, "text": prose(label)}
        case Moment():
            stamp = int(piece.at.timestamp())
            return {"type": "date", "timestamp": stamp, "format": piece.form, "fallback": piece.fallback}


def elements(pieces: Line) -> list[dict[str, Any]]:
    """The pieces as rich text. Slack refuses empty texts and empty sections: a space stands for none."""
    return [made for made in map(element, pieces) if made.get("text") != ""] or [element(" ")]


def spoken(lines: Iterable[Line], limit: int = TEXT_LIMIT) -> str:
    """The lines as one plain text in Slack's own encoding, cut within words but never within a mention."""
    text = ""
    for one in lines:
        for piece in ("\n", *one) if text else one:
            encoded = _encoded(piece)
            if len(text) + len(encoded) >= limit:
                return text + _start(piece, limit - len(text) - 1) + "…"
            text += encoded
    return text


def _encoded(piece: Piece) -> str:
    match piece:
        case str(text) | Bold(text) | Code(text):
            return escape(prose(text))
        case User(id):
            return f"<@{escape(id)}>"
        case Group(id):
            return f"<!subteam^{escape(id)}>"
        case Channel(id):
            return f"<#{escape(id)}>"
        case Link(url, label):
            return f"<{escape(url)}|{escape(prose(label)).replace('|', '/')}>"
        case Moment():
            return f"<!date^{int(piece.at.timestamp())}^{piece.form}|{piece.fallback}>"


def _start(piece: Piece, room: int) -> str:
    """As much of a text as fits, and nothing of what cannot be cut."""
    kept = ""
    if isinstance(piece, str | Bold | Code):
        for character in prose(piece if isinstance(piece, str) else piece.text):
            if len(kept) + len(escape(character)) > room:
                break
            kept += escape(character)
    return kept


def escape(text: str) -> str:
    """Text that Slack shows as it is, where it would read mrkdwn (slack.md 1.6: these three and no other)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def prose(text: str) -> str:
    """Words of people as they are shown: nothing hidden, and nothing that reads like a mention.

    Slack takes rich text literally; but others turn it into mrkdwn again, and there `<!here>` would ring.
    """
    return MENTION.sub("< ", visible(text))


def visible(text: str, joiners: bool = True) -> str:
    """The text with every character that hides or turns what is read written out: `\\u202e`.

    Line breaks and tabs stay, and with `joiners` the one that holds an emoji together.
    """
    return "".join(c if _shows(c, joiners) else f"\\u{ord(c):04x}" for c in text)


def _shows(character: str, joiners: bool) -> bool:
    if character in "\n\t" or (joiners and character == ZERO_WIDTH_JOINER):
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def fit(text: str, limit: int) -> str:
    """The text on at most `limit` characters, with an ellipsis where something is left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def counted(number: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
