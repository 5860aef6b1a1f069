"""One request as the routes see it: who asks, what was sent, and how answers are made."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from sandbox.github.callers import Caller, Callers
from sandbox.github.hosting import Hosting
from sandbox.github.limits import Limits
from sandbox.github.links import Links
from sandbox.github.options import Account
from sandbox.github.refusal import Refused, not_found

API = "/api/v3"
T = TypeVar("T")
NAMES: dict[Any, str] = {str: "string", int: "integer", bool: "boolean", list: "array", dict: "object"}


@dataclass(frozen=True)
class Call:
    """What a route needs to know."""

    hosting: Hosting
    callers: Callers
    limits: Limits
    caller: Caller
    links: Links

    @property
    def account(self) -> Account:
        """Whose doing this is."""
        return self.hosting.options.account(self.caller.login)


CALL = web.RequestKey("call", Call)


def call(request: web.Request) -> Call:
    """What the middleware knows of a request. 404 when it names another repository."""
    found = request[CALL]
    named = request.match_info.get("owner"), request.match_info.get("repo")
    options = found.hosting.options
    if named[1] is not None and "/".join(map(str, named)).lower() != options.full_name.lower():
        raise not_found()
    return found


async def any_body(request: web.Request) -> Any:
    """The JSON that was sent; an empty body is an empty object."""
    try:
        return json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise Refused(400, "Problems parsing JSON") from error


async def body(request: web.Request) -> dict[str, Any]:
    """The JSON object that was sent."""
    found = await any_body(request)
    if not isinstance(found, dict):
        raise Refused(400, "Body should be a JSON object")
    return found


def wanted(sent: dict[str, Any], name: str, kind: type[T]) -> T:
    """A value that has to be there. 422 in GitHub's words when it is not, or is of another kind."""
    if name not in sent:
        raise Refused(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
    value = sent[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        shown = "nil" if value is None else json.dumps(value)
        article = "an" if NAMES[kind][0] in "aeiou" else "a"
        raise Refused(
            422, f"Invalid request.\n\nFor 'properties/{name}', {shown} is not {article} {NAMES[kind]}."
        )
    return value


def optional(sent: dict[str, Any], name: str, kind: type[T]) -> T | None:
    """A value that may be missing or null."""
    return None if sent.get(name) is None else wanted(sent, name, kind)


def answer(
    request: web.Request, value: Any, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """JSON with an ETag; 304 without a body when the caller has just this already."""
    text = json.dumps(value)
    sent = dict(headers or {})
    if request.method == "GET" and status == 200:
        tag = f'W/"{hashlib.sha256(text.encode()).hexdigest()}"'
        sent |= {"ETag": tag, "Cache-Control": "private, max-age=60, s-maxage=60"}
        if tag in {t.strip() for t in request.headers.get("If-None-Match", "").split(",")}:
            return web.Response(status=304, headers=sent)
    return web.Response(
        text=text, status=status, headers=sent, content_type="application/json", charset="utf-8"
    )


def page(request: web.Request, rows: Sequence[Any]) -> tuple[Sequence[Any], dict[str, str]]:
    """The rows of the page that was asked for, and the Link header to the others."""
    size = min(max(_number(request, "per_page", 30), 1), 100)
    number = max(_number(request, "page", 1), 1)
    last = max((len(rows) + size - 1) // size, 1)
    rels = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    if number >= last:
        rels = {k: v for k, v in rels.items() if k in ("prev", "first")}
    if number == 1:
        rels = {k: v for k, v in rels.items() if k in ("next", "last")}
    base = request.url.with_query(None)
    others = {k: v for k, v in request.query.items() if k != "page"}
    link = ", ".join(f'<{base}?{urlencode({**others, "page": n})}>; rel="{rel}"' for rel, n in rels.items())
    return rows[(number - 1) * size : number * size], {"Link": link} if link else {}


def _number(request: web.Request, name: str, otherwise: int) -> int:
    try:
        return int(request.query.get(name, otherwise))
    except ValueError:
        return otherwise
