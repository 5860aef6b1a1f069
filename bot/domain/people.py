"""People as Slack describes them."""

from bot.domain.value import Value


class PersonSeen(Value):
    """A Slack account as `users.info` answered; `teams` are all workspaces of an organisation it is in."""

    user: str
    team: str
    teams: tuple[str, ...] = ()
    enterprise: str | None = None
    name: str = ""
    tz: str = "UTC"
    is_bot: bool = False
    deleted: bool = False
    guest: bool = False
    stranger: bool = False


class People(Value):
    """What was looked up to weigh reactions: accounts by user id, members by group id.

    A group that could not be read is missing from `groups`: nobody is in it.
    """

    seen: dict[str, PersonSeen] = {}
    groups: dict[str, frozenset[str]] = {}
