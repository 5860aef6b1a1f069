"""What people enter into inputs: the state Slack keeps of it, and the actions it reports.

Shapes: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

import re
from typing import Any

from sandbox.slack.blockkit import usable
from sandbox.slack.blockkit.objects import offered
from sandbox.slack.errors import Refused
from sandbox.slack.model import Json

State = dict[str, dict[str, Json]]

# Of each stateful element: the member that holds its value, and the one that holds what it starts with.
MEMBERS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
FORMATS = {
    "datepicker": (r"\d{4}-\d{2}-\d{2}", "a date such as 2026-11-24"),
    "timepicker": (r"\d{2}:\d{2}", "a time such as 09:30"),
    "datetimepicker": (r"\d{10}", "seconds since 1970"),
    "email_text_input": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    "url_text_input": (r"https?://\S+", "a web address with https://"),
    "number_input": (r"-?\d+(\.\d+)?", "a number"),
}


def initial(blocks: list[Json], kept: State | None = None) -> State:
    """The state of these blocks: what was kept of the same block and action, else what each starts with."""
    state: State = {}
    for block, element in usable(blocks):
        if element["type"] not in MEMBERS:
            continue
        member, start = MEMBERS[element["type"]]
        empty: Any = [] if member.endswith("s") else None
        before = (kept or {}).get(block["block_id"], {}).get(element["action_id"])
        if before is None or before["type"] != element["type"]:
            before = {"type": element["type"], member: element.get(start, empty)}
        state.setdefault(block["block_id"], {})[element["action_id"]] = before
    return state


def entered(element: Json, value: Any, suggested: list[Json]) -> Json:
    """What an element holds once a person has used it with this value; Refused when they could not.

    `value` is text, an option's value, an id or a list of those; None or an empty text empties it. A button
    holds nothing.
    """
    kind = element["type"]
    if kind not in MEMBERS:
        return {"selected_option": choice(element, value, suggested)} if kind == "overflow" else {}
    member, _ = MEMBERS[kind]
    if member.endswith("s"):
        many = value if isinstance(value, list) else [] if value in (None, "") else [value]
        most = element.get("max_selected_items")
        if most and len(many) > most:
            raise Refused("too_many_selected", f"at most {most} can be chosen")
        return {"type": kind, member: [_one(element, member, item, suggested) for item in many]}
    if value in (None, ""):
        return {"type": kind, member: None}
    return {"type": kind, member: _one(element, member, value, suggested)}


def action(block: Json, element: Json, state: Json, at: str) -> Json:
    """The action that the app is told when a person uses an element; `state` is what they put in."""
    told = {
        "type": element["type"],
        "block_id": block["block_id"],
        "action_id": element["action_id"],
        "action_ts": at,
    }
    for name in ("text", "value", "style", "placeholder", "confirm"):
        if name in element:
            told[name] = element[name]
    return {**told, **state}


def choice(element: Json, value: Any, suggested: list[Json]) -> Json:
    """The option with this value; Refused when there is none."""
    for option in [*offered(element), *suggested]:
        if option["value"] == value:
            return option
    known = ", ".join(str(option["value"]) for option in [*offered(element), *suggested]) or "none"
    raise Refused("no_such_option", f"{element['action_id']} has no option {value!r}; it has: {known}")


def missing(blocks: list[Json], state: State) -> dict[str, str]:
    """What Slack itself refuses a form for, by block: required inputs left empty, texts of a wrong length."""
    errors = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        member = MEMBERS.get(element["type"], ("value", ""))[0]
        value = state.get(block["block_id"], {}).get(element["action_id"], {}).get(member)
        if not value and not block.get("optional"):
            errors[block["block_id"]] = "Please complete this required field."
        elif isinstance(value, str) and (wrong := _length(element, value)):
            errors[block["block_id"]] = wrong
    return errors


def _one(element: Json, member: str, value: Any, suggested: list[Json]) -> Any:
    if member.startswith("selected_option"):
        return choice(element, value, suggested)
    if element["type"] in FORMATS:
        pattern, described = FORMATS[element["type"]]
        if not re.fullmatch(pattern, str(value)):
            raise Refused("invalid_value", f"{element['action_id']} takes {described}")
    return int(value) if element["type"] == "datetimepicker" else str(value)


def _length(element: Json, value: str) -> str:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"Please use at least {least} characters."
    return f"Please use at most {most} characters." if len(value) > most else ""
