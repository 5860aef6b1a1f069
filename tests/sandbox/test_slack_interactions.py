"""Buttons, menus, commands, shortcuts, modals and the Home tab."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.socket_mode.request import SocketModeRequest

from sandbox.slack import Refused
from tests.sandbox.slack_world import ANN, CHANNEL, RANDOM, ROSA, App, Town, eventually, slack_town

Json = dict[str, Any]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with slack_town(tmp_path) as running:
        yield running


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*values: str) -> list[Json]:
    return [{"text": plain(value.title()), "value": value} for value in values]


BUTTONS = {
    "type": "actions",
    "block_id": "choices",
    "elements": [
        {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": "r-1"},
        {"type": "static_select", "action_id": "menu", "options": options("dev", "prod")},
        {"type": "overflow", "action_id": "more", "options": options("cancel", "help")},
        {"type": "checkboxes", "action_id": "boxes", "options": options("a", "b", "c")},
        {"type": "datepicker", "action_id": "date"},
        {"type": "external_select", "action_id": "vault", "min_query_length": 1},
    ],
}


def field(block: str, element: Json, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": block,
        "label": plain(block),
        "element": {"action_id": "it", **element},
        **more,
    }


FORM = {
    "type": "modal",
    "callback_id": "ask",
    "title": plain("Ask"),
    "submit": plain("Send"),
    "private_metadata": "r-1",
    "notify_on_close": True,
    "blocks": [
        field("why", {"type": "plain_text_input", "min_length": 3}),
        field(
            "where",
            {"type": "static_select", "options": options("dev", "prod"), "initial_option": options("dev")[0]},
        ),
        field("who", {"type": "multi_users_select"}, optional=True),
    ],
}


def last(app: App) -> Json:
    """The last click, command or form the app was told of."""
    payload: Json = next(r.payload for r in reversed(app.heard) if r.type != "events_api")
    return payload


async def opened(town: Town, app: App, view: Json = FORM, who: str = ROSA) -> Json:
    await town.slack.shortcut(who, "ask")
    response = await town.client.views_open(trigger_id=last(app)["trigger_id"], view=view)
    shown: Json = response["view"]
    return shown


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


async def test_a_trigger_opens_one_view_within_three_seconds(town: Town) -> None:
    app = await town.app()
    await town.slack.shortcut(ROSA, "ask")
    trigger = last(app)["trigger_id"]
    assert (await town.client.views_open(trigger_id=trigger, view=FORM))["view"]["type"] == "modal"

    assert await town.refusal(town.client.views_open(trigger_id=trigger, view=FORM)) == "exchanged_trigger_id"
    assert await town.refusal(town.client.views_open(trigger_id="1.2.x", view=FORM)) == "invalid_trigger_id"
    await town.slack.shortcut(ROSA, "ask")
    town.world.clock.advance(3.1)
    late = town.client.views_open(trigger_id=last(app)["trigger_id"], view=FORM)
    assert await town.refusal(late) == "expired_trigger_id"


async def test_a_form_is_submitted_with_what_was_entered_and_what_stood_there(town: Town) -> None:
    app = await town.app()
    view = await opened(town, app)

    done = await town.slack.submit(ROSA, view["id"], {"why": {"it": "charging cards"}, "who": {"it": [ANN]}})

    told = last(app)
    values = told["view"]["state"]["values"]
    assert told["type"] == "view_submission" and told["view"]["private_metadata"] == "r-1"
    assert values["why"]["it"] == {"type": "plain_text_input", "value": "charging cards"}
    assert values["where"]["it"]["selected_option"]["value"] == "dev"
    assert values["who"]["it"]["selected_users"] == [ANN]
    assert done == {"closed": True, "errors": {}} and town.slack.modal(ROSA) is None


async def test_slack_itself_refuses_a_form_that_is_not_filled_in(town: Town) -> None:
    app = await town.app()
    view = await opened(town, app)

    empty = await town.slack.submit(ROSA, view["id"])
    short = await town.slack.submit(ROSA, view["id"], {"why": {"it": "x"}})

    assert empty["errors"] == {"why": "Please complete this required field."}
    assert short["errors"] == {"why": "Please use at least 3 characters."}
    assert last(app)["type"] == "shortcut"


ANSWERS: list[tuple[Json, str | None, Json]] = [
    ({"response_action": "errors", "errors": {"why": "too vague"}}, "Ask", {"why": "too vague"}),
    ({"response_action": "update", "view": {**FORM, "title": plain("Step 2")}}, "Step 2", {}),
    ({"response_action": "push", "view": {**FORM, "title": plain("On top")}}, "On top", {}),
    ({"response_action": "clear"}, None, {}),
]


@pytest.mark.parametrize(("answer", "title", "errors"), ANSWERS)
async def test_an_answer_to_a_form_does_what_it_says(
    town: Town, answer: Json, title: str | None, errors: Json
) -> None:
    app = await town.app(lambda request: answer if request.payload["type"] == "view_submission" else {})
    view = await opened(town, app)

    done = await town.slack.submit(ROSA, view["id"], {"why": {"it": "charging cards"}})

    top = town.slack.modal(ROSA)
    assert (top["title"]["text"] if top else None) == title
    assert done == {"closed": title is None, "errors": errors}
    shown = town.slack.view()["modals"].get(ROSA, [{"errors": {}}])
    assert shown[-1]["errors"] == errors


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "explode"},
    ],
)
async def test_an_answer_that_slack_does_not_take_is_the_persons_trouble(town: Town, answer: Json) -> None:
    app = await town.app(lambda request: answer if request.payload["type"] == "view_submission" else {})
    view = await opened(town, app)

    with pytest.raises(Refused, match="invalid_response"):
        await town.slack.submit(ROSA, view["id"], {"why": {"it": "charging cards"}})
    assert town.slack.modal(ROSA) is not None


async def test_an_update_keeps_what_was_entered_and_heeds_the_hash(town: Town) -> None:
    app = await town.app()
    view = await opened(town, app)
    await town.slack.click(ROSA, "it", view_id=view["id"], block_id="why", value="charging cards")

    update = town.client.views_update
    updated = (await update(view_id=view["id"], hash=view["hash"], view={**FORM, "title": plain("New")}))[
        "view"
    ]

    assert updated["state"]["values"]["why"]["it"]["value"] == "charging cards"
    assert await town.refusal(update(view_id=view["id"], hash=view["hash"], view=FORM)) == "hash_conflict"
    assert await town.refusal(update(view_id="V0", view=FORM)) == "not_found"


async def test_three_views_lie_on_each_other_and_no_more(town: Town) -> None:
    app = await town.app()
    button = {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "deeper", "text": plain("Deeper")}],
    }
    form = {**FORM, "blocks": [button]}
    view = await opened(town, app, form)
    for _ in range(2):
        await town.slack.click(ROSA, "deeper", view_id=view["id"])
        assert last(app)["container"] == {"type": "view", "view_id": view["id"]}
        view = (await town.client.views_push(trigger_id=last(app)["trigger_id"], view=form))["view"]
    await town.slack.click(ROSA, "deeper", view_id=view["id"])

    push = town.client.views_push(trigger_id=last(app)["trigger_id"], view=form)
    assert await town.refusal(push) == "push_limit_reached"
    with pytest.raises(Refused, match="view_covered"):
        await town.slack.submit(ROSA, view["root_view_id"])
    assert view["previous_view_id"] and view["root_view_id"] != view["id"]
    await town.slack.close(ROSA)
    assert len(town.slack.view()["modals"][ROSA]) == 2


async def test_closing_is_told_to_an_app_that_wants_to_know(town: Town) -> None:
    app = await town.app()
    view = await opened(town, app)

    await town.slack.close(ROSA)

    assert (last(app)["type"], last(app)["view"]["id"], last(app)["is_cleared"]) == (
        "view_closed",
        view["id"],
        False,
    )
    with pytest.raises(Refused, match="view_not_found"):
        await town.slack.submit(ROSA, view["id"])


async def test_a_home_is_published_shown_and_clicked(town: Town) -> None:
    app = await town.app()
    home = {"type": "home", "blocks": [BUTTONS]}

    await town.slack.home(ROSA)
    published = (await town.client.views_publish(user_id=ROSA, view=home))["view"]
    await town.slack.home(ROSA)
    await town.slack.settled()
    await town.slack.click(ROSA, "approve", view_id=published["id"])

    first, second = app.events("app_home_opened")
    assert first["tab"] == "home" and "view" not in first and second["view"]["id"] == published["id"]
    assert last(app)["view"]["type"] == "home" and "channel" not in last(app)
    assert town.slack.home_view(ANN) is None
    stale = town.client.views_publish(user_id=ROSA, view=home, hash="0.stale")
    assert await town.refusal(stale) == "hash_conflict"


async def test_a_view_belongs_to_one_person(town: Town) -> None:
    app = await town.app()
    view = await opened(town, app)

    with pytest.raises(Refused, match="view_not_found"):
        await town.slack.submit(ANN, view["id"])


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


async def test_bolt_opens_a_modal_and_refuses_its_submission(town: Town) -> None:
    bolt = AsyncApp(client=town.client)

    @bolt.shortcut("ask")
    async def ask(ack: AsyncAck, body: Json) -> None:
        await ack()
        await town.client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @bolt.view("ask")
    async def submitted(ack: AsyncAck, view: Json) -> None:
        await ack(response_action="errors", errors={"why": "say more"})

    await town.bolt(bolt)
    await town.slack.shortcut(ROSA, "ask")
    view = await town.slack.until(lambda: town.slack.modal(ROSA))
    assert view

    done = await town.slack.submit(ROSA, view["id"], {"why": {"it": "charging cards"}})

    assert done["errors"] == {"why": "say more"}
