"""What every handler gets from Slack's envelope: who it was, and the keys under which it might come again."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncBoltContext, AsyncRespond

from bot.domain import names
from bot.domain.spec import Person
from bot.views.questions import TRY_AGAIN

log = structlog.get_logger()
SLACKBOT = "USLACKBOT"
SAID = (None, "thread_broadcast", "file_share")
"""The subtypes of a message that a person wrote. All others are passed over, or are about such a one."""


async def envelope(
    body: dict[str, Any], context: AsyncBoltContext, next_: Callable[[], Awaitable[None]]
) -> BoltResponse | None:
    """The context holds `person` and `seen`. What no person did is acknowledged and goes no further."""
    person = person_of(body)
    if person is None:
        return BoltResponse(status=200)
    context["person"] = person
    context["seen"] = seen_keys(body)
    await next_()
    return None


def person_of(body: dict[str, Any]) -> Person | None:
    """The account that did it, as the envelope names it; None for bots, apps and Slack itself."""
    event = body.get("event")
    if event is None:
        return _clicker(body)
    # An edit or a deletion names the author only in the message as it was: a tombstone is Slackbot's.
    message = event.get("previous_message") or event.get("message") or event
    user = event.get("user") or message.get("user")
    if not user or user == SLACKBOT or event.get("bot_id") or message.get("bot_id"):
        return None
    # In a channel shared with another organisation the author's workspace is not the envelope's.
    team = event.get("user_team") or event.get("source_team") or event.get("team") or body["team_id"]
    return Person(user=user, team=team, enterprise=body.get("enterprise_id"))


def _clicker(body: dict[str, Any]) -> Person | None:
    user = body.get("user")
    if not isinstance(user, dict):
        return None
    team, enterprise = body.get("team") or {}, body.get("enterprise") or {}
    return Person(
        user=user["id"],
        team=user.get("team_id") or team.get("id") or "",
        enterprise=enterprise.get("id") or team.get("enterprise_id"),
    )


def seen_keys(body: dict[str, Any]) -> tuple[str, ...]:
    """Every key under which Slack may deliver the same thing again; one of them seen means all of it is."""
    event = body.get("event")
    if event is None:
        return (f"trigger:{body.get('trigger_id')}",)
    key = f"event:{body['event_id']}"
    if event["type"] in ("app_mention", "message") and event.get("subtype") in SAID:
        return key, names.message_key(event["channel"], event["ts"])
    return (key,)


async def pass_over(ack: AsyncAck) -> None:
    """What nobody listens to is acknowledged."""
    await ack()


async def say_try_again(error: Exception, body: dict[str, Any], respond: AsyncRespond) -> None:
    """The failure is logged, and said to whoever clicked: Slack sends only events again."""
    log.error("Slack was not acknowledged", exc_info=error)
    if "event" not in body and respond.response_url:
        await respond(TRY_AGAIN, response_type="ephemeral", replace_original=False)
