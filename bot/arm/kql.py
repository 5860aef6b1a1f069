"""Literals of Resource Graph's query language, so that no name can become a query."""

from collections.abc import Iterable


def literal(text: str) -> str:
    """A string literal: single quotes, with backslash and quote escaped, control characters refused."""
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in text):
        raise ValueError("a name holds a control character")
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def listed(texts: Iterable[str]) -> str:
    """The same literals in parentheses, for `in~`."""
    return "(" + ", ".join(literal(text) for text in texts) + ")"
