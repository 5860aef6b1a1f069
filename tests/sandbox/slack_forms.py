"""Buttons and a form to click and fill in, and what the app was told of it."""

from typing import Any

from tests.sandbox.slack_world import ROSA, App, Town

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*values: str) -> list[Json]:
    return [{"text": plain(value.title()), "value": value} for value in values]


BUTTONS = {
    "type": "actions",
    "block_id": "choices",
    "elements": [
        {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": "r-1"},
        {"type": "static_select", "action_id": "menu", "options": options("dev", "prod")},
        {"type": "overflow", "action_id": "more", "options": options("cancel", "help")},
        {"type": "checkboxes", "action_id": "boxes", "options": options("a", "b", "c")},
        {"type": "datepicker", "action_id": "date"},
        {"type": "external_select", "action_id": "vault", "min_query_length": 1},
    ],
}


def field(block: str, element: Json, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": block,
        "label": plain(block),
        "element": {"action_id": "it", **element},
        **more,
    }


FORM = {
    "type": "modal",
    "callback_id": "ask",
    "title": plain("Ask"),
    "submit": plain("Send"),
    "private_metadata": "r-1",
    "notify_on_close": True,
    "blocks": [
        field("why", {"type": "plain_text_input", "min_length": 3}),
        field(
            "where",
            {"type": "static_select", "options": options("dev", "prod"), "initial_option": options("dev")[0]},
        ),
        field("who", {"type": "multi_users_select"}, optional=True),
    ],
}


def last(app: App) -> Json:
    """The last click, command or form the app was told of."""
    payload: Json = next(r.payload for r in reversed(app.heard) if r.type != "events_api")
    return payload


async def opened(town: Town, app: App, view: Json = FORM, who: str = ROSA) -> Json:
    await town.slack.shortcut(who, "ask")
    response = await town.client.views_open(trigger_id=last(app)["trigger_id"], view=view)
    shown: Json = response["view"]
    return shown
