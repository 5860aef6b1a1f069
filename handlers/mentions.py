"""What people write, edit and delete."""

import re
from typing import Any

from bot.domain.spec import Person
from bot.workflow import Seen, Words, Workflow
from handlers.middleware import SAID


async def on_message(
    event: dict[str, Any], bot_user_id: str, workflow: Workflow, person: Person, seen: Seen
) -> None:
    """What was written, edited or deleted is told; every other subtype says nothing that a person said."""
    subtype = event.get("subtype")
    if subtype in SAID:
        await workflow.say(_words(event, person, bot_user_id), seen)
    elif _was_deleted(event):
        await workflow.deleted(event["channel"], event["previous_message"]["ts"], person, seen)
    elif subtype == "message_changed" and _has_other_words(event):
        await workflow.edited(event["channel"], event["message"]["ts"], person, seen)


def _words(event: dict[str, Any], person: Person, me: str) -> Words:
    text = event.get("text", "")
    return Words(
        channel=event["channel"],
        ts=event["ts"],
        thread_ts=event.get("thread_ts"),
        person=person,
        text=text,
        # Not from the event's type: the same words may come as a message first.
        mention=re.search(rf"<@{re.escape(me)}[|>]", text) is not None,
    )


def _was_deleted(event: dict[str, Any]) -> bool:
    """A message that has replies is not deleted but changed into a tombstone."""
    gone = event.get("message", {}).get("subtype") == "tombstone"
    return event.get("subtype") == "message_deleted" or (event.get("subtype") == "message_changed" and gone)


def _has_other_words(event: dict[str, Any]) -> bool:
    """Whether somebody edited the text: Slack also sends this for unfurls and detected languages."""
    before: str = event.get("previous_message", {}).get("text", "")
    after: str = event["message"].get("text", "")
    return before != after
