"""What the bot and people send, as the page draws it: Block Kit, text, forms and the Home tab."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.flows.house import ANN, CHANNEL, ROSA, SAM, House
from tests.page.conftest import Open

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_people_write_is_never_markup(opened: Open, house: House) -> None:
    text = "<img src=x onerror=alert(1)> *bold* `code` <!channel> https://example.com/a?b=1&c=2"
    await house.sandbox.slack.say(SAM, CHANNEL, text)
    player = await opened()

    message = player.channel.get_by_role("listitem").filter(has_text="Sam Iyer")
    await player.sees(message, "<img src=x onerror=alert(1)>", "<!channel>")
    await expect(message.locator("img")).to_have_count(0)
    await expect(message.locator("strong").filter(has_text="bold")).to_be_visible()
    await expect(message.locator("code")).to_have_text("code")
    link = message.get_by_role("link", name="https://example.com/a?b=1&c=2")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")


BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "A header"}},
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": f"~gone~ _leaning_ <@{ROSA}> :eyes:\n> quoted"},
        "accessory": {
            "type": "static_select",
            "action_id": "pick",
            "placeholder": {"type": "plain_text", "text": "Choose one"},
            "options": [{"text": {"type": "plain_text", "text": "The one"}, "value": "one"}],
        },
    },
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "small print"}]},
    {"type": "divider"},
    {"type": "markdown", "text": "## Title\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n- [x] done"},
    {
        "type": "input",
        "label": {"type": "plain_text", "text": "A field"},
        "element": {"type": "plain_text_input", "action_id": "text"},
    },
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "ordered",
                "offset": 2,
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": "third", "style": {"bold": True}}],
                    }
                ],
            },
            {
                "type": "rich_text_preformatted",
                "elements": [{"type": "text", "text": "@@ -1 +1 @@\n-old\n+new"}],
            },
        ],
    },
    {
        "type": "image",
        "image_url": "https://example.com/a.png",
        "alt_text": "a picture",
    },
]


async def test_block_kit_is_drawn_as_slack_does(opened: Open, house: House) -> None:
    player = await opened()
    await house.bot.clients.slack.chat_postMessage(channel=CHANNEL, text="all of it", blocks=BLOCKS)

    message = player.channel.get_by_role("listitem").filter(has_text="A header").first
    await expect(message.get_by_role("heading", name="A header")).to_be_visible()
    await expect(message.locator("s")).to_have_text("gone")
    await expect(message.locator("em")).to_have_text("leaning")
    await expect(message.locator("blockquote")).to_have_text("quoted")
    await player.sees(message, "@rosa", "👀", "small print")
    await expect(message.get_by_role("combobox", name="Choose one")).to_have_value("")
    await expect(message.get_by_role("cell", name="2")).to_be_visible()
    await expect(message.get_by_role("checkbox", name="done")).to_be_checked()
    await expect(message.locator("ol[start='3'] strong")).to_have_text("third")
    await expect(message.locator("pre .added")).to_contain_text("+new")
    await expect(message.get_by_role("link", name="a picture")).to_be_visible()


FIELD = {
    "type": "input",
    "block_id": "why",
    "label": {"type": "plain_text", "text": "Why"},
    "element": {"type": "plain_text_input", "action_id": "text"},
}


async def test_a_form_of_the_app_is_filled_in_and_closed(opened: Open, house: House) -> None:
    slack = house.bot.clients.slack
    button = {"type": "button", "action_id": "form", "text": {"type": "plain_text", "text": "Open the form"}}
    await slack.chat_postMessage(
        channel=CHANNEL, text="a form", blocks=[{"type": "actions", "elements": [button]}]
    )
    player = await opened()
    await player.channel.get_by_role("button", name="Open the form").click()
    click = await house.sandbox.world.journal.until(lambda entry: entry.path == "block_actions")
    title = {"type": "plain_text", "text": "Ask"}
    view = {"type": "modal", "title": title, "submit": title, "blocks": [FIELD]}
    await slack.views_open(trigger_id=click.request["trigger_id"], view=view)

    form = player.page.get_by_role("dialog", name="Ask")
    await form.get_by_role("textbox").fill("it charges cards")
    await house.sandbox.slack.say(ANN, CHANNEL, "meanwhile")
    await expect(player.page.get_by_text("meanwhile")).not_to_have_count(0)
    await expect(form.get_by_role("textbox")).to_have_value("it charges cards")
    await player.page.keyboard.press("Escape")
    await expect(form).to_have_count(0)


async def test_the_app_has_a_home_and_can_be_written_to(opened: Open, house: House) -> None:
    home = {"type": "home", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "Yours"}}]}
    await house.bot.clients.slack.views_publish(user_id=ROSA, view=home)
    player = await opened()
    places = player.page.get_by_role("navigation", name="Conversations")

    await places.get_by_role("button", name="identity", exact=True).click()
    await player.page.get_by_role("button", name="Home").click()
    await expect(player.page.get_by_role("heading", name="Yours")).to_be_visible()
    await player.page.get_by_role("button", name="Messages", exact=True).click()

    await player.page.get_by_role("textbox", name="Message the app").fill("help")
    await player.page.keyboard.press("Enter")
    await expect(player.page.get_by_role("listitem").filter(has_text="help").first).to_be_visible()
