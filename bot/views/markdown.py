"""Words of people made harmless for GitHub: in a pull request's body, in a table, in a commit message.

GitHub acts on more than markup: `@name` notifies, `fixes #1` closes an issue, an address of one counts as
its number. Each is broken by a zero-width space in Markdown and by a plain space in a commit message, where
an entity would stay visible.
"""

import re
from collections.abc import Iterable, Sequence

from bot.views.words import visible

BREAK = "&#8203;"
MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~^$=])")
REFERENCE = re.compile(r"(?i)\b(GH)-(?=\d)")


def prose(text: str) -> str:
    """The text as one line of Markdown that says the same and does nothing."""
    text = visible(one_line(text), joiners=False)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = MARKUP.sub(r"\\\1", text)
    text = text.replace("@", f"@{BREAK}").replace("\\#", f"\\#{BREAK}").replace("://", f":{BREAK}//")
    return re.sub(r"(?i)\b(GH\\-)(?=\d)", rf"\1{BREAK}", text)


def code(text: str) -> str:
    """The text as inline code, whatever backticks are in it, and never one like our own mark."""
    text = visible(one_line(text), joiners=False).replace("<!--", "<! --")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; a bar in one cannot end it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, cells)) + " |" for cells in lines)


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def message(text: str) -> str:
    """The text as one line of a commit message that says the same and does nothing."""
    text = visible(one_line(text), joiners=False)
    text = re.sub(r"([@#])(?=\w)", r"\1 ", text).replace("://", ": //")
    return REFERENCE.sub(r"\1 ", text)


def one_line(text: str) -> str:
    """The text without line breaks and repeated spaces."""
    return " ".join(text.split())
