"""The whole job on the sandbox's page, played in a browser."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.flows.house import ANN, CHANNEL, PAYMENTS_DEV, House
from tests.page.conftest import NARROW, Open
from tests.page.player import Player

ASK = "@identity payments-api in namespace payments on dev-weu needs to read secrets from kv-payments-dev"
ASK_OF_TWO = (
    "@identity payments-api in namespace payments on prod-weu needs to receive from queue payments "
    "because it settles"
)
pytestmark = pytest.mark.asyncio(loop_scope="session")
PICTURES = os.environ.get("IDENTITY_BOT_PICTURES")
"""Where to put the README's pictures; elsewhere they are taken all the same, and thrown away."""


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


async def test_the_pictures_of_the_readme_are_taken(opened: Open, house: House, tmp_path: Path) -> None:
    folder = Path(PICTURES or tmp_path)
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
