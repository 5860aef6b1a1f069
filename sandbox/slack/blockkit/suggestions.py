"""Options that an app offers while somebody types into a menu."""

from typing import Any

from sandbox.slack.blockkit.objects import OPTIONS, option, option_group
from sandbox.slack.blockkit.rules import Complaints, items, shape

_OFFER = shape({}, {"options": items(option, OPTIONS, 0), "option_groups": items(option_group, OPTIONS, 0)})


def wrong_in_options(answer: Any) -> list[str]:
    """What Slack refuses an answer to block_suggestion for; empty when it is right."""
    complaints = Complaints()
    _OFFER(answer, "", complaints)
    return complaints.found
