"""What people click."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.domain.spec import Person
from bot.views.questions import ACTION, question_of
from bot.workflow import Click, Seen, Workflow

ANSWER = re.compile(rf"^{ACTION}(:\d+)?$")


async def on_answer(
    ack: AsyncAck, body: dict[str, Any], workflow: Workflow, person: Person, seen: Seen
) -> None:
    """A chosen answer is told, then acknowledged: Slack does not send it again."""
    place, action = body["container"], body["actions"][0]
    click = Click(
        channel=body["channel"]["id"],
        thread_ts=body.get("message", {}).get("thread_ts") or place.get("thread_ts") or place["message_ts"],
        person=person,
        question=question_of(action["block_id"]),
        value=action["selected_option"]["value"] if "selected_option" in action else action["value"],
        ts=action["action_ts"],
    )
    await workflow.click(click, seen)
    await ack()
