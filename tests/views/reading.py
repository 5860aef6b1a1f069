"""A message as somebody reads it on the screen, and what Slack would say to it."""

from collections.abc import Iterator
from typing import Any

from bot.views import Shown
from sandbox.slack.blockkit import too_long, wrong_in_message


def refusal(shown: Shown) -> list[str]:
    """What Slack refuses the message for; empty when it takes it."""
    wrong = wrong_in_message(shown.blocks)
    if too_long(shown.blocks):
        wrong.append("msg_blocks_too_long")
    if not shown.text or len(shown.text) > 4_000:
        wrong.append(f"a text of {len(shown.text)} characters")
    return wrong


def read(shown: Shown) -> str:
    """All that stands on the screen, a line for each paragraph; people and groups by their id."""
    return "\n".join("".join(_pieces(block)) for block in shown.blocks)


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _pieces(part)
    elif isinstance(value, dict):
        yield from _piece(value)


def _piece(value: dict[str, Any]) -> Iterator[str]:
    match value.get("type"):
        case "user":
            yield f"@{value['user_id']}"
        case "usergroup":
            yield f"@{value['usergroup_id']}"
        case "channel":
            yield f"#{value['channel_id']}"
        case "date":
            yield value["fallback"]
        case "button" | "static_select":
            yield f"[{value.get('text', value.get('placeholder'))['text']}]"
        case _ if isinstance(value.get("text"), str):
            yield value["text"]
        case "rich_text_section" | "rich_text_preformatted" | "rich_text_quote" | "plain_text" | "mrkdwn":
            yield from _pieces(value.get("elements", value.get("text")))
            yield "\n"
        case _:
            yield from _pieces(
                [part for name, part in value.items() if name in ("text", "fields", "elements")]
            )


def elements(shown: Shown, kind: str) -> list[dict[str, Any]]:
    """Every part of this type, however deep."""
    return [part for part in _walk(shown.blocks) if part.get("type") == kind]


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _walk(part)
    elif isinstance(value, list):
        for part in value:
            yield from _walk(part)
