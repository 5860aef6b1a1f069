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
