"""How a person finds things: as themselves, where they may."""

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.slack.core import Core
from sandbox.slack.errors import Refused, SlackError
from sandbox.slack.model import Channel, Message, Person

WHAT_TO_DO = {
    "channel_not_found": "there is no such conversation for this person; give an id, #name or a user's id",
    "user_not_found": "there is nobody with this id",
    "message_not_found": "there is no message with this ts in the conversation",
    "no_such_subteam": "there is no user group with this id or handle",
    "invalid_name": "there is no such emoji; give a name such as white_check_mark",
    "already_reacted": "this reaction is there already; unreact takes it off",
    "no_reaction": "this reaction is not there",
    "thread_not_found": "there is no message with this thread_ts",
    "cannot_reply_to_message": "a reply cannot be replied to; give the ts of the thread's first message",
}


@contextmanager
def refusals() -> Iterator[None]:
    """Inside it an error of Slack becomes the refusal a person meets."""
    try:
        yield
    except SlackError as error:
        details = "; ".join(error.messages) or WHAT_TO_DO.get(error.code, "Slack does not allow it")
        raise Refused(error.code, details) from None


def person(core: Core, user: str) -> Person:
    """The person, or other bot, that acts. Refused where nobody has this id or the account is closed."""
    with refusals():
        found = core.workspace.person(user)
    if found.deleted:
        raise Refused("account_inactive", f"{found.name} is deactivated and can do nothing")
    if user == core.workspace.bot.user:
        raise Refused("user_is_bot", f"{found.name} is the app's own bot; it speaks through the Web API")
    return found


def place(core: Core, user: str, ref: str) -> Channel:
    """The conversation a person means and is a member of; a user's id is the direct one with them."""
    person(core, user)
    with refusals():
        if ref in core.workspace.people and ref != user:
            return core.workspace.direct(user, ref)
        channel = core.workspace.channel(ref)
    if user not in channel.members:
        if channel.kind != "channel":
            raise Refused("channel_not_found", WHAT_TO_DO["channel_not_found"])
        raise Refused("not_in_channel", f"join #{channel.name} first: join_channel")
    return channel


def writable(core: Core, user: str, ref: str) -> Channel:
    """The conversation, where the person can also write."""
    channel = place(core, user, ref)
    if channel.is_archived:
        raise Refused("is_archived", f"#{channel.name} is archived")
    bot = core.workspace.bot.user
    if channel.kind == "im" and bot in channel.members and not core.workspace.manifest.messages_tab:
        raise Refused("messages_tab_disabled", "the app's manifest does not let people write to it")
    return channel


def message(core: Core, user: str, channel: str, ts: str) -> tuple[Channel, Message]:
    """A message the person can see, with its conversation."""
    found = place(core, user, channel)
    with refusals():
        return found, core.messages.find(found, ts, seen_by=user)
