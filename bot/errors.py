"""Every error of the bot, named by what should happen next."""

from enum import StrEnum


class Obstacle(StrEnum):
    """What stands in the way, where a person must tell one from another."""

    NO_RIGHT = "no right"
    DENIED_BY_POLICY = "denied by Azure Policy"
    LOCKED = "locked"
    DENY_ASSIGNMENT = "deny assignment"
    NOT_VISIBLE = "not visible to the bot"
    QUOTA = "quota"
    FOREIGN = "somebody else's"
    REFUSED_EDIT = "refused edit"
    MISCONFIGURED = "misconfigured"
    UNEXPECTED = "unexpected"


class BotError(Exception):
    """What happened in one sentence, and what to do about it in another."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem} {remedy}".strip())
        self.problem = problem
        self.remedy = remedy


class AskAgain(BotError):
    """The person who asked can mend it, and `remedy` tells how."""


class TryLater(BotError):
    """Nobody need act: the reconciler comes back after `after` seconds."""

    def __init__(self, problem: str, after: float = 5.0) -> None:
        super().__init__(problem)
        self.after = after


class NeedsOperator(BotError):
    """It will not go away by itself; `remedy` tells the operator what to do."""

    def __init__(self, problem: str, remedy: str, obstacle: Obstacle = Obstacle.UNEXPECTED) -> None:
        super().__init__(problem, remedy)
        self.obstacle = obstacle


class Conflict(BotError):
    """Too many others changed the same record at once; the caller may try again."""


class WorldChanged(BotError):
    """What would happen now is not what was approved: the request goes back to review."""
