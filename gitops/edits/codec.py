"""Operations as JSON values and back, so that a way back can be kept beside what was done."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gitops.edits.operations import Append, Item, Operation, Put, Remove, Restore, Simple, Take, Within

_KINDS: dict[str, type[Simple]] = {
    kind.__name__.lower(): kind for kind in (Put, Remove, Restore, Append, Take)
}


def to_data(operation: Operation) -> dict[str, Any]:
    """An operation as JSON values."""
    if isinstance(operation, Within):
        return {"do": "within", "path": list(operation.path), "operation": to_data(operation.operation)}
    data = asdict(operation)
    if not isinstance(data.get("item", ""), str):
        data["item"] = [list(pair) for pair in data["item"]]
    return {"do": type(operation).__name__.lower(), **data, "path": list(operation.path)}


def from_data(data: dict[str, Any]) -> Operation:
    """The operation that `to_data` gave; ValueError when it is none."""
    if data.get("do") == "within":
        return Within(tuple(data["path"]), _simple(data["operation"]))
    return _simple(data)


def _simple(data: dict[str, Any]) -> Simple:
    kind = _KINDS.get(str(data.get("do")))
    if kind is None:
        raise ValueError(f"{data.get('do')!r} is no operation")
    fields = {name: value for name, value in data.items() if name != "do"} | {"path": tuple(data["path"])}
    if "item" in fields:
        fields["item"] = _item(fields["item"])
    return kind(**fields)


def _item(data: str | list[list[Any]]) -> Item:
    return data if isinstance(data, str) else tuple((str(pair[0]), pair[1]) for pair in data)
