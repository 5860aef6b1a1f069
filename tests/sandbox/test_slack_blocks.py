"""Block Kit: what Slack refuses, in its words, and what it makes of blocks it takes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models import blocks as kit

from tests.sandbox.slack_world import CHANNEL, ROSA, Town, slack_town

Json = dict[str, Any]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with slack_town(tmp_path) as running:
        yield running


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str = "x", **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str = "Go", **more: Any) -> Json:
    return {"type": "button", "text": plain(text), **more}


def option(value: str = "v", text: str = "Option") -> Json:
    return {"text": plain(text), "value": value}


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "menu", **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


WRONG = {
    "section text of 3001": (section("x" * 3001), "must be less than 3001 characters", "/text/text"),
    "empty section text": (section(""), "must be more than 0 characters", "/text/text"),
    "section of nothing": ({"type": "section"}, "must define either `text` or `fields`", "/type"),
    "eleven fields": (
        {"type": "section", "fields": [plain("x")] * 11},
        "no more than 10 items allowed",
        "/fields",
    ),
    "field of 2001": (
        {"type": "section", "fields": [plain("x" * 2001)]},
        "must be less than 2001 characters",
        "/fields/0/text",
    ),
    "header of 151": (
        {"type": "header", "text": plain("x" * 151)},
        "must be less than 151 characters",
        "/text/text",
    ),
    "header in mrkdwn": (
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        "unsupported type: mrkdwn",
        "/text/type",
    ),
    "26 buttons": (actions(*[button()] * 26), "no more than 25 items allowed", "/elements"),
    "no buttons": (actions(), "must provide at least 1 items", "/elements"),
    "button text of 76": (
        actions(button("x" * 76)),
        "must be less than 76 characters",
        "/elements/0/text/text",
    ),
    "button value of 2001": (
        actions(button(value="x" * 2001)),
        "must be less than 2001 characters",
        "/elements/0/value",
    ),
    "button of a wrong style": (
        actions(button(style="green")),
        "must be a valid enum value",
        "/elements/0/style",
    ),
    "button without text": (
        actions({"type": "button"}),
        "missing required field: text",
        "/elements/0",
    ),
    "action_id of 256": (
        actions(button(action_id="x" * 256)),
        "must be less than 256 characters",
        "/elements/0/action_id",
    ),
    "block_id of 256": (section(block_id="x" * 256), "must be less than 256 characters", "/block_id"),
    "101 options": (
        actions(select(options=[option(str(n)) for n in range(101)])),
        "no more than 100 items allowed",
        "/elements/0/options",
    ),
    "menu of nothing": (
        actions(select()),
        "must define either `options` or `option_groups`",
        "/elements/0/type",
    ),
    "chosen but not offered": (
        actions(select(options=[option("a")], initial_option=option("b"))),
        "must be one of the provided options",
        "/elements/0/initial_option",
    ),
    "overflow of six": (
        actions({"type": "overflow", "options": [option()] * 6}),
        "no more than 5 items allowed",
        "/elements/0/options",
    ),
    "eleven context elements": (
        {"type": "context", "elements": [plain("x")] * 11},
        "no more than 10 items allowed",
        "/elements",
    ),
    "button in context": (
        {"type": "context", "elements": [button()]},
        "unsupported type: button",
        "/elements/0/type",
    ),
    "empty rich text": (
        rich({"type": "text", "text": ""}),
        "must be more than 0 characters",
        "/elements/0/elements/0/text",
    ),
    "rich text of a wrong style": (
        rich({"type": "text", "text": "x", "style": {"loud": True}}),
        "invalid additional property: loud",
        "/elements/0/elements/0/style",
    ),
    "a ping of nobody": (
        rich({"type": "broadcast", "range": "world"}),
        "must be a valid enum value",
        "/elements/0/elements/0/range",
    ),
    "a button in rich text": (
        rich(button()),
        "unsupported type: button",
        "/elements/0/elements/0/type",
    ),
    "unknown block": ({"type": "banner"}, "unsupported type: banner", "/type"),
    "unknown element": (actions({"type": "slider"}), "unsupported type: slider", "/elements/0/type"),
    "member that no block has": (section(colour="red"), "invalid additional property: colour", ""),
    "block in a modal only": (
        {"type": "alert", "text": plain("x")},
        "unsupported type: alert",
        "/type",
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_blocks_are_refused_with_slacks_words_and_the_place(town: Town, case: str) -> None:
    block, complaint, place = WRONG[case]
    with pytest.raises(SlackApiError) as refused:
        await town.client.chat_postMessage(channel=CHANNEL, text="x", blocks=[block])

    answer = refused.value.response
    said = f"{complaint} [json-pointer:/blocks/0{place}]"
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == [said]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {said}"]


async def test_every_mistake_is_named_at_once(town: Town) -> None:
    with pytest.raises(SlackApiError) as refused:
        await town.client.chat_postMessage(
            channel=CHANNEL, text="x", blocks=[{"type": "a"}, section(""), section()]
        )

    assert len(refused.value.response["errors"]) == 2


async def test_ids_must_be_unique(town: Town) -> None:
    twice = [section(block_id="one"), section(block_id="one")]
    same_action = [actions(button(action_id="go"), button(action_id="go"))]
    for blocks in (twice, same_action):
        with pytest.raises(SlackApiError, match="already exists"):
            await town.client.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)


async def test_a_message_has_at_most_fifty_blocks_and_so_much_text(town: Town) -> None:
    post = town.client.chat_postMessage
    assert await town.refusal(post(channel=CHANNEL, text="x", blocks=[section()] * 51)) == "invalid_blocks"
    many = [section("x" * 3000)] * 5
    assert await town.refusal(post(channel=CHANNEL, text="x", blocks=many)) == "msg_blocks_too_long"
    assert await town.refusal(post(channel=CHANNEL, text="x", blocks="[")) == "invalid_blocks_format"
    assert (await post(channel=CHANNEL, text="x", blocks=[section()] * 50))["ok"]


async def test_blocks_come_back_complete(town: Town) -> None:
    blocks = [section("a & b"), actions(button())]
    posted = (await town.client.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks))["message"][
        "blocks"
    ]

    assert posted[0]["text"] == {"type": "mrkdwn", "text": "a &amp; b", "verbatim": False}
    assert posted[1]["elements"][0]["text"] == {"type": "plain_text", "text": "Go", "emoji": True}
    assert posted[0]["block_id"] and posted[1]["block_id"] and posted[1]["elements"][0]["action_id"]


async def test_what_the_sdks_models_build_is_taken(town: Town) -> None:
    menu = kit.StaticSelectElement(
        action_id="menu", options=[kit.Option(value="a", label="A")], placeholder="Choose"
    )
    blocks = [
        kit.HeaderBlock(text="Header"),
        kit.SectionBlock(text="*Text*", fields=["one", "two"], accessory=menu),
        kit.DividerBlock(),
        kit.ContextBlock(elements=[kit.MarkdownTextObject(text="small")]),
        kit.ActionsBlock(
            elements=[
                kit.ButtonElement(text="Go", action_id="go", value="1", style="primary"),
                kit.OverflowMenuElement(action_id="more", options=[kit.Option(value="a", label="A")] * 2),
                kit.DatePickerElement(action_id="date", initial_date="2026-11-24"),
                kit.UserMultiSelectElement(action_id="who", placeholder="Who"),
                kit.ExternalDataSelectElement(action_id="vault", placeholder="Vault", min_query_length=0),
            ]
        ),
        kit.InputBlock(label="Why", element=kit.PlainTextInputElement(action_id="why", multiline=True)),
        kit.MarkdownBlock(text="**bold**"),
        kit.RichTextBlock(elements=[kit.RichTextSectionElement(elements=[{"type": "text", "text": "x"}])]),
        kit.PlanBlock(
            title="Plan", tasks=[{"type": "task_card", "task_id": "1", "title": "One", "status": "complete"}]
        ),
    ]

    assert (await town.client.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks))["ok"]


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Title"), "blocks": list(blocks), **more}


FIELD = {"type": "input", "label": plain("Why"), "element": {"type": "plain_text_input"}}
WRONG_VIEWS = {
    "title of 25": (
        modal(title=plain("x" * 25)),
        "must be less than 25 characters [json-pointer:/view/title/text]",
    ),
    "no title": ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
    "no submit": (
        modal(FIELD),
        "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]",
    ),
    "private_metadata of 3001": (
        modal(private_metadata="x" * 3001),
        "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ),
    "101 blocks": (modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
    "home in a modal's place": (
        {"type": "home", "blocks": []},
        "must be a valid enum value [json-pointer:/view/type]",
    ),
    "markdown in a modal": (
        modal({"type": "markdown", "text": "x"}),
        "unsupported type: markdown [json-pointer:/view/blocks/0/type]",
    ),
}


@pytest.mark.parametrize("case", WRONG_VIEWS)
async def test_views_are_refused_with_slacks_words_and_the_place(town: Town, case: str) -> None:
    view, said = WRONG_VIEWS[case]
    app = await town.app()
    await town.slack.shortcut(ROSA, "ask")
    with pytest.raises(SlackApiError) as refused:
        await town.client.views_open(trigger_id=app.heard[0].payload["trigger_id"], view=view)

    assert refused.value.response["error"] == "invalid_arguments"
    assert refused.value.response["response_metadata"]["messages"] == [f"[ERROR] {said}"]


async def test_a_view_of_more_than_250_kb_is_refused(town: Town) -> None:
    app = await town.app()
    await town.slack.shortcut(ROSA, "ask")
    fields = [{"type": "section", "fields": [plain("x" * 2000)] * 10}] * 13
    call = town.client.views_open(trigger_id=app.heard[0].payload["trigger_id"], view=modal(*fields))

    assert await town.refusal(call) == "view_too_large"
