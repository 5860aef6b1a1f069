"""Pieces of text to exchange."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """The characters from `start` up to `end` become `text`."""

    start: int
    end: int
    text: str


def exchanged(body: str, spans: Iterable[Span]) -> str:
    """A text with its spans exchanged."""
    for span in sorted(spans, key=lambda span: span.start, reverse=True):
        body = body[: span.start] + span.text + body[span.end :]
    return body


def differing(old: list[str], new: list[str]) -> tuple[int, list[str], list[str]]:
    """Where two texts begin to differ, and the lines of each up to where they are the same again."""
    start, shorter = 0, min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, old[start : len(old) - end], new[start : len(new) - end]
