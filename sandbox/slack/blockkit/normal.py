"""Blocks as Slack gives them back: every id filled in, every text object complete."""

from typing import Any

from sandbox.slack import text
from sandbox.slack.blockkit import usable
from sandbox.slack.blockkit.rules import Json
from sandbox.slack.workspace import Workspace


def completed(blocks: list[Json], workspace: Workspace) -> list[Json]:
    """A copy of the blocks with Slack's own ids where there were none and its defaults on text objects."""
    copies = [_copy(block) for block in blocks]
    for block in copies:
        block.setdefault("block_id", workspace.secret(5))
    for _, element in usable(copies):
        element.setdefault("action_id", workspace.secret(5))
    return copies


def completed_view(view: Json, workspace: Workspace) -> Json:
    """A copy of the view with completed blocks and texts."""
    copy: Json = {name: _copy(value) for name, value in view.items() if name != "blocks"}
    return {**copy, "blocks": completed(view["blocks"], workspace)}


def _copy(value: Any) -> Any:
    if isinstance(value, list):
        return [_copy(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {name: _copy(member) for name, member in value.items() if member is not None}
    if copy.get("type") == "mrkdwn" and isinstance(copy.get("text"), str):
        return {**copy, "text": text.posted(copy["text"]), "verbatim": copy.get("verbatim", False)}
    if copy.get("type") == "plain_text" and isinstance(copy.get("text"), str):
        return {**copy, "emoji": copy.get("emoji", True)}
    return copy
