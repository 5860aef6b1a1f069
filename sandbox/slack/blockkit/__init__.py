"""Block Kit as Slack's server checks and completes it."""

import json
from collections.abc import Iterator
from typing import Any

from sandbox.slack.blockkit.elements import ELEMENTS, ID
from sandbox.slack.blockkit.layouts import IN_HOMES, IN_MESSAGES, IN_MODALS, LAYOUTS
from sandbox.slack.blockkit.objects import plain
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

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
# Not documented; measured by others: https://github.com/slackapi/bolt-js/issues/2509
MESSAGE_CHARACTERS = 13_200
UNNAMED = {"image", "plain_text", "mrkdwn", "url"}

_VIEW: dict[str, Rule] = {
    "callback_id": string(255),
    "private_metadata": string(3000),
    "external_id": string(255),
}
_MODAL = shape(
    {"title": plain(24), "blocks": items(by_type(LAYOUTS, *IN_MODALS), VIEW_BLOCKS, 0)},
    {
        **_VIEW,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = shape(
    {"blocks": items(by_type(LAYOUTS, *IN_HOMES), VIEW_BLOCKS, 0)},
    {**_VIEW, "title": anything, "close": anything, "submit": anything},
)
_MESSAGE = items(by_type(LAYOUTS, *IN_MESSAGES), MESSAGE_BLOCKS, 0)


def wrong_in_message(blocks: list[Json]) -> list[str]:
    """What Slack refuses these blocks of a message for; empty when they are right."""
    complaints = Complaints()
    _MESSAGE(blocks, "/blocks", complaints)
    if not complaints.found:
        _check_ids(blocks, "/blocks", complaints)
    return complaints.found


def wrong_in_view(view: Any, kinds: tuple[str, ...] = ("modal", "home")) -> list[str]:
    """What Slack refuses this view for; empty when it is right."""
    complaints = Complaints()
    one_of(*kinds)((view or {}).get("type") if isinstance(view, dict) else None, "/view/type", complaints)
    if complaints.found:
        return complaints.found
    (_HOME if view["type"] == "home" else _MODAL)(view, "/view", complaints)
    if complaints.found:
        return complaints.found
    _check_ids(view["blocks"], "/view/blocks", complaints)
    for n, block in enumerate(view["blocks"]):
        if block["type"] == "input" and view["type"] == "modal" and not view.get("submit"):
            at = f"/view/blocks/{n}/input"
            complaints.say("must define `submit` to use an `input` block in modals", at)
    return complaints.found


def too_long(blocks: list[Json]) -> bool:
    """Whether all the text in a message's blocks is more than Slack takes."""
    return sum(_lengths(blocks)) > MESSAGE_CHARACTERS


def too_large(view: Json) -> bool:
    """Whether a view is more than 250 kB."""
    return len(json.dumps(view).encode()) > VIEW_BYTES


def usable(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element that a person can use, with its block, in order."""
    for block in blocks:
        for element in (block.get("accessory"), block.get("element"), *(block.get("elements") or [])):
            if (
                isinstance(element, dict)
                and element.get("type") in ELEMENTS
                and element["type"] not in UNNAMED
            ):
                yield block, element


def _check_ids(blocks: list[Json], at: str, complaints: Complaints) -> None:
    seen: set[str] = set()
    for n, block in enumerate(blocks):
        name = block.get("block_id")
        if name and name in seen:
            complaints.say(f"`block_id` {name} already exists", f"{at}/{n}/block_id")
        seen.add(name or "")
        actions: set[str] = set()
        for _, element in usable([block]):
            action = element.get("action_id")
            if action and action in actions:
                complaints.say(f"`action_id` {action} already exists", f"{at}/{n}/elements")
            actions.add(action or "")


def _lengths(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "text" and isinstance(member, str):
                yield len(member)
            else:
                yield from _lengths(member)
    elif isinstance(value, list):
        for member in value:
            yield from _lengths(member)


__all__ = ["ID", "too_large", "too_long", "usable", "wrong_in_message", "wrong_in_view"]
