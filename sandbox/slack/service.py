"""Slack as one service of a sandbox."""

from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from sandbox.gate import gate
from sandbox.slack import doors, methods, responses, show
from sandbox.slack.clicks import Clicks
from sandbox.slack.core import Core
from sandbox.slack.doors import Actors
from sandbox.slack.forms import Forms
from sandbox.slack.hands import Hands
from sandbox.slack.messages import shown
from sandbox.slack.model import Channel, Group, Json, Message, Person
from sandbox.slack.operator import Operator
from sandbox.slack.workspace import Options
from sandbox.world import World

T = TypeVar("T")


class Slack:
    """A Slack with one workspace and one app: Web API, Socket Mode, and everything people do.

    What people do are coroutines: the first argument is the person's id, Refused is what Slack does not let
    them do. They are those of Hands (`say`, `edit`, `delete`, `react`, `unreact`, `join_channel`,
    `leave_channel`, `invite`, `kick`, `join_group`, `leave_group`), Clicks (`click`, `suggest`, `command`,
    `shortcut`) and Forms (`submit`, `close`, `home`). `operator` holds what nobody in the workspace can do.
    """

    name = "slack"

    def __init__(self, world: World, sample: Json) -> None:
        self._core = core = Core.of(world, sample)
        hands, clicks = Hands(core), Clicks(core)
        forms = Forms(core, clicks)
        self.operator = Operator(core, hands)
        self._actors = Actors(hands, clicks, forms, self.operator)
        self.say, self.edit, self.delete = hands.say, hands.edit, hands.delete
        self.react, self.unreact = hands.react, hands.unreact
        self.join_channel, self.leave_channel = hands.join_channel, hands.leave_channel
        self.invite, self.kick = hands.invite, hands.kick
        self.join_group, self.leave_group = hands.join_group, hands.leave_group
        self.click, self.suggest = clicks.click, clicks.suggest
        self.command, self.shortcut = clicks.command, clicks.shortcut
        self.submit, self.close, self.home = forms.submit, forms.close, forms.home
        self.disconnect = self.operator.disconnect

    @property
    def people(self) -> dict[str, Person]:
        """Every account by id; flags may be set directly, without an event."""
        return self._core.workspace.people

    @property
    def groups(self) -> dict[str, Group]:
        """Every user group by id."""
        return self._core.workspace.groups

    @property
    def channels(self) -> dict[str, Channel]:
        """Every conversation by id."""
        return self._core.workspace.channels

    @property
    def options(self) -> Options:
        """The switches: `rate_limits`, `paid_plan`, `delayed_events`."""
        return self._core.workspace.options

    @property
    def bot_token(self) -> str:
        """The token for the Web API."""
        return self._core.workspace.bot.token

    @property
    def app_token(self) -> str:
        """The token for Socket Mode."""
        return self._core.workspace.bot.app_token

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open."""
        return len(self._core.deliveries.connections)

    @property
    def undelivered(self) -> int:
        """How many events are neither acknowledged nor given up."""
        return self._core.deliveries.undelivered

    def direct(self, user: str) -> Channel:
        """The person's direct conversation with the bot."""
        return self._core.workspace.direct(user, self._core.workspace.bot.user)

    def messages(
        self, channel: str, *, thread_ts: str | None = None, seen_by: str | None = None
    ) -> list[Message]:
        """What stands in a conversation or a thread, oldest first; ephemeral messages only of `seen_by`."""
        there = shown(self._core.workspace.channel(channel), seen_by)
        return [message for message in there if thread_ts in (None, message.ts, message.thread_ts)]

    def modal(self, user: str) -> Json | None:
        """The modal on top of what the person has open."""
        stack = self._core.views.stacks.get(user)
        return self._core.views.shown(stack[-1]) if stack else None

    def home_view(self, user: str) -> Json | None:
        """What the person's Home tab shows."""
        view = self._core.views.homes.get(user)
        return self._core.views.shown(view) if view else None

    async def until(self, wanted: Callable[[], T], timeout: float = 5.0) -> T:
        """The first true value of `wanted`, asked again after each change; TimeoutError when none comes."""
        return await self._core.changes.until(wanted, timeout)

    async def settled(self) -> None:
        """Return once every event so far is acknowledged or given up."""
        await self._core.deliveries.settled()

    def app(self) -> web.Application:
        """Its HTTP application, without prefix."""
        app = web.Application(middlewares=[gate(self._core.world, self.name)])
        app.router.add_get("/socket", self._core.deliveries.connections.accept)
        methods.route(self._core, app)
        responses.route(self._core, app)
        doors.route(self._core, app, self._actors)
        app.on_startup.append(self._start)
        app.on_shutdown.append(self._stop)
        return app

    def snapshot(self) -> Json:
        """Its whole state as JSON values."""
        return self._core.saved()

    def restore(self, saved: Json) -> None:
        """It is as it was when the snapshot was taken."""
        self._core.restore(saved)

    def view(self) -> Json:
        """What the page shows of it; the shape stands in `sandbox/slack/README.md`."""
        return show.view(self._core)

    async def _start(self, app: web.Application) -> None:
        self._core.deliveries.wake()

    async def _stop(self, app: web.Application) -> None:
        await self._core.deliveries.close()
