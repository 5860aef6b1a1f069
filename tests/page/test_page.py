"""The whole job on the sandbox's page, played in a browser."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.flows.house import ANN, CHANNEL, PAYMENTS_DEV, ROSA, SAM, House
from tests.page.conftest import NARROW, Open
from tests.page.player import Player

ASK = "@identity payments-api in namespace payments on dev-weu needs to read secrets from kv-payments-dev"
ASK_OF_TWO = (
    "@identity payments-api in namespace payments on prod-weu needs to receive from queue payments "
    "because it settles"
)
pytestmark = pytest.mark.asyncio(loop_scope="session")
PICTURES = os.environ.get("IDENTITY_BOT_PICTURES")


async def test_the_whole_job_is_played_on_the_page(opened: Open, house: House) -> None:
    rosa = await opened()

    await rosa.say(ASK)
    await rosa.sees(rosa.thread, "Why does payments-api need this?")
    await rosa.reply("because it charges cards")
    await rosa.sees(rosa.card, "Waiting for approval", "it charges cards", "kv-payments-dev")
    await rosa.become("Ann")
    await rosa.react()
    await rosa.sees(rosa.thread, "Please review and merge")
    await rosa.sees(rosa.card, "Done")

    await rosa.sees(await rosa.look_at("Azure"), "id-payments-api-dev", "Key Vault Secrets User")
    await rosa.thread.get_by_role("link", name="shop/gitops/pull/1").last.click()
    github = rosa.page.get_by_role("region", name="GitHub")
    await rosa.sees(github, "Asked by Rosa Okafor", "Approved by Ann Lindqvist")
    added = github.locator("tr.added").filter(has_text="azure.workload.identity/client-id")
    [identity] = house.identities()
    await expect(added).to_contain_text(f'+    azure.workload.identity/client-id: "{identity["client_id"]}"')

    await github.get_by_role("button", name="Merge as Ann Lindqvist").click()
    await rosa.sees(github, "Merged by ann")
    house.sandbox.world.clock.advance(60)
    await rosa.sees(rosa.card, "Argo CD brings it to the cluster")
    argocd = await rosa.look_at("Argo CD")
    await rosa.sees(argocd, f"has client id {identity['client_id']}")


async def test_a_refused_reaction_is_told_to_nobody_else(opened: Open, house: House) -> None:
    player = await opened()
    await player.say(PAYMENTS_DEV)
    await expect(player.card).to_be_visible()

    await player.become("Sam")
    await player.react()

    await player.sees(player.thread, "Only visible to you", "Your reaction did not count")
    await player.become("Rosa")
    await expect(player.thread).not_to_contain_text("Only visible to you")
    await expect(player.thread).not_to_contain_text("did not count")


async def test_a_question_is_answered_by_a_button(opened: Open) -> None:
    player = await opened()
    await player.say(ASK_OF_TWO)

    await player.thread.get_by_role("button", name="sb-backoffice").click()

    await player.sees(player.card, "sb-backoffice")


async def test_the_job_fits_a_phone(opened: Open) -> None:
    player = await opened(NARROW)

    await player.say(PAYMENTS_DEV)
    await expect(player.card).to_be_visible()
    await player.become("Ann")
    await player.react()
    await player.thread.get_by_role("link", name="shop/gitops/pull/1").last.click()
    github = player.page.get_by_role("region", name="GitHub")

    await expect(github.get_by_role("button", name="Merge as Ann Lindqvist")).to_be_visible()
    await expect(player.thread).to_be_hidden()
    for tab in ("Azure", "Argo CD", "Journal", "Slack"):
        await player.page.get_by_role("navigation", name="Panes").get_by_role("button", name=tab).click()
        width = await player.page.evaluate("document.documentElement.scrollWidth")
        assert width == NARROW[0], f"{tab} is as wide as the phone"
    await expect(player.thread).to_be_visible()


async def test_a_newcomer_is_told_what_to_do_and_offered_a_sentence(opened: Open) -> None:
    player = await opened()

    await player.sees(player.channel, "Ask for an identity")
    await player.channel.get_by_role("button", name="for development").click()

    box = player.channel.get_by_role("textbox", name="Message #identities")
    await expect(box).to_have_value(ASK)
    await expect(box).to_be_focused()
    for tab, words in (
        ("Azure", "No workload has an identity yet"),
        ("GitHub", "There is no pull request yet"),
        ("Argo CD", "payments-api-prod"),
        ("Journal", "auth.test"),
    ):
        await player.sees(await player.look_at(tab), words)


async def test_what_is_being_typed_stays_while_others_write(opened: Open, house: House) -> None:
    player = await opened()
    box = player.channel.get_by_role("textbox", name="Message #identities")
    await box.fill("half a sen")

    await house.sandbox.slack.say(ANN, CHANNEL, "meanwhile")

    await player.sees(player.channel, "meanwhile")
    await expect(box).to_be_focused()
    await box.press_sequentially("tence")
    await expect(box).to_have_value("half a sentence")


async def test_whoever_reads_older_messages_is_not_moved(opened: Open, house: House) -> None:
    for number in range(30):
        await house.sandbox.slack.say(ANN, CHANNEL, f"message {number}")
    player = await opened()
    await player.sees(player.channel, "message 29")
    log = player.channel.get_by_role("log")
    assert await log.evaluate("list => list.scrollTop > 100"), "the newest is in sight"
    await log.evaluate("list => { list.scrollTop = 40 }")

    await house.sandbox.slack.say(ANN, CHANNEL, "one more")

    await player.sees(player.channel, "one more")
    assert await log.evaluate("list => list.scrollTop") == 40


async def test_people_change_and_delete_their_own_messages_only(opened: Open, house: House) -> None:
    await house.sandbox.slack.say(ANN, CHANNEL, "of Ann")
    player = await opened()
    await player.say("frist")
    mine = player.channel.get_by_role("listitem").filter(has_text="Rosa Okafor")
    theirs = player.channel.get_by_role("listitem").filter(has_text="Ann Lindqvist")
    await mine.hover()

    await mine.get_by_role("button", name="Edit this message").click()
    await mine.get_by_role("textbox", name="Edit the message").fill("first")
    await mine.get_by_role("textbox", name="Edit the message").press("Enter")

    await player.sees(mine, "first (edited)")
    await theirs.hover()
    await expect(theirs.get_by_role("button", name="Edit this message")).to_have_count(0)
    await mine.hover()
    await mine.get_by_role("button", name="Delete this message").click()
    await player.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(mine).to_have_count(0)


async def test_reactions_are_added_and_taken_back(opened: Open, house: House) -> None:
    await house.sandbox.slack.say(ANN, CHANNEL, "shall we?")
    player = await opened()
    message = player.channel.get_by_role("listitem").filter(has_text="shall we?")
    await message.hover()

    await message.get_by_role("button", name="React to this message").click()
    await message.get_by_role("button", name="React with eyes").click()

    pill = message.get_by_role("button", name="eyes, 1 reaction, yours too")
    await expect(pill).to_have_attribute("aria-pressed", "true")
    await pill.click()
    await expect(pill).to_have_count(0)


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


async def test_the_journal_shows_what_was_asked_of_each_service(opened: Open) -> None:
    player = await opened()
    await player.say(ASK)
    await player.sees(player.thread, "Why does payments-api need this?")

    journal = await player.look_at("Journal")
    await journal.get_by_role("button", name="Azure").click()

    entry = journal.get_by_role("listitem").filter(has_text="Microsoft.ResourceGraph")
    await entry.first.locator("summary").click()
    await player.sees(entry.first, '"query"')
    await expect(journal.get_by_role("listitem").filter(has_text="chat.postMessage")).to_have_count(0)


async def test_what_was_open_is_open_again_after_a_reload(opened: Open) -> None:
    player = await opened()
    await player.say(PAYMENTS_DEV)
    await expect(player.card).to_be_visible()
    await player.become("Ann")
    await player.look_at("Journal")

    await player.page.reload()

    await expect(player.card).to_be_visible()
    await expect(player.page.get_by_role("button", name="Ann Approver")).to_have_attribute(
        "aria-pressed", "true"
    )
    await expect(player.page.get_by_role("region", name="Journal")).to_be_visible()


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


@pytest.mark.skipif(not PICTURES, reason="IDENTITY_BOT_PICTURES names no folder for the README's pictures")
async def test_the_pictures_of_the_readme_are_taken(opened: Open, house: House) -> None:
    folder = Path(PICTURES or "")
    player = await opened((1280, 820))
    await player.say(ASK)
    await player.sees(player.thread, "Why does payments-api need this?")
    await player.thread.get_by_role("textbox").fill("because it reads its payment provider's key at start")
    await _picture(player, folder / "ask.png")

    await player.thread.get_by_role("textbox").press("Enter")
    await expect(player.card).to_be_visible()
    await player.become("Ann")
    await player.card.evaluate("card => card.scrollIntoView()")
    await player.look_at("Journal")
    await _picture(player, folder / "card.png")

    await player.react()
    await player.sees(player.thread, "Please review and merge")
    await player.thread.get_by_role("link", name="shop/gitops/pull/1").last.click()
    await player.page.get_by_role("button", name="Merge as").scroll_into_view_if_needed()
    await _picture(player, folder / "pull-request.png")


async def _picture(player: Player, path: Path) -> None:
    await player.page.evaluate("document.activeElement?.blur()")
    await player.page.mouse.move(0, 0)
    await player.page.screenshot(path=path, animations="disabled")
