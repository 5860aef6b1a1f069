"""Messages, threads and reactions through the Web API."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.slack_world import ANN, BEN, BOT, CHANNEL, GIL, RANDOM, ROSA, SAM, Town, slack_town

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Ready"}}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with slack_town(tmp_path) as running:
        yield running


async def test_the_bot_posts_only_where_it_is(town: Town) -> None:
    post = town.client.chat_postMessage
    assert await town.refusal(post(channel="C0NOWHERE", text="x")) == "channel_not_found"
    assert await town.refusal(post(channel=RANDOM, text="x")) == "not_in_channel"
    assert await town.refusal(post(channel=CHANNEL, text=" ")) == "no_text"
    await town.slack.operator.channel(CHANNEL, is_archived=True)
    assert await town.refusal(post(channel=CHANNEL, text="x")) == "is_archived"


async def test_a_message_to_a_person_is_a_direct_message(town: Town) -> None:
    posted = await town.client.chat_postMessage(channel=ROSA, text="psst")
    opened = await town.client.conversations_open(users=ROSA)

    assert posted["channel"] == opened["channel"]["id"] == town.slack.direct(ROSA).id
    assert opened["already_open"]
    assert (await town.client.conversations_info(channel=posted["channel"]))["channel"]["user"] == ROSA


async def test_ts_are_strings_that_increase(town: Town) -> None:
    stamps = [await town.post(str(n)) for n in range(5)]

    assert stamps == sorted(set(stamps))
    assert all(len(stamp.split(".")[1]) == 6 for stamp in stamps)


async def test_text_is_stored_escaped_and_links_are_marked(town: Town) -> None:
    posted = await town.client.chat_postMessage(
        channel=CHANNEL, text="a < b & <@U0ANN> https://x.example/a?b=1 &lt;"
    )

    assert posted["message"]["text"] == "a &lt; b &amp; <@U0ANN> <https://x.example/a?b=1> &lt;"


async def test_an_update_with_text_alone_takes_the_blocks_away(town: Town) -> None:
    ts = await town.post("card", blocks=[SECTION])

    with_blocks = await town.client.chat_update(channel=CHANNEL, ts=ts, text="card 2", blocks=[SECTION])
    with_text = await town.client.chat_update(channel=CHANNEL, ts=ts, text="only text")

    assert with_blocks["message"]["blocks"] and "edited" not in with_blocks["message"]
    assert "blocks" not in with_text["message"] and with_text["message"]["edited"]["user"] == BOT
    assert with_text["text"] == "only text"


async def test_an_update_with_blocks_alone_keeps_the_text(town: Town) -> None:
    ts = await town.post("card")

    updated = await town.client.chat_update(channel=CHANNEL, ts=ts, blocks=[SECTION])

    assert updated["message"]["text"] == "card"


async def test_only_the_bots_own_messages_can_be_changed(town: Town) -> None:
    ts = await town.slack.say(ROSA, CHANNEL, "mine")
    gone = await town.post()
    await town.client.chat_delete(channel=CHANNEL, ts=gone)

    update, delete = town.client.chat_update, town.client.chat_delete
    assert await town.refusal(update(channel=CHANNEL, ts=ts, text="x")) == "cant_update_message"
    assert await town.refusal(delete(channel=CHANNEL, ts=ts)) == "cant_delete_message"
    assert await town.refusal(update(channel=CHANNEL, ts=gone, text="x")) == "message_not_found"


async def test_text_too_long_for_an_update_is_refused(town: Town) -> None:
    ts = await town.post()

    assert (
        await town.refusal(town.client.chat_update(channel=CHANNEL, ts=ts, text="x" * 4001)) == "msg_too_long"
    )


async def test_metadata_stays_until_it_is_replaced_and_is_shown_on_demand(town: Town) -> None:
    metadata = {"event_type": "identity_request", "event_payload": {"id": "r-1"}}
    ts = await town.post("card", metadata=metadata)
    await town.client.chat_update(channel=CHANNEL, ts=ts, text="card 2")

    without = await town.client.conversations_replies(channel=CHANNEL, ts=ts)
    with_it = await town.client.conversations_replies(channel=CHANNEL, ts=ts, include_all_metadata=True)
    await town.client.chat_update(channel=CHANNEL, ts=ts, text="card 3", metadata={})
    after = await town.client.conversations_history(channel=CHANNEL, include_all_metadata=True)

    assert "metadata" not in without["messages"][0]
    assert with_it["messages"][0]["metadata"] == metadata
    assert "metadata" not in after["messages"][0]


@pytest.mark.parametrize("metadata", [{"event_type": "no spaces", "event_payload": {}}, {"event_type": "x"}])
async def test_metadata_of_a_wrong_shape_is_refused(town: Town, metadata: dict[str, Any]) -> None:
    post = town.client.chat_postMessage(channel=CHANNEL, text="x", metadata=metadata)

    assert await town.refusal(post) == "invalid_metadata_schema"


async def test_a_thread_is_counted_on_its_root_and_read_in_pages(town: Town) -> None:
    root = await town.post("root")
    replies = [await town.post(f"reply {n}", thread_ts=root) for n in range(3)]

    first = await town.client.conversations_replies(channel=CHANNEL, ts=root, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    rest = await town.client.conversations_replies(channel=CHANNEL, ts=root, limit=2, cursor=cursor)
    history = await town.client.conversations_history(channel=CHANNEL)

    assert [m["ts"] for m in [*first["messages"], *rest["messages"]]] == [root, *replies]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert [m["ts"] for m in history["messages"]] == [root]
    assert history["messages"][0]["reply_count"] == 3
    assert history["messages"][0]["latest_reply"] == replies[-1]


async def test_history_is_newest_first_between_the_times_asked_for(town: Town) -> None:
    one, two, three = [await town.post(word) for word in ("one", "two", "three")]

    after = await town.client.conversations_history(channel=CHANNEL, oldest=one)
    around = await town.client.conversations_history(
        channel=CHANNEL, oldest=two, latest=three, inclusive=True
    )

    assert [m["text"] for m in after["messages"]] == ["three", "two"]
    assert [m["text"] for m in around["messages"]] == ["three", "two"]


async def test_a_reply_to_nothing_or_to_a_reply_is_refused(town: Town) -> None:
    root = await town.post("root")
    reply = await town.post("reply", thread_ts=root)
    post = town.client.chat_postMessage

    assert await town.refusal(post(channel=CHANNEL, text="x", thread_ts="1.000001")) == "thread_not_found"
    assert await town.refusal(post(channel=CHANNEL, text="x", thread_ts=reply)) == "cannot_reply_to_message"


async def test_an_ephemeral_message_is_seen_by_one_person_and_told_to_nobody(town: Town) -> None:
    app = await town.app()
    shown = await town.client.chat_postEphemeral(channel=CHANNEL, user=ROSA, text="only you")
    history = await town.client.conversations_history(channel=CHANNEL)
    ts = shown["message_ts"]

    assert [m.text for m in town.slack.messages(CHANNEL, seen_by=ROSA)] == ["only you"]
    assert town.slack.messages(CHANNEL, seen_by=ANN) == [] and town.slack.messages(CHANNEL) == []
    assert history["messages"] == [] and app.heard == []
    for call in (
        town.client.chat_update(channel=CHANNEL, ts=ts, text="x"),
        town.client.chat_delete(channel=CHANNEL, ts=ts),
        town.client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes"),
    ):
        assert await town.refusal(call) == "message_not_found"


async def test_an_ephemeral_message_needs_its_person_in_the_channel(town: Town) -> None:
    await town.slack.leave_channel(GIL, CHANNEL)
    call = town.client.chat_postEphemeral(channel=CHANNEL, user=GIL, text="only you")

    assert await town.refusal(call) == "user_not_in_channel"


async def test_reactions_are_added_once_and_removed_once(town: Town) -> None:
    ts = await town.post()
    add, remove = town.client.reactions_add, town.client.reactions_remove
    await add(channel=CHANNEL, timestamp=ts, name="white_check_mark")

    assert (
        await town.refusal(add(channel=CHANNEL, timestamp=ts, name="white_check_mark")) == "already_reacted"
    )
    assert await town.refusal(add(channel=CHANNEL, timestamp=ts, name=":eyes:")) == "invalid_name"
    assert await town.refusal(add(channel=CHANNEL, timestamp=ts, name="check_marque")) == "invalid_name"
    assert await town.refusal(add(channel=CHANNEL, timestamp="yesterday", name="eyes")) == "bad_timestamp"
    assert await town.refusal(remove(channel=CHANNEL, timestamp=ts, name="eyes")) == "no_reaction"
    assert (await remove(channel=CHANNEL, timestamp=ts, name="white_check_mark"))["ok"]


async def test_only_a_full_list_of_reactions_names_everybody(town: Town) -> None:
    ts = await town.post()
    for person in (ROSA, ANN, BEN, SAM):
        await town.slack.react(person, CHANNEL, ts, "+1::skin-tone-3")

    some = await town.client.reactions_get(channel=CHANNEL, timestamp=ts)
    everybody = await town.client.reactions_get(channel=CHANNEL, timestamp=ts, full=True)

    assert some["message"]["reactions"][0]["count"] == 4 > len(some["message"]["reactions"][0]["users"])
    assert everybody["message"]["reactions"] == [
        {"name": "+1::skin-tone-3", "users": [ROSA, ANN, BEN, SAM], "count": 4}
    ]


async def test_a_permalink_leads_to_the_message(town: Town) -> None:
    root = await town.post()
    reply = await town.post("reply", thread_ts=root)

    link = await town.client.chat_getPermalink(channel=CHANNEL, message_ts=reply)

    assert link["permalink"] == (
        f"https://shop.slack.com/archives/{CHANNEL}/p{reply.replace('.', '')}?thread_ts={root}&cid={CHANNEL}"
    )
