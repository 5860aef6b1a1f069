"""Domain values as people read them: Block Kit for Slack, Markdown for GitHub. Nothing here awaits."""

from bot.views.blocks import Shown
from bot.views.cards import card, overflow
from bot.views.notices import notice
from bot.views.pull_request import commit_message, pull_request_body, pull_request_title

__all__ = [
    "Shown",
    "card",
    "commit_message",
    "notice",
    "overflow",
    "pull_request_body",
    "pull_request_title",
]
