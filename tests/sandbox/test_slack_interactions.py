"""Buttons, menus, commands and shortcuts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.socket_mode.request import SocketModeRequest

from sandbox.slack import Refused
from tests.sandbox.slack_forms import BUTTONS, Json, last, options
from tests.sandbox.slack_world import ANN, CHANNEL, RANDOM, ROSA, Town, eventually, slack_town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with slack_town(tmp_path) as running:
        yield running


async def test_a_click_tells_who_where_and_what(town: Town) -> None:
    app = await town.app()
    ts = await town.post("card", blocks=[BUTTONS])

    await town.slack.click(ANN, "approve", channel=CHANNEL, ts=ts)

    told = last(app)
    assert told["type"] == "block_actions"
    assert told["user"] == {"id": ANN, "username": "ann", "name": "ann", "team_id": "T0SHOP"}
    assert told["channel"] == {"id": CHANNEL, "name": "identities"}
    assert told["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": CHANNEL,
        "is_ephemeral": False,
    }
    assert told["message"]["ts"] == ts and told["message"]["blocks"]
    [action] = told["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("approve", "choices", "r-1")


@pytest.mark.parametrize(
    ("action_id", "value", "member", "told"),
    [
        ("menu", "prod", "selected_option", "prod"),
        ("more", "help", "selected_option", "help"),
        ("boxes", ["a", "c"], "selected_options", ["a", "c"]),
        ("date", "2026-11-24", "selected_date", "2026-11-24"),
        ("date", None, "selected_date", None),
    ],
)
async def test_each_menu_tells_what_was_chosen(
    town: Town, action_id: str, value: Any, member: str, told: Any
) -> None:
    app = await town.app()
    ts = await town.post("card", blocks=[BUTTONS])

    await town.slack.click(ROSA, action_id, channel=CHANNEL, ts=ts, value=value)

    chosen = last(app)["actions"][0][member]
    if member == "selected_option":
        assert chosen["value"] == told
    elif member == "selected_options":
        assert [option["value"] for option in chosen] == told
    else:
        assert chosen == told


async def test_a_message_remembers_what_each_person_chose(town: Town) -> None:
    app = await town.app()
    ts = await town.post("card", blocks=[BUTTONS])
    await town.slack.click(ROSA, "menu", channel=CHANNEL, ts=ts, value="prod")

    await town.slack.click(ROSA, "approve", channel=CHANNEL, ts=ts)
    rosas = last(app)["state"]["values"]["choices"]["menu"]
    await town.slack.click(ANN, "approve", channel=CHANNEL, ts=ts)
    anns = last(app)["state"]["values"]["choices"]["menu"]

    assert rosas["selected_option"]["value"] == "prod" and anns["selected_option"] is None


async def test_nothing_can_be_clicked_that_is_not_there(town: Town) -> None:
    await town.app()
    ts = await town.post("card", blocks=[BUTTONS], channel=CHANNEL)
    with pytest.raises(Refused, match=r"no_such_element.*approve"):
        await town.slack.click(ROSA, "reject", channel=CHANNEL, ts=ts)
    with pytest.raises(Refused, match=r"no_such_option.*dev, prod"):
        await town.slack.click(ROSA, "menu", channel=CHANNEL, ts=ts, value="moon")
    with pytest.raises(Refused, match="message_not_found"):
        await town.slack.click(ROSA, "approve", channel=CHANNEL, ts="1.000001")


async def test_a_click_nobody_acknowledges_fails_for_the_person_and_is_not_repeated(town: Town) -> None:
    app = await town.app(lambda request: None)
    ts = await town.post("card", blocks=[BUTTONS])
    await eventually(lambda: app.heard)
    drop = town.world.faults.order(service="slack", method="EVENT", path="block_actions", action="drop")

    async def impatient() -> None:
        await drop.reached.wait()
        town.world.clock.advance(3)

    with pytest.raises(Refused, match="operation_timeout"):
        await asyncio.gather(town.slack.click(ROSA, "approve", channel=CHANNEL, ts=ts), impatient())
    assert [request.type for request in app.heard if request.type == "interactive"] == []


async def test_a_menu_asks_the_app_for_its_options(town: Town) -> None:
    def answer(request: SocketModeRequest) -> Json:
        found = request.payload["type"] == "block_suggestion"
        return {"options": options(f"kv-{request.payload['value']}")} if found else {}

    app = await town.app(answer)
    ts = await town.post("card", blocks=[BUTTONS])

    offered = await town.slack.suggest(ROSA, "vault", "pay", channel=CHANNEL, ts=ts)
    await town.slack.click(ROSA, "vault", channel=CHANNEL, ts=ts, value="kv-pay")

    assert [option["value"] for option in offered["options"]] == ["kv-pay"]
    assert last(app)["actions"][0]["selected_option"]["value"] == "kv-pay"
    assert await town.slack.suggest(ROSA, "vault", "", channel=CHANNEL, ts=ts) == {
        "options": [],
        "option_groups": [],
    }


async def test_options_that_slack_does_not_take_are_refused(town: Town) -> None:
    await town.app(lambda request: {"options": options(*(f"o{n}" for n in range(101)))})
    ts = await town.post("card", blocks=[BUTTONS])

    with pytest.raises(Refused, match="no more than 100 items allowed"):
        await town.slack.suggest(ROSA, "vault", "x", channel=CHANNEL, ts=ts)


async def test_a_response_url_replaces_the_message_or_answers_privately(town: Town) -> None:
    app = await town.app()
    ts = await town.post("card", blocks=[BUTTONS])
    await town.slack.click(ANN, "approve", channel=CHANNEL, ts=ts)
    url = last(app)["response_url"]

    async with ClientSession() as session:
        private = await session.post(url, json={"text": "noted"})
        replaced = await session.post(url, json={"text": "approved", "replace_original": True})
        wrong = await session.post(url, json={"blocks": [{"type": "banner"}]})
        rest = [(await session.post(url, json={"text": "x"})).status for _ in range(3)]

    assert (private.status, await private.text(), replaced.status, wrong.status) == (200, "ok", 200, 400)
    assert rest == [200, 200, 404]
    card, note, *_ = town.slack.messages(CHANNEL, seen_by=ANN)
    assert (card.text, card.blocks, note.text, note.user) == ("approved", [], "noted", None)
    assert len(town.slack.messages(CHANNEL, seen_by=ROSA)) == 1


async def test_a_response_url_lasts_half_an_hour(town: Town) -> None:
    app = await town.app()
    await town.slack.command(ROSA, CHANNEL, "/identity", "list")
    town.world.clock.advance(1801)

    async with ClientSession() as session:
        late = await session.post(last(app)["response_url"], json={"text": "x"})

    assert late.status == 404 and (await late.json())["error"] == "expired_url"


async def test_a_command_is_answered_in_its_acknowledgement(town: Town) -> None:
    app = await town.app(lambda request: {"text": "you have no requests"})

    await town.slack.command(ROSA, RANDOM, "/identity", "list")

    told = last(app)
    assert (told["command"], told["text"], told["channel_id"], told["user_id"]) == (
        "/identity",
        "list",
        RANDOM,
        ROSA,
    )
    assert told["trigger_id"] and told["channel_name"] == "random"
    assert [m.text for m in town.slack.messages(RANDOM, seen_by=ROSA)] == ["you have no requests"]
    assert town.slack.messages(RANDOM, seen_by=ANN) == []


async def test_bolts_ack_and_respond_reach_the_person(town: Town) -> None:
    bolt = AsyncApp(client=town.client)

    @bolt.command("/identity")
    async def answer(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack("working on it")
        await respond("done", response_type="in_channel")

    await town.bolt(bolt)
    await town.slack.command(ROSA, CHANNEL, "/identity")

    await town.slack.until(lambda: len(town.slack.messages(CHANNEL, seen_by=ROSA)) == 2)
    assert [m.text for m in town.slack.messages(CHANNEL)] == ["done"]
    with pytest.raises(Refused, match="unknown_command"):
        await town.slack.command(ROSA, CHANNEL, "identity")


async def test_an_answer_in_the_channel_has_no_author_to_react_to(town: Town) -> None:
    app = await town.app(lambda request: {"text": "hello all", "response_type": "in_channel"})
    await town.slack.command(ROSA, CHANNEL, "/identity")
    [message] = town.slack.messages(CHANNEL)

    await town.slack.react(ANN, CHANNEL, message.ts, "eyes")
    await town.slack.settled()

    assert "item_user" not in app.events("reaction_added")[0]


async def test_a_shortcut_on_a_message_brings_the_message(town: Town) -> None:
    app = await town.app()
    ts = await town.slack.say(ANN, CHANNEL, "please look")

    await town.slack.shortcut(ROSA, "ask_about", channel=CHANNEL, ts=ts)

    told = last(app)
    assert (told["type"], told["callback_id"], told["message_ts"]) == ("message_action", "ask_about", ts)
    assert told["message"]["text"] == "please look" and told["channel"]["id"] == CHANNEL


async def test_buttons_in_an_ephemeral_message_come_without_the_message(town: Town) -> None:
    app = await town.app()
    posted = await town.client.chat_postEphemeral(channel=CHANNEL, user=ROSA, text="x", blocks=[BUTTONS])
    ts = posted["message_ts"]

    await town.slack.click(ROSA, "approve", channel=CHANNEL, ts=ts)
    async with ClientSession() as session:
        await session.post(last(app)["response_url"], json={"delete_original": True})

    assert last(app)["container"]["is_ephemeral"] and "message" not in last(app)
    assert town.slack.messages(CHANNEL, seen_by=ROSA) == []
    with pytest.raises(Refused, match="message_not_found"):
        await town.slack.click(ANN, "approve", channel=CHANNEL, ts=ts)
