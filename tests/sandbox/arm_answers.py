"""In what an answer differs from the recorded one."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arm_recordings import Interaction

GUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
ACTED_ON = ("location", "azure-asyncoperation", "retry-after")


class Cut(list[Any]):
    """The whole elements of a list that was cut off when it was saved."""


def code(answer: Any) -> str | None:
    """An error's code."""
    inner = answer.get("error", answer) if isinstance(answer, dict) else {}
    return inner.get("code") if isinstance(inner, dict) else None


def message(answer: Any) -> str:
    """An error's message without what is chance in it."""
    text = str((answer.get("error", answer) or {}).get("message", ""))
    return GUID.sub("<id>", re.sub(r"\r\nActivityId: .*", "", text))


def differences(recorded: "Interaction", status: int, headers: dict[str, str], answer: Any) -> list[str]:
    """In what an answer differs from the recorded one; header names in lower case."""
    found = []
    if status != recorded.status:
        found.append(f"status {status}, recorded {recorded.status}")
    for name in ACTED_ON:
        if (name in headers) != (name in recorded.headers):
            found.append(f"header {name} {'sent' if name in headers else 'missing'}")
    if headers.get("x-ms-failure-cause") != recorded.headers.get("x-ms-failure-cause"):
        found.append(f"header x-ms-failure-cause {headers.get('x-ms-failure-cause')}")
    if recorded.answer is not None and not headers.get("content-type", "").startswith("application/json"):
        found.append("content type")
    if recorded.status >= 400:
        if code(answer) != code(recorded.answer):
            found.append(f"code {code(answer)}, recorded {code(recorded.answer)}")
        if message(answer) != message(recorded.answer):
            found.append(f"message {message(answer)!r}, recorded {message(recorded.answer)!r}")
    return found + shape_differences(recorded.answer, answer)


def shape_differences(recorded: Any, ours: Any, where: str = "body") -> list[str]:
    """Where two JSON values have other keys, or values of other kinds."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        if where.endswith((".tags", ".signInAudience")):
            return []
        found = [f"{where}.{k} missing" for k in recorded.keys() - ours.keys()]
        found += [f"{where}.{k} added" for k in ours.keys() - recorded.keys()]
        for k in recorded.keys() & ours.keys():
            found += shape_differences(recorded[k], ours[k], f"{where}.{k}")
        return sorted(found)
    if isinstance(recorded, list) and isinstance(ours, list):
        if not recorded or not ours:
            if isinstance(recorded, Cut):
                return []
            return (
                [f"{where} is {'empty' if recorded else 'not empty'}"]
                if where == "body.value" and recorded != ours
                else []
            )
        # Like with like: each of ours must have the shape of one of the recorded.
        best = [min((shape_differences(r, o, f"{where}[]") for r in recorded), key=len) for o in ours]
        # Other objects than those recorded: what is null in one may not be in another.
        return sorted({line for lines in best for line in lines if "null" not in line})
    if _kind(recorded) != _kind(ours):
        return [f"{where} is {_kind(ours)}, recorded {_kind(recorded)}"]
    return []


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return {bool: "bool", int: "number", float: "number", str: "text", dict: "object", list: "list"}[
        type(value)
    ]
