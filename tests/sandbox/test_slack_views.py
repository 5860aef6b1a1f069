"""Modals and the Home tab."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp

from sandbox.slack import Refused
from tests.sandbox.slack_forms import BUTTONS, FORM, Json, last, opened, plain
from tests.sandbox.slack_world import ANN, ROSA, Town, slack_town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with slack_town(tmp_path) as running:
        yield running


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
