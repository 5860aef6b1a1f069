"""The arguments of a Web API call, however they were sent."""

import json
from typing import Any

from aiohttp import web

from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json

TRUE = {True, "1", "true", "True", "TRUE"}


async def read(request: web.Request) -> "Arguments":
    """Query, form and JSON body together. SlackError invalid_json, json_not_object, invalid_form_data."""
    given: Json = dict(request.query)
    body = await request.read()
    if not body:
        return Arguments(given)
    if request.content_type == "application/json":
        try:
            sent = json.loads(body)
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(sent, dict):
            raise SlackError("json_not_object")
        return Arguments({**given, **sent})
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return Arguments({**given, **dict(await request.post())})
    raise SlackError("invalid_post_type")


class Arguments:
    """Named values; forms carry JSON as text and truth as 1 or 0, JSON bodies carry both as they are."""

    def __init__(self, given: Json) -> None:
        self._given = {name: value for name, value in given.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def text(self, name: str, default: str = "") -> str:
        """The argument as text."""
        value = self._given.get(name, default)
        if isinstance(value, dict | list):
            raise SlackError("invalid_arguments", f"must be a string [json-pointer:/{name}]")
        return str(value)

    def needed(self, name: str) -> str:
        """The argument as text. SlackError invalid_arguments when it is missing."""
        if not (value := self.text(name)):
            raise SlackError("invalid_arguments", f"missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        """Whether the argument is true."""
        return self._given.get(name, False) in TRUE

    def number(self, name: str, default: int, most: int) -> int:
        """The argument as a number from 1 to `most`. SlackError invalid_limit."""
        try:
            value = int(self._given.get(name, default))
        except (TypeError, ValueError):
            raise SlackError("invalid_limit") from None
        if not value > 0:
            raise SlackError("invalid_limit")
        return min(value, most)

    def value(self, name: str, wrong: str) -> Any:
        """The argument as a JSON value, None when it is missing; `wrong` is the error for what is no JSON."""
        value = self._given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(wrong) from None
