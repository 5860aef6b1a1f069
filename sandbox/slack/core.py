"""The parts of one Slack, put together."""

import asyncio
import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sandbox.slack.delivery import Deliveries
from sandbox.slack.feed import Feed
from sandbox.slack.limits import Limits
from sandbox.slack.messages import Messages
from sandbox.slack.modals import Views
from sandbox.slack.model import Json
from sandbox.slack.passes import Passes
from sandbox.slack.workspace import Workspace, read_sample
from sandbox.world import World

T = TypeVar("T")


class Changes:
    """Says that something changed, to the world and to whoever waits for it here."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._changed = asyncio.Event()

    def __call__(self) -> None:
        """Something has changed."""
        self._world.changed("slack")
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, wanted: Callable[[], T], timeout: float) -> T:
        """The first true value of `wanted`, asked again after each change; TimeoutError when none comes."""
        async with asyncio.timeout(timeout):
            while not (found := wanted()):
                await self._changed.wait()
            return found


@dataclass
class Core:
    """What both sides, the app's and the people's, work on. `origin` is where the app reaches this Slack."""

    world: World
    changes: Changes
    workspace: Workspace
    deliveries: Deliveries
    feed: Feed
    messages: Messages
    views: Views
    passes: Passes
    limits: Limits
    origin: str = ""

    @classmethod
    def of(cls, world: World, sample: Json) -> "Core":
        """The parts of the workspace that the sample describes."""
        changes = Changes(world)
        workspace = read_sample(sample, world.clock, world.rng, changes)
        deliveries = Deliveries(world, workspace)
        feed = Feed(workspace, deliveries)
        return cls(
            world=world,
            changes=changes,
            workspace=workspace,
            deliveries=deliveries,
            feed=feed,
            messages=Messages(workspace, feed),
            views=Views(workspace),
            passes=Passes(workspace),
            limits=Limits(workspace),
        )

    def saved(self) -> Json:
        """The whole state as JSON values."""
        return {
            "workspace": self.workspace.saved(),
            "views": self.views.saved(),
            "hooks": self.passes.saved(),
            "pending": self.deliveries.saved(),
            "origin": self.origin,
        }

    def restore(self, saved: Json) -> None:
        """The state is the saved one, which later changes do not touch."""
        saved = copy.deepcopy(saved)
        self.workspace.restore(saved["workspace"])
        self.views.restore(saved["views"])
        self.passes.restore(saved["hooks"])
        self.deliveries.restore(saved["pending"])
        self.origin = saved["origin"]
