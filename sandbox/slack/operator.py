"""What an operator of the sandbox changes in the workspace."""

from dataclasses import fields
from typing import Any

from sandbox.slack.core import Core
from sandbox.slack.errors import Refused
from sandbox.slack.hands import Hands
from sandbox.slack.persons import refusals
from sandbox.slack.workspace import Options

PERSON = {
    "deleted",
    "is_restricted",
    "is_ultra_restricted",
    "is_stranger",
    "is_bot",
    "is_admin",
    "team",
    "real_name",
}
CHANNEL = {"is_ext_shared", "is_archived"}
REASONS = ("refresh_requested", "warning", "link_disabled", "abort")


class Operator:
    """Each method is one switch; Refused says which values there are."""

    def __init__(self, core: Core, hands: Hands) -> None:
        self._core = core
        self._hands = hands

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """The app's connections were told to go, or with `abort` cut."""
        if reason not in REASONS:
            raise Refused("invalid_arguments", f"reason is one of {', '.join(REASONS)}")
        await self._core.deliveries.connections.disconnect(reason)

    async def person(self, user: str, **flags: Any) -> None:
        """The account has these flags; the app is told (`user_change`)."""
        with refusals():
            person = self._core.workspace.person(user)
        _set(person, flags, PERSON)
        self._core.feed.person(person)
        self._core.workspace.changed()

    async def channel(self, channel: str, **flags: Any) -> None:
        """The channel has these flags."""
        with refusals():
            _set(self._core.workspace.channel(channel), flags, CHANNEL)
        self._core.workspace.changed()

    async def unfurl(self, channel: str, ts: str, url: str = "https://example.com/") -> None:
        """Slack has added a preview to somebody's message: a `message_changed` that nobody typed."""
        with refusals():
            place = self._core.workspace.channel(channel)
            message = self._core.messages.find(place, ts)
        preview = {"id": 1, "from_url": url, "original_url": url, "fallback": url, "text": "A preview."}
        by = message.user or self._core.workspace.bot.user
        self._core.messages.change(place, message, by=by, edited=False, attachments=[preview])

    async def group(self, group: str, users: list[str] | None = None, disabled: bool | None = None) -> None:
        """The user group has exactly these members, or is switched off or on."""
        with refusals():
            found = self._core.workspace.group(group)
        if users is not None:
            gone = [user for user in found.users if user not in users]
            self._hands.set_group(found.id, added=users, removed=gone)
        if disabled is not None:
            found.disabled = disabled
        self._core.workspace.changed()

    async def options(self, **options: Any) -> None:
        """These options hold: `rate_limits`, `paid_plan`, `delayed_events`."""
        _set(self._core.workspace.options, options, {field.name for field in fields(Options)})
        self._core.workspace.changed()


def _set(thing: Any, given: dict[str, Any], allowed: set[str]) -> None:
    for name, value in given.items():
        if name not in allowed or type(value) is not type(getattr(thing, name)):
            raise Refused(
                "invalid_arguments", f"{name}={value!r} cannot be set; there are: {sorted(allowed)}"
            )
    for name, value in given.items():
        setattr(thing, name, value)
