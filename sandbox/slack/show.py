"""What the page draws of Slack; the shapes stand in `sandbox/slack/README.md`."""

from typing import Any

from sandbox.slack.core import Core
from sandbox.slack.modals import View
from sandbox.slack.model import Channel, Group, Json, Message, Person


def view(core: Core) -> Json:
    """Everything that is in the workspace, for everybody."""
    workspace = core.workspace
    channels = workspace.channels.values()
    return {
        "team": {
            "id": workspace.team.id,
            "name": workspace.team.name,
            "domain": workspace.team.domain,
            "enterprise_id": workspace.team.enterprise,
        },
        "bot": {name: getattr(workspace.bot, name) for name in ("user", "bot", "app", "name")},
        "connections": len(core.deliveries.connections),
        "undelivered": core.deliveries.undelivered,
        "options": dict(vars(workspace.options)),
        "commands": list(workspace.manifest.commands or ()),
        "shortcuts": list(workspace.manifest.shortcuts or ()),
        "people": {person.id: _person(person) for person in workspace.people.values()},
        "groups": {group.id: _group(group) for group in workspace.groups.values()},
        "channels": [_channel(core, channel) for channel in channels if channel.kind in ("channel", "group")],
        "direct": [_channel(core, channel) for channel in channels if channel.kind in ("im", "mpim")],
        "modals": {user: [_view(core, each) for each in stack] for user, stack in core.views.stacks.items()},
        "homes": {user: _view(core, home) for user, home in core.views.homes.items()},
    }


def _person(person: Person) -> Json:
    names = ("id", "name", "real_name", "title", "tz", "team", "is_admin", "is_bot", "deleted")
    flags = ("is_restricted", "is_ultra_restricted", "is_stranger")
    return {name: getattr(person, name) for name in (*names, *flags)}


def _group(group: Group) -> Json:
    return {
        "id": group.id,
        "handle": group.handle,
        "name": group.name,
        "users": list(group.users),
        "disabled": group.disabled,
    }


def _channel(core: Core, channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "is_ext_shared": channel.is_ext_shared,
        "is_archived": channel.is_archived,
        "members": list(channel.members),
        "messages": [_message(core, channel, message) for message in channel.messages.values()],
    }


def _message(core: Core, channel: Channel, message: Message) -> Json:
    replies = channel.thread(message.ts) if message.thread_ts is None else []
    author = core.workspace.people.get(message.user or "")
    same: tuple[str, ...] = (
        *("ts", "user", "bot_id", "subtype", "text", "blocks", "attachments", "thread_ts", "broadcast"),
        *("edited", "deleted", "only_for", "metadata"),
    )
    shown: dict[str, Any] = {name: getattr(message, name) for name in same}
    return {
        **shown,
        "author": author.name if author else core.workspace.bot.name,
        "reply_count": len(replies),
        "reply_users": list(dict.fromkeys(reply.user or reply.bot_id for reply in replies)),
        "latest_reply": replies[-1].ts if replies else None,
        "reactions": [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in message.reactions.items()
        ],
    }


def _view(core: Core, each: View) -> Json:
    return {**core.views.shown(each), "errors": dict(each.errors)}
