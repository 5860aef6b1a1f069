"""The state of one Slack workspace and how things are found in it."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from random import Random
from typing import Any

from sandbox.clock import Clock
from sandbox.slack.errors import SlackError
from sandbox.slack.manifest import Manifest
from sandbox.slack.model import Channel, Group, Json, Person

BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PERSON_FIELDS = {f.name for f in fields(Person)}
CHANNEL_FIELDS = {f.name for f in fields(Channel)}
# A guest stands in the sample as `guest: true`, as people say it.
ALIASES = {"guest": "is_restricted", "single_channel_guest": "is_ultra_restricted", "stranger": "is_stranger"}


@dataclass
class Options:
    """What an operator of the sandbox can switch; `delayed_events` is Slack's setting of that name."""

    rate_limits: bool = True
    paid_plan: bool = True
    delayed_events: bool = False


@dataclass(frozen=True)
class Bot:
    """The one app that is installed, as its bot user."""

    user: str
    bot: str
    app: str
    name: str
    token: str = "xoxb-sandbox"
    app_token: str = "xapp-sandbox"


@dataclass(frozen=True)
class Team:
    """The workspace itself; `enterprise` is the organisation's id where there is one."""

    id: str
    name: str
    domain: str
    enterprise: str | None = None


@dataclass
class Workspace:
    """Everything that is in the workspace. `changed` is called after every change."""

    clock: Clock
    rng: Random
    changed: Callable[[], None]
    team: Team
    bot: Bot
    manifest: Manifest
    options: Options = field(default_factory=Options)
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    _last: int = 0

    def now(self) -> float:
        """Seconds since 1970 on the world's clock."""
        return self.clock.now().timestamp()

    def stamp(self, after: str = "0") -> str:
        """A time such as `1764012345.000100`, later than every one given out before and than `after`."""
        seconds, _, micros = after.partition(".")
        floor = int(seconds) * 1_000_000 + int(micros.ljust(6, "0")[:6] or 0)
        self._last = max(int(self.now() * 1_000_000), self._last + 1, floor + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def next_ts(self, channel: Channel) -> str:
        """The `ts` of the channel's next message; still increasing when a restart set the clock back."""
        return self.stamp(next(reversed(channel.messages), "0"))

    def new_id(self, prefix: str) -> str:
        """An id that no restart gives out again: it holds the time beside chance."""
        micros, letters = int(self.now() * 1_000_000), ""
        while micros:
            micros, rest = divmod(micros, 36)
            letters = BASE36[rest] + letters
        return prefix + letters + "".join(self.rng.choices(BASE36, k=3))

    def secret(self, length: int = 24) -> str:
        """A word that nobody guesses."""
        return "".join(self.rng.choices("0123456789abcdefghijklmnopqrstuvwxyz", k=length))

    def person(self, ref: str) -> Person:
        """The person with this id. SlackError user_not_found."""
        if ref not in self.people:
            raise SlackError("user_not_found")
        return self.people[ref]

    def channel(self, ref: str) -> Channel:
        """The conversation with this id, or the channel with this name. SlackError channel_not_found."""
        if found := self.channels.get(ref):
            return found
        name = ref.removeprefix("#")
        for channel in self.channels.values():
            if channel.name == name and channel.kind in ("channel", "group"):
                return channel
        raise SlackError("channel_not_found")

    def group(self, ref: str) -> Group:
        """The user group with this id or handle. SlackError no_such_subteam."""
        for group in self.groups.values():
            if ref.removeprefix("@") in (group.id, group.handle):
                return group
        raise SlackError("no_such_subteam")

    def direct(self, *people: str) -> Channel:
        """The direct conversation of these people, opened if it was not there; SlackError user_not_found."""
        members = sorted({self.person(ref).id for ref in people}, key=lambda ref: ref == self.bot.user)
        if found := self.existing_direct(*members):
            return found
        kind, prefix = ("im", "D0") if len(members) == 2 else ("mpim", "G0")
        named = [ref[2:] for ref in members if ref != self.bot.user or kind == "mpim"]
        name = f"mpdm-{'--'.join(self.people[ref].name for ref in members)}-1" if kind == "mpim" else ""
        channel = Channel(
            prefix + "0".join(named),
            name,
            "im" if kind == "im" else "mpim",
            members,
            creator=members[0],
            created=int(self.now()),
        )
        self.channels[channel.id] = channel
        self.changed()
        return channel

    def existing_direct(self, *people: str) -> Channel | None:
        """The direct conversation of exactly these people, if there is one."""
        wanted = set(people)
        for channel in self.channels.values():
            if channel.kind in ("im", "mpim") and set(channel.members) == wanted:
                return channel
        return None

    def is_in(self, channel: Channel) -> bool:
        """Whether the bot is a member."""
        return self.bot.user in channel.members

    def saved(self) -> Json:
        """Its state as JSON values."""
        return {
            "options": dict(vars(self.options)),
            "people": [dict(vars(person)) for person in self.people.values()],
            "groups": [{**vars(group), "users": list(group.users)} for group in self.groups.values()],
            "channels": [channel.saved() for channel in self.channels.values()],
        }

    def restore(self, saved: Json) -> None:
        """It is as it was when this was saved; dictionaries that others hold stay the same objects."""
        self.options.__dict__.update(vars(Options(**saved["options"])))
        _refill(self.people, {row["id"]: Person(**row) for row in saved["people"]})
        _refill(self.groups, {row["id"]: Group(**row) for row in saved["groups"]})
        _refill(self.channels, {row["id"]: Channel.restored(row) for row in saved["channels"]})


def read_sample(sample: Json, clock: Clock, rng: Random, changed: Callable[[], None]) -> Workspace:
    """The workspace that a sample describes; ValueError names what the sample has wrong."""
    now = int(clock.now().timestamp())
    team = Team(
        id=sample["team"]["id"],
        name=sample["team"]["name"],
        domain=sample["team"].get("domain", sample["team"]["name"]),
        enterprise=sample["team"].get("enterprise"),
    )
    tokens = {"bot": "xoxb-sandbox", "app": "xapp-sandbox", **sample.get("tokens", {})}
    bot = Bot(**sample["bot"], token=tokens["bot"], app_token=tokens["app"])
    workspace = Workspace(clock, rng, changed, team, bot, Manifest.read(sample.get("manifest")))
    workspace.options = Options(**sample.get("options", {}))
    for row in [{"id": bot.user, "name": bot.name, "is_bot": True}, *sample.get("people", [])]:
        person = _person(row, team)
        workspace.people[person.id] = person
    for row in sample.get("groups", []):
        users = list(row.get("users", row.get("members", [])))
        group = Group(
            row["id"], row["handle"], row.get("name", row["handle"]), users, created=now, updated=now
        )
        workspace.groups[group.id] = group
    for row in sample.get("channels", []):
        channel = _channel(row, now)
        workspace.channels[channel.id] = channel
    _check_members(workspace)
    return workspace


def _person(row: Json, team: Team) -> Person:
    given = {ALIASES.get(key, key): value for key, value in row.items()}
    if unknown := given.keys() - PERSON_FIELDS:
        raise ValueError(f"people in the Slack sample cannot have {sorted(unknown)}")
    person = Person(**given)
    return replace(
        person,
        real_name=person.real_name or person.name,
        email=person.email or f"{person.name}@{team.domain}.example",
        team=person.team or ("T0ELSEWHERE" if person.is_stranger else team.id),
    )


def _channel(row: Json, now: int) -> Channel:
    given = dict(row)
    if given.pop("private", False):
        given["kind"] = "group"
    if unknown := given.keys() - CHANNEL_FIELDS:
        raise ValueError(f"channels in the Slack sample cannot have {sorted(unknown)}")
    members = list(given.get("members", []))
    return Channel(**{"creator": members[0] if members else "", "created": now, **given, "members": members})


def _check_members(workspace: Workspace) -> None:
    named = [(c.name, c.members) for c in workspace.channels.values()]
    named += [(g.handle, g.users) for g in workspace.groups.values()]
    for name, members in named:
        if strangers := set(members) - workspace.people.keys():
            raise ValueError(f"{name} in the Slack sample has members that are nobody: {sorted(strangers)}")


def _refill(held: dict[str, Any], new: dict[str, Any]) -> None:
    held.clear()
    held.update(new)
