"""Slack, inwards: every name under which Slack calls us, and what is told to the workflow then.

A handler appends to the record and returns; until then Slack is not acknowledged, and an error means that
it never is and Slack sends again (slack.md 1.2). Needs `AsyncApp(process_before_response=True)`.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.workflow import Workflow
from handlers.buttons import ANSWER, on_answer
from handlers.mentions import on_message
from handlers.middleware import envelope, pass_over, say_try_again
from handlers.reactions import on_reaction

Listener = Callable[..., Awaitable[None]]

EVENTS: dict[str, Listener] = {
    # A mention arrives as a message, too, with another event_id; whichever comes first counts.
    "app_mention": on_message,
    "message": on_message,
    "reaction_added": on_reaction,
    "reaction_removed": on_reaction,
}
ACTIONS: dict[re.Pattern[str], Listener] = {ANSWER: on_answer}
ANYTHING = re.compile(".*")


def register(app: AsyncApp, workflow: Workflow) -> None:
    """The app tells the workflow what people do in Slack, and acknowledges everything else."""
    app.middleware(_with(workflow))
    app.middleware(envelope)
    for name, listener in EVENTS.items():
        app.event(name)(listener)
    for action, listener in ACTIONS.items():
        app.action(action)(listener)
    # What nobody listens to must be acknowledged all the same, or Slack sends it three more times.
    for anything in (app.event, app.action, app.command, app.shortcut, app.view, app.options):
        anything(ANYTHING)(pass_over)
    app.error(say_try_again)


def _with(workflow: Workflow) -> Listener:
    async def give_workflow(context: dict[str, Any], next_: Callable[[], Awaitable[None]]) -> None:
        context["workflow"] = workflow
        await next_()

    return give_workflow
