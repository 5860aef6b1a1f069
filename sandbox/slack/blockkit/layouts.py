"""Block Kit's blocks, and which of them may stand where.

Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from typing import Any

from sandbox.slack.blockkit.elements import ACCESSORIES, ELEMENTS, ID, IN_ACTIONS, INPUTS
from sandbox.slack.blockkit.objects import plain, slack_file, text
from sandbox.slack.blockkit.rich import RICH
from sandbox.slack.blockkit.rules import (
    Complaints,
    Rule,
    anything,
    boolean,
    by_type,
    items,
    one_of,
    shape,
    string,
)

BLOCK: dict[str, Rule] = {"block_id": ID}


def _has_text_or_fields(value: Any, at: str, complaints: Complaints) -> None:
    if value.get("text") is None and value.get("fields") is None:
        complaints.say("must define either `text` or `fields`", f"{at}/type")


def _has_an_image(value: Any, at: str, complaints: Complaints) -> None:
    if value.get("image_url") is None and value.get("slack_file") is None:
        complaints.say("must define either `slack_file` or `image_url`", at)


_rich_text = shape({"elements": items(by_type(RICH), 1_000, 0)}, BLOCK)
_task_card = shape(
    {"task_id": string(255, 1), "title": string(255, 1)},
    {
        **BLOCK,
        "status": one_of("pending", "in_progress", "complete", "error"),
        "details": by_type({"rich_text": _rich_text}),
        "output": by_type({"rich_text": _rich_text}),
        "sources": anything,
    },
)
_table_cell = by_type(
    {
        "raw_text": shape({"text": anything}),
        "raw_number": shape({"value": anything}, {"text": anything}),
        "rich_text": _rich_text,
    }
)

LAYOUTS: dict[str, Rule] = {
    "section": shape(
        {},
        {
            **BLOCK,
            "text": text(3000),
            "fields": items(text(2000), 10),
            "accessory": by_type(ELEMENTS, *ACCESSORIES),
            "expand": boolean,
        },
        _has_text_or_fields,
    ),
    "header": shape({"text": plain(150)}, {**BLOCK, "level": anything}),
    "divider": shape({}, BLOCK),
    "image": shape(
        {"alt_text": string(2000, 1)},
        {**BLOCK, "image_url": string(3000), "slack_file": slack_file, "title": plain(2000)},
        _has_an_image,
    ),
    "context": shape({"elements": items(by_type(ELEMENTS, "image", "plain_text", "mrkdwn"), 10)}, BLOCK),
    "actions": shape({"elements": items(by_type(ELEMENTS, *IN_ACTIONS), 25)}, BLOCK),
    "input": shape(
        {"label": plain(2000), "element": by_type(ELEMENTS, *INPUTS)},
        {**BLOCK, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": _rich_text,
    "markdown": shape({"text": string(12_000, 1)}, BLOCK),
    "table": shape({"rows": items(items(_table_cell, 20), 100)}, {**BLOCK, "column_settings": anything}),
    "video": shape(
        {
            "alt_text": string(2000),
            "title": plain(200),
            "video_url": string(3000),
            "thumbnail_url": string(3000),
        },
        {
            **BLOCK,
            "author_name": string(50),
            "description": plain(200),
            "provider_icon_url": string(3000),
            "provider_name": string(50),
            "title_url": string(3000),
        },
    ),
    "plan": shape(
        {"title": string(255, 1)}, {**BLOCK, "tasks": items(by_type({"task_card": _task_card}), 50, 0)}
    ),
    "task_card": _task_card,
    "context_actions": shape(
        {"elements": items(by_type(ELEMENTS, "feedback_buttons", "icon_button"), 5)}, BLOCK
    ),
    "alert": shape({"text": text(200)}, {**BLOCK, "level": anything, "title": anything}),
    "card": shape(
        {},
        {
            **BLOCK,
            "icon": anything,
            "title": anything,
            "subtitle": anything,
            "hero_image": anything,
            "body": text(200),
            "actions": anything,
            "slack_icon": anything,
            "subtext": anything,
        },
    ),
    "carousel": shape({"elements": anything}, BLOCK),
    "container": shape(
        {"child_blocks": anything},
        {
            **BLOCK,
            "title": anything,
            "subtitle": anything,
            "icon": anything,
            "slack_icon": anything,
            "width": anything,
            "is_collapsible": anything,
            "default_collapsed": anything,
        },
    ),
}

BASIC = ("section", "header", "divider", "image", "context", "actions", "input", "rich_text", "video")
IN_MESSAGES = (
    *BASIC,
    "markdown",
    "table",
    "plan",
    "task_card",
    "context_actions",
    "card",
    "carousel",
    "container",
)
IN_MODALS = (*BASIC, "alert")
IN_HOMES = BASIC
