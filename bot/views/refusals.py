"""Why a reaction did not count, said to the one who reacted."""

from bot.domain.catalog import Catalog
from bot.domain.request import IdentityRequest
from bot.views.standing import approvers
from bot.views.words import Line, line

REFUSED: dict[str, str] = {
    "requester": "You asked for this yourself; somebody else must decide.",
    "author": "Some of the words in this request are yours; somebody else must decide.",
    "not_in_group": "You are not one of those who may decide on this request.",
    "guest": "Guests of this workspace cannot decide. Ask a full member.",
    "stranger": "Only people of our own organisation can decide, and your account belongs to another one.",
    "other_workspace": "Your account belongs to another workspace than the request.",
    "bot": "Bots and apps cannot decide.",
    "deactivated": "This account is deactivated.",
    "unknown_person": "Slack did not tell me who you are. Take the reaction away and put it back later.",
    "group_unreadable": "I cannot read who is in the approver group, and then nobody counts. "
    "Take the reaction away and put it back in a minute; if it stays so, tell an operator of this bot.",
    "void_card": "This card counts no more. React on the newest card in the thread.",
    "too_late": "This request is decided already.",
    "lookalike": "Only ✅ (:white_check_mark:) approves, and only ⛔ (:no_entry:) rejects.",
}
NAMES_APPROVERS = ("not_in_group", "guest", "stranger", "other_workspace")


def refused(reason: str, record: IdentityRequest, catalog: Catalog) -> Line:
    """Why the reaction did not count, and what to do; who may decide, where that helps."""
    said = line("Your reaction did not count. ", REFUSED.get(reason, f"It was refused: {reason}."))
    if reason in NAMES_APPROVERS:
        return (*said, " Who may: ", *approvers(record, catalog), ".")
    return said
