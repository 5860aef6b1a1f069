"""Events as the Events API writes them, on their way to the app.

Shapes: https://docs.slack.dev/reference/events
"""

from sandbox.slack import wire
from sandbox.slack.delivery import Deliveries
from sandbox.slack.model import Channel, Group, Json, Message, Person
from sandbox.slack.workspace import Workspace

VERIFICATION = "sandbox-verification"
CHANNEL_LETTERS = {"channel": "C", "group": "G", "mpim": "G", "im": "D"}


class Feed:
    """Tells the app what happens where its bot is a member and what its manifest subscribes to."""

    def __init__(self, workspace: Workspace, deliveries: Deliveries) -> None:
        self._workspace = workspace
        self._deliveries = deliveries

    def said(self, channel: Channel, message: Message) -> None:
        """A message was posted; a mention of the bot outside direct messages is told a second time."""
        shown = wire.message(self._workspace, channel, message)
        self._in_channel(channel, {**shown, **self._place(channel), "event_ts": message.ts})
        bot = self._workspace.bot.user
        mentioned = f"<@{bot}>" in message.text or f"<@{bot}|" in message.text
        by_others = message.bot_id != self._workspace.bot.bot and message.subtype is None
        if mentioned and by_others and channel.kind != "im":
            app_mention = {**shown, "type": "app_mention", "channel": channel.id, "event_ts": message.ts}
            self._in_channel(channel, app_mention)

    def edited(self, channel: Channel, before: Json, after: Message) -> None:
        """A message was changed; `before` is how it was shown."""
        now = wire.message(self._workspace, channel, after)
        self._hidden(channel, "message_changed", {"message": now, "previous_message": before})

    def deleted(self, channel: Channel, before: Json) -> None:
        """A message was deleted; `before` is how it was shown."""
        self._hidden(channel, "message_deleted", {"previous_message": before, "deleted_ts": before["ts"]})

    def buried(self, channel: Channel, before: Json, root: Message) -> None:
        """A message that has replies was deleted: what is left of it is a tombstone."""
        tombstone = wire.message(self._workspace, channel, root) | {"user": "USLACKBOT", "hidden": True}
        self._hidden(channel, "message_changed", {"message": tombstone, "previous_message": before})

    def reacted(self, kind: str, channel: Channel, message: Message, user: str, name: str) -> None:
        """`reaction_added` or `reaction_removed`; `item_user` only where a user wrote the message."""
        event: Json = {
            "type": kind,
            "user": user,
            "reaction": name,
            "item": {"type": "message", "channel": channel.id, "ts": message.ts},
            "event_ts": self._workspace.stamp(),
        }
        if message.user:
            event["item_user"] = message.user
        self._in_channel(channel, event)

    def membership(self, kind: str, channel: Channel, user: str, inviter: str | None = None) -> None:
        """`member_joined_channel` or `member_left_channel`."""
        event = {
            "type": kind,
            "user": user,
            "channel": channel.id,
            "channel_type": CHANNEL_LETTERS[channel.kind],
            "team": self._workspace.team.id,
            "event_ts": self._workspace.stamp(),
        }
        if inviter:
            event["inviter"] = inviter
        self._in_channel(channel, event)

    def group_members(self, group: Group, before: int, added: list[str], removed: list[str]) -> None:
        """`subteam_members_changed`, which tells only the difference."""
        self._emit(
            {
                "type": "subteam_members_changed",
                "subteam_id": group.id,
                "team_id": self._workspace.team.id,
                "date_previous_update": before,
                "date_update": group.updated,
                "added_users": added,
                "added_users_count": len(added),
                "removed_users": removed,
                "removed_users_count": len(removed),
                "event_ts": self._workspace.stamp(),
            }
        )

    def person(self, person: Person) -> None:
        """`user_change`: an account has other flags now."""
        shown = wire.user(self._workspace, person)
        self._emit({"type": "user_change", "user": shown, "event_ts": self._workspace.stamp()})

    def home_opened(self, user: str, channel: Channel, tab: str, view: Json | None) -> None:
        """`app_home_opened`, with the view that was published before, if any."""
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self._workspace.stamp(),
        }
        self._emit({**event, "view": view} if view else event)

    def _hidden(self, channel: Channel, subtype: str, parts: Json) -> None:
        ts = self._workspace.stamp()
        event = {"type": "message", "subtype": subtype, "hidden": True, "ts": ts, "event_ts": ts, **parts}
        self._in_channel(channel, {**event, **self._place(channel)})

    def _place(self, channel: Channel) -> Json:
        return {"channel": channel.id, "channel_type": channel.kind}

    def _in_channel(self, channel: Channel, event: Json) -> None:
        if self._workspace.is_in(channel):
            self._emit(event, shared=channel.is_ext_shared)

    def _emit(self, event: Json, *, shared: bool = False) -> None:
        if not self._workspace.manifest.wants(event):
            return
        workspace = self._workspace
        granted = {
            "enterprise_id": workspace.team.enterprise,
            "team_id": workspace.team.id,
            "user_id": workspace.bot.user,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        payload = {
            "token": VERIFICATION,
            "team_id": workspace.team.id,
            "context_team_id": workspace.team.id,
            "context_enterprise_id": workspace.team.enterprise,
            "api_app_id": workspace.bot.app,
            "event": event,
            "type": "event_callback",
            "event_id": workspace.new_id("Ev"),
            "event_time": int(workspace.now()),
            "authorizations": [granted],
            "is_ext_shared_channel": shared,
            "event_context": f"4-{workspace.secret(40)}",
        }
        if workspace.team.enterprise:
            payload["enterprise_id"] = workspace.team.enterprise
        quiet = event["type"] == "message" and event.get("subtype") in ("message_changed", "message_deleted")
        self._deliveries.send(event["subtype"] if quiet else event["type"], payload)
