"""What the app is told of what happens in the workspace."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sandbox.slack_world import ANN, BOT, CHANNEL, RANDOM, ROSA, SAM, Town, slack_town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with slack_town(tmp_path) as running:
        yield running


async def test_a_mention_is_told_as_a_message_and_as_a_mention_with_different_ids(town: Town) -> None:
    app = await town.app()

    ts = await town.slack.say(ROSA, "#identities", "@identity payments-api needs kv-payments")
    await town.slack.settled()

    message, mention = app.events()
    assert message["type"] == "message" and message["channel_type"] == "channel"
    assert mention["type"] == "app_mention"
    assert {message["ts"], mention["ts"]} == {ts}
    assert mention["text"] == "<@U0IDENTITY> payments-api needs kv-payments"
    assert len({request.payload["event_id"] for request in app.heard}) == 2


async def test_an_event_says_where_it_belongs(town: Town) -> None:
    app = await town.app()

    await town.slack.say(ROSA, CHANNEL, "hello")
    await town.slack.settled()

    payload = app.heard[0].payload
    assert payload["type"] == "event_callback" and payload["team_id"] == "T0SHOP"
    assert payload["api_app_id"] == "A0IDENTITY" and payload["is_ext_shared_channel"] is False
    assert payload["authorizations"][0]["user_id"] == BOT
    assert app.heard[0].retry_attempt == 0 and not app.heard[0].retry_reason


async def test_a_reply_names_its_thread_and_whose_it_is(town: Town) -> None:
    app = await town.app()
    root = await town.slack.say(ROSA, CHANNEL, "hello")

    await town.slack.say(ANN, CHANNEL, "and?", thread_ts=root)
    await town.slack.settled()

    reply = app.events("message")[-1]
    assert (reply["thread_ts"], reply["parent_user_id"], reply["user"]) == (root, ROSA, ANN)


async def test_a_direct_message_is_no_mention(town: Town) -> None:
    app = await town.app()

    await town.slack.say(ROSA, BOT, "@identity hello")
    await town.slack.settled()

    assert [(event["type"], event["channel_type"]) for event in app.events()] == [("message", "im")]


async def test_the_app_hears_nothing_of_channels_it_is_not_in(town: Town) -> None:
    app = await town.app()

    ts = await town.slack.say(ROSA, RANDOM, "@identity are you there?")
    await town.slack.react(ANN, RANDOM, ts, "eyes")
    await town.slack.settled()

    assert app.heard == []


async def test_edits_and_deletions_carry_what_was_there_before(town: Town) -> None:
    app = await town.app()
    ts = await town.slack.say(ROSA, CHANNEL, "first")

    await town.slack.edit(ROSA, CHANNEL, ts, "second")
    await town.slack.delete(ROSA, CHANNEL, ts)
    await town.slack.settled()

    changed, deleted = app.events("message_changed")[0], app.events("message_deleted")[0]
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("first", "second")
    assert changed["message"]["edited"]["user"] == ROSA and changed["message"]["ts"] == ts
    assert deleted["deleted_ts"] == ts and deleted["previous_message"]["text"] == "second"


async def test_a_deleted_message_with_replies_becomes_a_tombstone(town: Town) -> None:
    app = await town.app()
    root = await town.slack.say(ROSA, CHANNEL, "first")
    await town.slack.say(ANN, CHANNEL, "reply", thread_ts=root)

    await town.slack.delete(ROSA, CHANNEL, root)
    await town.slack.settled()

    assert app.events("message_changed")[0]["message"]["subtype"] == "tombstone"
    replies = await town.client.conversations_replies(channel=CHANNEL, ts=root)
    assert [m["text"] for m in replies["messages"]] == ["This message was deleted.", "reply"]


async def test_reactions_name_the_message_and_its_author(town: Town) -> None:
    app = await town.app()
    ts = await town.post("card")

    await town.slack.react(ANN, CHANNEL, ts, "white_check_mark")
    await town.slack.unreact(ANN, CHANNEL, ts, ":white_check_mark:")
    await town.slack.settled()

    added, removed = app.events("reaction_added")[0], app.events("reaction_removed")[0]
    item = {"type": "message", "channel": CHANNEL, "ts": ts}
    assert (added["user"], added["reaction"], added["item"], added["item_user"]) == (
        ANN,
        "white_check_mark",
        item,
        BOT,
    )
    assert removed["item"] == item and float(removed["event_ts"]) > float(added["event_ts"])


async def test_the_bots_own_messages_and_reactions_are_told_too(town: Town) -> None:
    app = await town.app()

    ts = await town.post("card")
    await town.client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes")
    await town.slack.settled()

    said, reacted = app.events()
    assert said["bot_id"] == "B0IDENTITY" and said["user"] == BOT and "subtype" not in said
    assert reacted["type"] == "reaction_added" and reacted["user"] == BOT


async def test_coming_and_going_is_told(town: Town) -> None:
    app = await town.app()

    await town.slack.invite(ROSA, RANDOM, BOT)
    await town.slack.leave_channel(ANN, CHANNEL)
    await town.slack.join_group(ROSA, "platform-approvers")
    await town.slack.settled()

    joined = app.events("member_joined_channel")[0]
    assert (joined["user"], joined["channel"], joined["inviter"]) == (BOT, RANDOM, ROSA)
    assert app.events("member_left_channel")[0]["user"] == ANN
    await town.slack.kick(ROSA, RANDOM, BOT)
    await town.slack.settled()
    assert app.events("member_left_channel")[-1]["user"] == BOT
    assert BOT not in town.slack.channels[RANDOM].members
    changed = app.events("subteam_members_changed")[0]
    assert (changed["subteam_id"], changed["added_users"], changed["removed_users"]) == (
        "S0PLATFORM",
        [ROSA],
        [],
    )


async def test_a_preview_changes_a_message_that_nobody_edited(town: Town) -> None:
    app = await town.app()
    ts = await town.slack.say(ROSA, CHANNEL, "see https://example.com/")

    await town.slack.operator.unfurl(CHANNEL, ts)
    await town.slack.settled()

    changed = app.events("message_changed")[0]
    assert changed["message"]["text"] == changed["previous_message"]["text"]
    assert "edited" not in changed["message"] and changed["message"]["attachments"]


async def test_in_a_shared_channel_messages_say_whose_people_they_are_from(town: Town) -> None:
    app = await town.app()
    town.slack.channels[CHANNEL].is_ext_shared = True
    town.slack.people[SAM].is_stranger, town.slack.people[SAM].team = True, "T0PARTNER"

    await town.slack.say(SAM, CHANNEL, "@identity hello")
    await town.slack.settled()

    assert {event["user_team"] for event in app.events()} == {"T0PARTNER"}
    assert all(request.payload["is_ext_shared_channel"] for request in app.heard)


async def test_other_bots_write_and_react_too(town: Town) -> None:
    app = await town.app()
    town.slack.people[SAM].is_bot = True

    ts = await town.slack.say(SAM, CHANNEL, "@identity beep")
    await town.slack.react(SAM, CHANNEL, ts, "white_check_mark")
    await town.slack.settled()

    message, mention, reaction = app.events()
    assert message["bot_id"] == "B0SAM" and message["bot_profile"]["name"] == "sam"
    assert mention["type"] == "app_mention" and reaction["user"] == SAM
