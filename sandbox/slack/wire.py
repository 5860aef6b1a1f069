"""Messages, channels, people and groups as Slack's API writes them."""

import base64
import zoneinfo
from datetime import datetime
from typing import Any

from sandbox.slack.model import Channel, Group, Json, Message, Person
from sandbox.slack.text import rich_text
from sandbox.slack.workspace import Bot, Workspace

# Slack says that a message's reactions may name only some of the people; `count` is always right.
SOME = 3


def message(
    workspace: Workspace, channel: Channel, shown: Message, *, metadata: bool = False, full: bool = False
) -> Json:
    """One message as history, replies and events show it; `full` names everybody who reacted."""
    out: Json = {"type": "message", "ts": shown.ts, "text": shown.text}
    if shown.user:
        home = workspace.people[shown.user].team
        out |= {"user": shown.user, "team": home}
        if channel.is_ext_shared:
            out |= {"user_team": home, "source_team": home}
    for name in ("subtype", "client_msg_id", "inviter", "edited"):
        if (value := getattr(shown, name)) is not None:
            out[name] = value
    if shown.bot_id:
        profile = bot_profile(workspace, shown.bot_id)
        out |= {"bot_id": shown.bot_id, "app_id": profile["app_id"], "bot_profile": profile}
    if blocks := shown.blocks or _typed_blocks(shown):
        out["blocks"] = blocks
    if shown.attachments:
        out["attachments"] = shown.attachments
    out |= _thread(channel, shown)
    if shown.reactions:
        out["reactions"] = reactions(shown, full=full)
    if metadata and shown.metadata:
        out["metadata"] = shown.metadata
    return out


def reactions(shown: Message, *, full: bool) -> list[Json]:
    """Who reacted with what; without `full` only the first few people of each are named."""
    return [
        {"name": name, "users": list(users) if full else users[:SOME], "count": len(users)}
        for name, users in shown.reactions.items()
    ]


def bot_profile(workspace: Workspace, bot_id: str) -> Json:
    """What a message tells about the app that posted it: ours, or one of the other bot accounts."""
    bot = workspace.bot
    if bot_id != bot.bot:
        other = workspace.people[f"U{bot_id[1:]}"]
        bot = Bot(user=other.id, bot=bot_id, app=f"A{bot_id[1:]}", name=other.name)
    icons = {f"image_{size}": f"https://example.com/{bot.app}_{size}.png" for size in (36, 48, 72)}
    return {
        "id": bot.bot,
        "app_id": bot.app,
        "user_id": bot.user,
        "name": bot.name,
        "icons": icons,
        "deleted": False,
        "updated": 0,
        "team_id": workspace.team.id,
    }


def channel(workspace: Workspace, shown: Channel) -> Json:
    """A conversation as `conversations.info` shows it."""
    if shown.kind == "im":
        return _direct(workspace, shown)
    described = {"creator": shown.creator, "last_set": 0}
    return {
        "id": shown.id,
        "name": shown.name,
        "name_normalized": shown.name,
        "is_channel": shown.kind == "channel",
        "is_group": shown.kind == "group",
        "is_im": False,
        "is_mpim": shown.kind == "mpim",
        "is_private": shown.kind != "channel",
        "created": shown.created,
        "creator": shown.creator,
        "is_archived": shown.is_archived,
        "is_general": False,
        "unlinked": 0,
        "is_shared": shown.is_ext_shared,
        "is_ext_shared": shown.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "shared_team_ids": _teams(workspace, shown),
        "context_team_id": workspace.team.id,
        "is_member": workspace.is_in(shown),
        "topic": {"value": shown.topic, **described},
        "purpose": {"value": shown.purpose, **described},
        "previous_names": [],
        "updated": shown.created * 1000,
    }


def user(workspace: Workspace, shown: Person, *, email: bool = True) -> Json:
    """An account as `users.info` shows it. A deactivated one has lost its flags and its time zone."""
    out: Json = {
        "id": shown.id,
        "team_id": shown.team,
        "name": shown.name,
        "deleted": shown.deleted,
        "profile": _profile(shown, email=email),
        "is_bot": shown.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if not shown.deleted:
        out |= {
            "color": "9f69e7",
            "real_name": shown.real_name,
            **_zone(shown.tz, workspace),
            "is_admin": shown.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": shown.is_restricted,
            "is_ultra_restricted": shown.is_ultra_restricted,
            "is_email_confirmed": shown.is_email_confirmed,
            "who_can_share_contact_card": "EVERYONE",
        }
    if shown.is_stranger:
        out["is_stranger"] = True
    if workspace.team.enterprise and not shown.is_stranger:
        out["enterprise_user"] = {
            "id": shown.id,
            "enterprise_id": workspace.team.enterprise,
            "enterprise_name": workspace.team.name,
            "is_admin": shown.is_admin,
            "is_owner": False,
            "teams": [shown.team],
        }
    return out


def group(workspace: Workspace, shown: Group, *, users: bool, count: bool) -> Json:
    """A user group as `usergroups.list` shows it."""
    owner = shown.users[0] if shown.users else workspace.bot.user
    out: Json = {
        "id": shown.id,
        "team_id": workspace.team.id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": shown.name,
        "description": "",
        "handle": shown.handle,
        "is_external": False,
        "date_create": shown.created,
        "date_update": shown.updated,
        "date_delete": shown.updated if shown.disabled else 0,
        "auto_type": None,
        "auto_provision": False,
        "enterprise_subteam_id": "",
        "created_by": owner,
        "updated_by": owner,
        "deleted_by": owner if shown.disabled else None,
        "prefs": {"channels": [], "groups": []},
    }
    if users:
        out["users"] = list(shown.users)
    if count:
        out["user_count"] = len(shown.users)
    return out


def page(rows: list[Any], cursor: str, limit: int) -> tuple[list[Any], str]:
    """One page of a list and the cursor of the next; ValueError when the cursor is none of ours."""
    start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("from:")) if cursor else 0
    following = start + limit
    more = base64.b64encode(f"from:{following}".encode()).decode() if following < len(rows) else ""
    return rows[start:following], more


def _typed_blocks(shown: Message) -> list[Json]:
    """People's own messages carry rich text; the block's id is made of the message's."""
    if shown.client_msg_id is None or not shown.text:
        return []
    return rich_text(shown.text, shown.client_msg_id[:5])


def _thread(channel: Channel, shown: Message) -> Json:
    if shown.thread_ts:
        root = channel.messages.get(shown.thread_ts)
        parent = {"parent_user_id": root.user} if root and root.user else {}
        return {"thread_ts": shown.thread_ts, **parent}
    replies = channel.thread(shown.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user or reply.bot_id for reply in replies))
    return {
        "thread_ts": shown.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
        "reply_users": users,
        "is_locked": False,
        "subscribed": False,
    }


def _direct(workspace: Workspace, shown: Channel) -> Json:
    other = next((ref for ref in shown.members if ref != workspace.bot.user), workspace.bot.user)
    return {
        "id": shown.id,
        "created": shown.created,
        "is_archived": shown.is_archived,
        "is_im": True,
        "is_org_shared": False,
        "context_team_id": workspace.team.id,
        "user": other,
        "is_user_deleted": workspace.people[other].deleted,
        "is_open": True,
        "updated": shown.created * 1000,
        "priority": 0,
    }


def _teams(workspace: Workspace, shown: Channel) -> list[str]:
    others = [workspace.people[ref].team for ref in shown.members] if shown.is_ext_shared else []
    return list(dict.fromkeys([workspace.team.id, *others]))


def _profile(shown: Person, *, email: bool) -> Json:
    first, _, last = shown.real_name.partition(" ")
    out: Json = {
        "title": shown.title,
        "phone": "",
        "skype": "",
        "real_name": shown.real_name,
        "real_name_normalized": shown.real_name,
        "display_name": shown.name,
        "display_name_normalized": shown.name,
        "first_name": first,
        "last_name": last,
        "status_text": "",
        "status_emoji": "",
        "avatar_hash": shown.id.lower(),
        "team": shown.team,
        "image_72": f"https://example.com/{shown.id}_72.png",
    }
    if email and not shown.is_bot:
        out["email"] = shown.email
    return out


def _zone(name: str, workspace: Workspace) -> Json:
    now: datetime = workspace.clock.now().astimezone(zoneinfo.ZoneInfo(name))
    offset = now.utcoffset()
    return {"tz": name, "tz_label": now.tzname(), "tz_offset": int(offset.total_seconds()) if offset else 0}
