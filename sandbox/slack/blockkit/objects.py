"""Block Kit's composition objects: texts, options, confirmations.

Limits: https://docs.slack.dev/reference/block-kit/composition-objects
"""

from typing import Any

from sandbox.slack.blockkit.rules import (
    Complaints,
    Json,
    Rule,
    anything,
    boolean,
    by_type,
    items,
    one_of,
    shape,
    string,
)

OPTIONS = 100


def plain(most: int) -> Rule:
    """A `plain_text` object of that many characters, and not an empty one."""
    return by_type({"plain_text": _text_shape("emoji", most)})


def text(most: int) -> Rule:
    """A `plain_text` or `mrkdwn` object of that many characters, and not an empty one."""
    return by_type({"plain_text": _text_shape("emoji", most), "mrkdwn": _text_shape("verbatim", most)})


def _text_shape(switch: str, most: int) -> Rule:
    return shape({"text": string(most, least=1)}, {switch: boolean})


def option(value: Any, at: str, complaints: Complaints) -> None:
    """One entry of a menu; texts 75 characters, the value 150."""
    _option(value, at, complaints)


_option = shape(
    {"text": text(75), "value": string(150)},
    {"description": text(75), "url": string(3000)},
)
option_group = shape({"label": plain(75), "options": items(option, OPTIONS)})
confirm = shape(
    {"title": plain(100), "text": text(300)},
    {"confirm": plain(30), "deny": plain(30), "style": one_of("primary", "danger")},
)
dispatch = shape({}, {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)})
conversation_filter = shape(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
slack_file = shape({}, {"id": anything, "url": anything})


def either(first: str, second: str) -> Rule:
    """Exactly one of two members is there."""

    def check(value: Any, at: str, complaints: Complaints) -> None:
        if (value.get(first) is None) == (value.get(second) is None):
            complaints.say(f"must define either `{first}` or `{second}`", f"{at}/type")

    return check


def offered(element: Json) -> list[Json]:
    """Every option an element holds itself, also those in groups."""
    grouped = [option for group in element.get("option_groups") or [] for option in group.get("options", [])]
    return [*(element.get("options") or []), *grouped]


def initial_is_offered(value: Any, at: str, complaints: Complaints) -> None:
    """What is chosen at first is one of the options."""
    values = {choice["value"] for choice in offered(value)}
    for name in ("initial_option", "initial_options"):
        initial = value.get(name) or []
        for chosen in initial if isinstance(initial, list) else [initial]:
            if chosen["value"] not in values:
                complaints.say("must be one of the provided options", f"{at}/{name}")
