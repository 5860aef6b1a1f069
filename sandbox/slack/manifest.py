"""What the app's manifest grants: scopes, events, commands and shortcuts."""

from dataclasses import dataclass
from typing import Any

MESSAGE_EVENTS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


@dataclass(frozen=True)
class Manifest:
    """None in place of a set means: no manifest was given, so everything is granted."""

    scopes: frozenset[str] | None = None
    events: frozenset[str] | None = None
    commands: tuple[dict[str, Any], ...] | None = None
    shortcuts: tuple[dict[str, Any], ...] | None = None
    home_tab: bool = True
    messages_tab: bool = True

    @classmethod
    def read(cls, manifest: dict[str, Any] | None) -> "Manifest":
        """The manifest as Slack reads it from YAML or JSON; nothing given grants everything."""
        if manifest is None:
            return cls()
        features = manifest.get("features", {})
        settings = manifest.get("settings", {})
        app_home = features.get("app_home", {})
        read_only = app_home.get("messages_tab_read_only_enabled", False)
        return cls(
            scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            commands=tuple(features.get("slash_commands", [])),
            shortcuts=tuple(features.get("shortcuts", [])),
            home_tab=bool(app_home.get("home_tab_enabled", False)),
            messages_tab=bool(app_home.get("messages_tab_enabled", False)) and not read_only,
        )

    def wants(self, event: dict[str, Any]) -> bool:
        """Whether the app is subscribed to such an event."""
        if self.events is None:
            return True
        if event["type"] == "message":
            return MESSAGE_EVENTS[event["channel_type"]] in self.events
        return event["type"] in self.events

    def grants(self, scopes: tuple[str, ...]) -> bool:
        """Whether the bot token has one of these scopes; none needed is always granted."""
        return not scopes or self.scopes is None or bool(self.scopes & set(scopes))

    def command(self, name: str) -> dict[str, Any] | None:
        """What is declared about this slash command; None when the app has no such command."""
        if self.commands is None:
            return {"command": name}
        return next((row for row in self.commands if row["command"] == name), None)

    def shortcut(self, callback_id: str) -> dict[str, Any] | None:
        """What is declared about this shortcut; None when the app has no such one."""
        if self.shortcuts is None:
            return {"callback_id": callback_id}
        return next((row for row in self.shortcuts if row["callback_id"] == callback_id), None)
