"""Strings as YAML writes them: no value ever leaves its scalar."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gitops.edits.model import STRING, resolved_tag
from gitops.edits.operations import Item

_PLAIN = re.compile(r"(?:\.{1,2}/)*[A-Za-z_][A-Za-z0-9_./-]*\Z")


@dataclass(frozen=True)
class Written:
    """A scalar as it is to be written."""

    text: str


@dataclass(frozen=True)
class Listed:
    """A list with one item."""

    item: Item


Content = Written | Listed


def is_printable(character: str) -> bool:
    """Whether YAML lets a character stand for itself inside quotes, in one line."""
    code = ord(character)
    if 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD:
        # Line and paragraph separators end a line for YAML 1.1 parsers; a byte-order mark is eaten.
        return code not in (0x2028, 0x2029, 0xFEFF)
    return 0x10000 <= code <= 0x10FFFF


def double(value: str) -> str:
    """A string in double quotes, whatever it holds."""
    return '"' + "".join(_escaped(character) for character in value) + '"'


def single(value: str) -> str:
    """A string in single quotes where they can hold it, else in double quotes."""
    if not all(is_printable(character) for character in value):
        return double(value)
    return "'" + value.replace("'", "''") + "'"


def plain(value: str) -> str:
    """A string without quotes where that reads as the same string, else in double quotes."""
    if _PLAIN.match(value) is None:
        return double(value)
    return value if value not in "yYnN" and resolved_tag(value) == STRING else double(value)


def written(value: str | bool, style: str | None) -> str:
    """A string in a style (`"`, `'`, or None for plain), or a boolean."""
    if isinstance(value, bool):
        return str(value).lower()
    return {'"': double, "'": single}.get(style or "", plain)(value)


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if is_printable(character):
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
