"""What people may do, what they type, what the page sees, and what outlives a restart."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from sandbox.slack import Refused, Slack
from sandbox.world import World
from tests.sandbox.slack_world import (
    ANN,
    BEN,
    BOT,
    CHANNEL,
    GIL,
    GROUP,
    RANDOM,
    ROSA,
    SAMPLE,
    Town,
    slack_town,
)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with slack_town(tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("@identity hello", "<@U0IDENTITY> hello"),
        ("@Ann, @ben.", "<@U0ANN>, <@U0BEN>."),
        ("ask @platform-approvers or @here", "ask <!subteam^S0PLATFORM> or <!here>"),
        ("see #random and #nowhere", "see <#C0RANDOM|random> and #nowhere"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<@U0ANN> <!channel>", "&lt;@U0ANN&gt; &lt;!channel&gt;"),
        ("@nobody mail@x.example", "@nobody <mailto:mail@x.example|mail@x.example>"),
        ("https://x.example/a?b=1&c=2.", "<https://x.example/a?b=1&amp;c=2>."),
        (
            "kv-payments.vault.azure.net/secrets/stripe-key",
            "<http://kv-payments.vault.azure.net/secrets/stripe-key|kv-payments.vault.azure.net/secrets/stripe-key>",
        ),
        (
            "providers/Microsoft.KeyVault/vaults/kv values.yaml 1.2.3",
            "providers/Microsoft.KeyVault/vaults/kv values.yaml 1.2.3",
        ),
        ("`@ann` ```a & #random```", "`@ann` ```a &amp; #random```"),
        ("`https://x.example`", "`<https://x.example>`"),
        ("✅ 👍🏽 ok", ":white_check_mark: :+1::skin-tone-4: ok"),
    ],
)
async def test_what_people_type_is_encoded_as_slack_does(town: Town, typed: str, stored: str) -> None:
    ts = await town.slack.say(ROSA, CHANNEL, typed)

    assert town.slack.channels[CHANNEL].messages[ts].text == stored


async def test_a_persons_message_carries_rich_text(town: Town) -> None:
    await town.slack.say(ROSA, CHANNEL, "@ann see #random, https://x.example `a<b` :eyes:")

    shown = (await town.client.conversations_history(channel=CHANNEL))["messages"][0]
    elements = shown["blocks"][0]["elements"][0]["elements"]
    assert [element["type"] for element in elements] == [
        *("user", "text", "channel", "text", "link", "text", "text", "text", "emoji"),
    ]
    assert elements[6] == {"type": "text", "text": "a<b", "style": {"code": True}}


async def test_people_do_only_what_slack_lets_them(town: Town) -> None:
    mine = await town.slack.say(ROSA, CHANNEL, "mine")
    town.slack.people[BEN].deleted = True
    slack = town.slack
    refused = [
        (slack.say(GIL, RANDOM, "x"), "not_in_channel"),
        (slack.say(BEN, CHANNEL, "x"), "account_inactive"),
        (slack.say(BOT, CHANNEL, "x"), "user_is_bot"),
        (slack.say(ROSA, "#nowhere", "x"), "channel_not_found"),
        (slack.say(ROSA, CHANNEL, "  "), "no_text"),
        (slack.edit(ANN, CHANNEL, mine, "x"), "cant_update_message"),
        (slack.delete(ANN, CHANNEL, mine), "cant_delete_message"),
        (slack.react(ANN, CHANNEL, mine, "marque"), "invalid_name"),
        (slack.unreact(ANN, CHANNEL, mine, "eyes"), "no_reaction"),
        (slack.join_channel(GIL, RANDOM), "user_is_restricted"),
        (slack.join_group(ROSA, "nobody"), "no_such_subteam"),
        (slack.invite(ROSA, CHANNEL, ANN), "already_in_channel"),
    ]
    for act, code in refused:
        with pytest.raises(Refused) as refusal:
            await act
        assert refusal.value.code == code and refusal.value.detail


async def test_a_private_conversation_is_unknown_to_others(town: Town) -> None:
    await town.slack.say(ROSA, BOT, "psst")

    with pytest.raises(Refused, match="channel_not_found"):
        await town.slack.say(ANN, town.slack.direct(ROSA).id, "what?")


async def test_an_administrator_can_delete_the_bots_message(town: Town) -> None:
    app = await town.app()
    ts = await town.post("card")
    town.slack.people[ANN].is_admin = True

    await town.slack.delete(ANN, CHANNEL, ts)
    await town.slack.settled()

    assert app.events("message_deleted")[0]["previous_message"]["user"] == BOT
    assert (
        await town.refusal(town.client.chat_update(channel=CHANNEL, ts=ts, text="x")) == "message_not_found"
    )


async def test_the_view_shows_everything_the_page_draws(town: Town) -> None:
    root = await town.slack.say(ROSA, CHANNEL, "@identity hello")
    reply = await town.post(
        "on it", thread_ts=root, metadata={"event_type": "x", "event_payload": {"id": "1"}}
    )
    await town.client.chat_postEphemeral(channel=CHANNEL, user=ROSA, text="only you")
    await town.slack.react(ANN, CHANNEL, reply, "✅")
    await town.slack.say(ROSA, BOT, "psst")

    view = town.slack.view()

    channel = next(c for c in view["channels"] if c["id"] == CHANNEL)
    first, second, third = channel["messages"]
    assert (first["author"], first["reply_count"], first["latest_reply"]) == ("rosa", 1, reply)
    assert second["thread_ts"] == root and second["metadata"]["event_payload"] == {"id": "1"}
    assert second["reactions"] == [{"name": "white_check_mark", "users": [ANN], "count": 1}]
    assert third["only_for"] == ROSA
    assert [d["messages"][0]["text"] for d in view["direct"]] == ["psst"]
    assert view["people"][GIL]["is_restricted"] and view["groups"][GROUP]["users"] == [ANN, BEN]
    assert view["connections"] == 0 and view["bot"]["user"] == BOT


async def test_people_act_over_http_as_well(town: Town) -> None:
    async def act(path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        async with session.post(f"{town.origin}/{path}", json=body) as answer:
            return answer.status, await answer.json()

    async with ClientSession() as session:
        status, said = await act(f"people/{ROSA}/say", channel="#identities", text="hello")
        reacted = await act(f"people/{ANN}/react", channel=CHANNEL, ts=said["ts"], name="eyes")
        outside = await act(f"people/{GIL}/say", channel=RANDOM, text="x")
        unknown = await act(f"people/{ROSA}/dance")
        missing = await act(f"people/{ROSA}/say", channel=CHANNEL)
        odd = await act(f"people/{ROSA}/say", channel=5, text="x")
        guest = await act("control/person", user=ANN, is_restricted=True)
        wrong = await act("control/person", user=ANN, is_tall=True)
        home = await act(f"people/{ROSA}/home")
        async with session.get(f"{town.origin}/emoji") as answer:
            emoji = await answer.json()

    assert (status, said["channel"]) == (200, CHANNEL) and reacted == (200, {"ok": True})
    assert outside[0] == 400 and outside[1]["error"] == "not_in_channel" and "join" in outside[1]["detail"]
    assert unknown[1]["error"] == "unknown_verb" and missing[1]["error"] == "invalid_arguments"
    assert odd[0] == 400 and odd[1]["detail"] == "channel cannot be 5"
    assert guest == (200, {"ok": True}) and town.slack.people[ANN].is_restricted
    assert wrong[1]["error"] == "invalid_arguments" and home[1]["channel"] == "D0ROSA"
    assert emoji["white_check_mark"] == "✅"


async def test_a_restart_keeps_everything_but_connections(town: Town, tmp_path: Path) -> None:
    root = await town.slack.say(ROSA, CHANNEL, "hello")
    await town.post("reply", thread_ts=root, metadata={"event_type": "x", "event_payload": {}})
    await town.slack.react(ANN, CHANNEL, root, "eyes")
    await town.slack.join_group(ROSA, GROUP)
    await town.client.views_publish(user_id=ROSA, view={"type": "home", "blocks": [{"type": "divider"}]})
    town.slack.options.rate_limits = False
    town.world.save()

    world = World(tmp_path)
    again = Slack(world, SAMPLE)
    world.add(again)

    assert again.view() == town.slack.view()
    assert again.undelivered == town.slack.undelivered > 0
    assert [m.ts for m in again.channels[CHANNEL].thread(root)] == [
        m.ts for m in town.slack.messages(CHANNEL)[1:]
    ]


async def test_events_that_were_pending_are_delivered_after_a_restart(tmp_path: Path) -> None:
    async with slack_town(tmp_path) as before:
        await before.slack.say(ROSA, CHANNEL, "before the restart")
        before.world.save()

    async with slack_town(tmp_path) as after:
        app = await after.app()
        await after.slack.settled()

    assert [event["text"] for event in app.events()] == ["before the restart"]


async def test_a_snapshot_is_not_touched_by_what_comes_later(town: Town) -> None:
    ts = await town.slack.say(ROSA, CHANNEL, "hello")
    before = town.slack.snapshot()

    await town.slack.react(ANN, CHANNEL, ts, "eyes")
    await town.slack.edit(ROSA, CHANNEL, ts, "changed")
    await town.slack.say(ROSA, CHANNEL, "more")
    town.slack.restore(before)

    [message] = town.slack.messages(CHANNEL)
    assert (message.text, message.reactions) == ("hello", {})
    await town.slack.react(ANN, CHANNEL, ts, "eyes")
    town.slack.restore(before)
    assert town.slack.messages(CHANNEL)[0].reactions == {}


async def test_a_sample_with_a_mistake_names_it(tmp_path: Path) -> None:
    wrong = {**SAMPLE, "channels": [{"id": "C1", "name": "x", "members": ["U0NOBODY"]}]}

    with pytest.raises(ValueError, match="U0NOBODY"):
        Slack(World(tmp_path), wrong)
