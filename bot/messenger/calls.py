"""One call of Slack's Web API: its time limit, its rate limit, and its errors in our words.

Only codes are read, never texts. The SDK's own retries are off: its connection handler would send a
message twice (slack.md 1.4).
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import BotError, NeedsOperator, Obstacle, TryLater

SECONDS = 8.0
PATIENCE = 2.0
"""The longest that a call waits by itself when Slack says how long; a channel takes a message a second."""
TRIES = 3
AGAIN_AFTER = 5.0
LONGEST = 60.0
"""The end of a line, however many wait in it."""

PASSING = {
    "fatal_error",
    "internal_error",
    "ratelimited",
    "rate_limited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
TOKEN = (Obstacle.MISCONFIGURED, "Check the bot's token and that the app is still installed.")
INVITE = (Obstacle.NOT_VISIBLE, "Invite the bot to the channel, or correct the channel in the catalog.")
GROUP = (Obstacle.MISCONFIGURED, "Correct the approver group in the catalog: Slack has none of this id.")
OURS = (Obstacle.UNEXPECTED, "This is a mistake of the bot: report it with this code.")
REMEDIES: dict[str, tuple[Obstacle, str]] = {
    "account_inactive": TOKEN,
    "invalid_auth": TOKEN,
    "not_authed": TOKEN,
    "token_expired": TOKEN,
    "token_revoked": TOKEN,
    "channel_not_found": INVITE,
    "not_in_channel": INVITE,
    "is_archived": (Obstacle.NOT_VISIBLE, "The channel is archived: unarchive it, or use another one."),
    "restricted_action": (Obstacle.NO_RIGHT, "A workspace setting forbids it: ask a Slack administrator."),
    "plan_upgrade_required": (
        Obstacle.MISCONFIGURED,
        "User groups need a paid Slack plan: list the approvers under `people` in the catalog.",
    ),
    "no_such_subteam": GROUP,
    "subteam_not_found": GROUP,
    "invalid_arguments": OURS,
    "invalid_blocks": OURS,
    "msg_blocks_too_long": OURS,
    "msg_too_long": OURS,
}


class Expected(Exception):
    """Slack refused with a code that the caller knows what to do about."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Busy(TryLater):
    """Slack wants fewer calls of a method."""


class Line:
    """Who waits to make one kind of call.

    Slack tells each caller to wait as long as one call takes. Fifty callers who all come back then are
    refused again but for one; here each is sent to the line's end.
    """

    def __init__(self) -> None:
        self._waiting = 0

    @property
    def is_free(self) -> bool:
        """Whether nobody waits, so that a short wait is worth its while."""
        return self._waiting == 0

    def join(self, busy: Busy) -> Busy:
        """The same, to be waited out behind all who wait already."""
        self._waiting += 1
        return Busy(busy.problem, min(max(busy.after, 1.0) * self._waiting, max(LONGEST, busy.after)))

    def advance(self) -> None:
        """One call was made."""
        self._waiting = max(0, self._waiting - 1)


def connect(
    token: str, session: aiohttp.ClientSession, base_url: str = AsyncWebClient.BASE_URL
) -> AsyncWebClient:
    """A client that shares the session, sends nothing twice, and keeps to the proxy's exceptions.

    The SDK takes a proxy from the environment, but neither its exceptions nor that none leads to loopback.
    """
    client = AsyncWebClient(token, base_url, timeout=int(SECONDS), session=session, retry_handlers=[])
    if client.proxy and _goes_direct(urlsplit(base_url).hostname or ""):
        client.proxy = None
    return client


async def call(
    method: Callable[..., Awaitable[AsyncSlackResponse]],
    expected: frozenset[str] = frozenset(),
    tries: int = TRIES,
    **arguments: Any,
) -> dict[str, Any]:
    """Slack's answer. Refusals raise Expected for the codes named so, else TryLater or NeedsOperator.

    A short wait that Slack asks for is waited out here, `tries` times at most; a longer one raises Busy.

    After TryLater the effect may be there all the same: an answer can be lost on its way.
    """
    for attempt in range(1, tries + 1):
        try:
            async with asyncio.timeout(SECONDS):
                answer = await method(**arguments)
        except SlackApiError as error:
            waits = _retry_after(error.response)
            if waits is None or waits > PATIENCE or attempt == tries:
                raise _translated(error, method.__name__, expected) from error
            await asyncio.sleep(waits)
        except (TimeoutError, aiohttp.ClientError, OSError, SlackClientError) as error:
            raise TryLater(f"Slack did not answer {method.__name__}.", AGAIN_AFTER) from error
        else:
            return dict(answer.data) if isinstance(answer.data, dict) else {}
    raise AssertionError("the last attempt returns or raises")


def _code(error: SlackApiError) -> str:
    """Slack's code for what went wrong; empty when its answer was none of its API's."""
    data = error.response.data if isinstance(error.response, AsyncSlackResponse) else None
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _translated(error: SlackApiError, method: str, expected: frozenset[str]) -> BotError | Expected:
    code = _code(error)
    if code in expected:
        return Expected(code)
    waits = _retry_after(error.response)
    if waits is not None:
        return Busy(f"Slack wants fewer calls of {method}.", waits)
    if not code or code in PASSING:
        return TryLater(f"Slack could not do {method} just now.", AGAIN_AFTER)
    if code == "missing_scope":
        scope = error.response.get("needed", "the one that it names")
        remedy = f"Give the app the scope {scope}, as deploy/slack-manifest.yaml does, and install it again."
        return NeedsOperator(f"Slack refused {method}: {code}.", remedy, Obstacle.NO_RIGHT)
    obstacle, remedy = REMEDIES.get(code, (Obstacle.UNEXPECTED, "Look the code up in Slack's documentation."))
    return NeedsOperator(f"Slack refused {method}: {code}.", remedy, obstacle)


def _retry_after(response: Any) -> float | None:
    """How long Slack wants us to wait; None when it was no rate limit."""
    if not isinstance(response, AsyncSlackResponse) or response.status_code != 429:
        return None
    given = str(response.headers.get("Retry-After", ""))
    return float(given) if given.isdigit() else AGAIN_AFTER


def _goes_direct(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback or bool(proxy_bypass(host))
    except ValueError:
        return host == "localhost" or bool(proxy_bypass(host))
