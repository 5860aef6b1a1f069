"""Lists that come a page at a time, with ARM's nextLink."""

from typing import Any
from urllib.parse import urlencode

from sandbox.arm import errors
from sandbox.arm.routing import Call, Reply

SKIP = ("$skiptoken", "$skipToken")


def page(call: Call, values: list[Any], size: int) -> Reply:
    """The page that the request asks for, and a nextLink when there are more."""
    start = _number(next((call.query[name] for name in SKIP if name in call.query), "0"))
    size = min(size, _number(call.query.get("$top", str(size))) or size)
    body: dict[str, Any] = {"value": values[start : start + size]}
    if start + size < len(values):
        query = {**{k: v for k, v in call.query.items() if k not in SKIP}, "$skiptoken": str(start + size)}
        body["nextLink"] = f"{call.base}{call.path}?{urlencode(query)}"
    return Reply(body=body)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise errors.bad_request(
            f"'{text}' is no number of objects to skip or to give.", "InvalidQueryParameter"
        )
    return int(text)
