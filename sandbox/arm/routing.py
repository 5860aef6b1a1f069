"""Requests by path, as ARM reads them: case counts nowhere, a scope may be anything."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.arm import errors
from sandbox.arm.model import Principal


@dataclass(frozen=True)
class Caller:
    """Whose token came with a request."""

    principal: Principal
    tenant: str
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One request, read. `path` has no query and no trailing slash; `base` is the address it came to."""

    method: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    caller: Caller
    base: str
    headers: Mapping[str, str]

    @property
    def api_version(self) -> str:
        """The api-version asked for."""
        return self.query.get("api-version", "")

    def object(self) -> dict[str, Any]:
        """The body as a JSON object; 400 when it is none."""
        if not isinstance(self.body, dict):
            raise errors.invalid_content("a JSON object is expected")
        return self.body


@dataclass
class Reply:
    """An answer: JSON, or nothing when `body` is None."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True)
class Route:
    """A method and path and what answers there.

    `{name}` is one segment and `{name:any}` any number of them, none included. `action` is what the
    caller needs a right to; "" asks for none, and `*` is worked out from the resource's type. `scope`
    says where it is needed, in terms of the path's parts; "" is the path itself. `attributes` are what
    conditions may ask about.
    """

    method: str
    pattern: str
    handler: Handler
    action: str
    scope: str = ""
    attributes: Callable[[Call], Mapping[str, str]] | None = None

    def compiled(self) -> re.Pattern[str]:
        """The pattern as a regular expression."""
        parts = re.split(r"(\{[^}]+\})", self.pattern)
        return re.compile("".join(_piece(part) for part in parts), re.IGNORECASE)


def _piece(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name, _, kind = part.strip("{}").partition(":")
    return f"(?P<{name}>.*?)" if kind == "any" else f"(?P<{name}>[^/]+)"


class Router:
    """The routes in order; the first that fits answers."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(route.compiled(), route) for route in routes]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route and the path's parts; 404 or 405 when there is none."""
        known = False
        for pattern, route in self._routes:
            match = pattern.fullmatch(path)
            if match and route.method == method:
                return route, match.groupdict()
            known = known or match is not None
        raise errors.not_allowed(method, path) if known else errors.path_not_found(path)
