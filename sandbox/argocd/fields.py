"""The `fields` parameter: which parts of an answer are wanted, or (after a minus) are not."""

from typing import Any


def picked(value: Any, fields: str) -> Any:
    """Only the dotted paths named, or everything but those; lists are walked through."""
    if not fields:
        return value
    excluded = fields.startswith("-")
    paths = [path.strip().split(".") for path in fields.lstrip("-").split(",") if path.strip()]
    return _without(value, paths) if excluded else _only(value, paths)


def _only(value: Any, paths: list[list[str]]) -> Any:
    if isinstance(value, list):
        return [_only(item, paths) for item in value]
    if not isinstance(value, dict) or any(not path for path in paths):
        return value
    kept = {}
    for name in value:
        below = [path[1:] for path in paths if path[0] == name]
        if below:
            kept[name] = _only(value[name], below)
    return kept


def _without(value: Any, paths: list[list[str]]) -> Any:
    if isinstance(value, list):
        return [_without(item, paths) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, part in value.items():
        below = [path[1:] for path in paths if path[0] == name]
        if not any(not path for path in below):
            kept[name] = _without(part, below) if below else part
    return kept
