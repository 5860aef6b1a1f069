"""A record as it is stored, and all that one save of it writes."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from bot.domain.request import SCHEMA, Entry, IdentityRequest
from bot.domain.value import canonical
from bot.errors import AskAgain, NeedsOperator, Obstacle, TryLater

LARGEST = 1_000_000
"""Bytes of one record as JSON."""


class TooLarge(AskAgain):
    """The record would be larger than is stored."""


class Unreadable(NeedsOperator):
    """What is stored under a request is not a record."""


@dataclass(frozen=True)
class Save:
    """The arguments of `save.lua`: `record` is '' when only the history grows."""

    record: str
    rest: dict[str, Any]

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the record or its history would change."""
        return not self.record and not self.rest["lines"]

    def rest_as_json(self, **more: Any) -> str:
        """Everything beside the record, with what the caller adds."""
        return json.dumps({**self.rest, **more}, separators=(",", ":"), ensure_ascii=False)


def first_save(record: IdentityRequest, due: datetime | None) -> tuple[IdentityRequest, Save]:
    """A new record as version 1, and its save."""
    return _full_save(None, record, due)


def next_save(
    before: IdentityRequest, after: IdentityRequest, due: datetime | None
) -> tuple[IdentityRequest, Save]:
    """The record as it will be stored, and its save.

    Where only news differ, the version stays and just the history grows: refusals must not make the
    saves of others conflict.
    """
    if after.id != before.id:
        raise ValueError(f"A change made request {before.id} into {after.id}.")
    if after is before or without_news(after) == without_news(before):
        kept = without_news(before)
        return kept, Save("", _rest(kept, kept, _lines(after.news, kept.version), None))
    if before.schema_version > SCHEMA:
        # Saving it would drop the fields that this version does not know.
        raise TryLater(f"Request {before.id} was written by a newer version of the bot.")
    return _full_save(before, after, due)


def without_news(record: IdentityRequest) -> IdentityRequest:
    """The record as it is stored: what is new in its history is stored beside it."""
    return record.model_copy(update={"news": ()}) if record.news else record


def read_record(request: str, text: str | bytes) -> IdentityRequest:
    """The record that a stored text holds; fields of a newer version are passed over."""
    try:
        return IdentityRequest.model_validate_json(text)
    except ValidationError as error:
        raise Unreadable(
            f"The record of request {request} cannot be read: {_first_problem(error)}.",
            f"Look at it with `python -m bot requests show {request}`, or restore Redis from its backup.",
            Obstacle.UNEXPECTED,
        ) from error


def read_line(text: str | bytes) -> Entry:
    """The entry that a stored line of history holds."""
    return Entry.model_validate_json(text)


def due_text(due: datetime | None) -> str:
    """A due time as the score of a sorted set, or '' for none. A double keeps it to the microsecond."""
    return "" if due is None else f"{due.timestamp():.6f}"


def _full_save(
    before: IdentityRequest | None, after: IdentityRequest, due: datetime | None
) -> tuple[IdentityRequest, Save]:
    version = before.version if before else 0
    stored = after.model_copy(update={"version": version + 1, "news": (), "schema_version": SCHEMA})
    text = stored.model_dump_json()
    size = len(text.encode())
    if size > LARGEST:
        raise TooLarge(
            f"The request would take {size:,} bytes, and {LARGEST:,} are the most that is stored.",
            "Cancel it and ask again in a new thread, with fewer words.",
        )
    rest = _rest(before, stored, _lines(after.news, stored.version), due)
    return stored, Save(text, rest)


def _lines(news: Iterable[Entry], version: int) -> list[str]:
    return [canonical({"version": version, **entry.model_dump(mode="json")}) for entry in news]


def _rest(
    before: IdentityRequest | None, after: IdentityRequest, lines: list[str], due: datetime | None
) -> dict[str, Any]:
    channel = after.thread.channel
    cards = {c.ts for c in after.cards if c.ts} - {c.ts for c in (before.cards if before else ())}
    words = {s.ts for s in after.said if s.kind == "words"}
    words -= {s.ts for s in (before.said if before else ())}
    claims = sorted(after.claims)
    return {
        "version": str(before.version if before else 0),
        "next": str(after.version),
        "opened": due_text(after.opened),
        # Absent, not null: cjson makes null a value that counts as true.
        **({"due": due_text(due)} if due else {}),
        "lines": lines,
        "threads": [] if before else [f"{channel}:{after.thread.ts}"],
        "cards": sorted(f"{channel}:{ts}" for ts in cards),
        "messages": sorted(f"{channel}:{ts}" for ts in words),
        "claims": claims,
        # Lua's cjson writes an empty list as {}, so the text to keep is made here.
        "claims_json": canonical(claims),
    }


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]
