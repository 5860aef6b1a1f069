"""What people react with."""

from typing import Any

from bot.domain.spec import Person
from bot.workflow import Seen, Touch, Workflow


async def on_reaction(event: dict[str, Any], workflow: Workflow, person: Person, seen: Seen) -> None:
    """A reaction on a message is told, put on or taken away; its meaning is decided in a turn."""
    item = event["item"]
    if item["type"] != "message":
        return
    touch = Touch(
        channel=item["channel"],
        ts=item["ts"],
        name=event["reaction"],
        added=event["type"] == "reaction_added",
        person=person,
        at=event["event_ts"],
    )
    await workflow.react(touch, seen)
