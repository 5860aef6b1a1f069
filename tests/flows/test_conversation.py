"""What people say and what comes back."""

import re

import pytest

from tests.flows.house import CHANNEL, PAYMENTS_DEV, ROSA, SAM, House, has, marked_up


async def test_a_teammates_second_ask_is_queued_behind_the_first_and_says_so(house: House) -> None:
    first = await house.ask(PAYMENTS_DEV)
    await house.card(first)

    second = await house.ask(PAYMENTS_DEV, SAM)
    await house.reply(second, "behind")
    await house.say(first, "cancel")
    house.sandbox.world.clock.advance(10)

    assert await house.card(second)


async def test_cancel_ends_a_request(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    card = await house.card(thread)

    await house.say(thread, "cancel")

    await house.until(lambda: has(house.cards(thread)[0], "withdrawn") or None, "the card's end")
    await house.react(card["ts"])
    await house.settled(thread)
    assert house.identities() == []


async def test_help_says_how_to_ask(house: House) -> None:
    thread = await house.ask("@identity help")

    assert await house.reply(thread, "namespace")


async def test_status_says_where_the_request_is_and_who_must_act(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.card(thread)

    await house.say(thread, "status")

    assert await house.reply(thread, "approv")


async def test_an_edited_message_is_answered_with_what_to_do(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.card(thread)

    await house.sandbox.slack.edit(ROSA, CHANNEL, thread, PAYMENTS_DEV.replace("read", "write"))

    await house.until(
        lambda: [m for m in house.replies(thread, ROSA) if m["only_for"] == ROSA], "a private notice"
    )
    assert len(house.cards(thread)) == 1


async def test_a_deleted_message_is_answered_with_what_to_do(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.card(thread)

    await house.sandbox.slack.delete(ROSA, CHANNEL, thread)

    await house.until(
        lambda: [m for m in house.replies(thread, ROSA) if m["only_for"] == ROSA], "a private notice"
    )
    assert (await house.record(thread)).state == "reviewed"


@pytest.mark.parametrize("event", ["app_mention", "message"])
async def test_the_same_message_delivered_twice_makes_one_request(house: House, event: str) -> None:
    house.sandbox.world.faults.order(service="slack", method="EVENT", path=event, action="duplicate", times=0)

    thread = await house.ask(PAYMENTS_DEV)
    await house.card(thread)
    await house.settled(thread)

    assert len(house.cards(thread)) == 1
    assert len(await house.bot.store.all_ids()) == 1


async def test_an_answer_that_slack_delivers_before_the_request_is_not_lost(house: House) -> None:
    house.sandbox.world.faults.order(
        service="slack", method="EVENT", path="^(message|app_mention)$", action="delay", seconds=3, times=2
    )
    thread = await house.ask(PAYMENTS_DEV.partition(" because")[0])

    await house.say(thread, "because it charges cards")
    await house.sandbox.slack.until(lambda: _acked(house, thread))
    house.sandbox.world.clock.advance(3)

    assert has(await house.card(thread), "it charges cards")


def _acked(house: House, thread: str) -> bool:
    """Whether the reply was delivered and acknowledged while the request itself is still on its way."""
    events = house.sandbox.world.journal.read("slack")
    return any(e.method == "EVENT" and "acked" in e.note for e in events)


BAD = {
    "an unknown cluster": (
        "@identity payments-api in namespace payments on prod-mars needs to read secrets from kv-payments",
        ("prod-mars", "prod-weu"),
    ),
    "a namespace that Kubernetes refuses": (
        "@identity payments-api in namespace Payments_ on dev-weu needs to read secrets from kv-payments-dev",
        ("namespace",),
    ),
    "the namespace default": (
        "@identity payments-api in namespace default on dev-weu needs to read secrets from kv-payments-dev",
        ("default",),
    ),
    "the service account default": (
        "@identity service account default in namespace payments on dev-weu needs to read secrets from "
        "kv-payments-dev",
        ("default",),
    ),
    "a workload in kube-system": (
        "@identity coredns in namespace kube-system on dev-weu needs to read secrets from kv-payments-dev",
        ("kube-system",),
    ),
    "the bot's own namespace": (
        "@identity identity-bot in namespace identity-bot on prod-weu needs to read secrets from kv-payments",
        ("identity-bot",),
    ),
    "a role that is not offered": (
        "@identity payments-api in namespace payments on dev-weu needs to be Owner of kv-payments-dev",
        ("owner",),
    ),
    "a vault that nobody can see": (
        "@identity payments-api in namespace payments on dev-weu needs to read secrets from kv-nowhere "
        "because x",
        ("kv-nowhere", "2 subscriptions"),
    ),
    "a whole subscription": (
        "@identity payments-api in namespace payments on dev-weu needs to read secrets from "
        "/subscriptions/1a2b3c4d-0002-4000-8000-00000000bbbb because x",
        ("subscription",),
    ),
    "a vault with access policies": (
        "@identity payments-api in namespace payments on prod-weu needs to read secrets from kv-legacy "
        "because x",
        ("access polic",),
    ),
    "five thousand characters": ("@identity payments-api " + "please " * 720, ("character",)),
}


@pytest.mark.parametrize("case", BAD)
async def test_bad_input_gets_a_clear_answer(house: House, case: str) -> None:
    text, words = BAD[case]

    thread = await house.ask(text)

    await house.reply(thread, *words)
    await house.settled(thread)
    assert house.cards(thread) == []
    assert house.writes("arm") == []


async def test_a_name_that_fits_two_resources_is_asked_about(house: House) -> None:
    thread = await house.ask(
        "@identity payments-api in namespace payments on prod-weu needs to receive from queue payments "
        "because it settles"
    )

    question = await house.reply(thread, "sb-shop", "sb-backoffice")
    await house.say(thread, "sb-backoffice")

    card = await house.card(thread)
    assert has(card, "sb-backoffice")
    assert question


async def test_a_question_can_be_answered_by_a_click(house: House) -> None:
    thread = await house.ask(
        "@identity payments-api in namespace payments on prod-weu needs to receive from queue payments "
        "because it settles"
    )
    question = await house.reply(thread, "sb-shop", "sb-backoffice")

    element = next(e for b in question["blocks"] if b["type"] == "actions" for e in b["elements"])
    options = element.get("options") or [
        e for b in question["blocks"] if b["type"] == "actions" for e in b["elements"]
    ]
    chosen = next(o for o in options if "sb-backoffice" in o["text"]["text"])
    block = next(b for b in question["blocks"] if b["type"] == "actions")
    await house.sandbox.slack.click(
        ROSA,
        channel=CHANNEL,
        ts=question["ts"],
        block_id=block["block_id"],
        action_id=element["action_id"] if "options" in element else chosen["action_id"],
        value=chosen["value"],
    )

    assert has(await house.card(thread), "sb-backoffice")


async def test_markup_in_values_pings_nobody(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV + " <!channel> @here *boom* `x` ```y```")

    await house.card(thread)

    await house.settled(thread)
    for message in house.replies(thread):
        for text in (message["text"], *marked_up(message["blocks"])):
            assert not re.search("<!(channel|here|everyone)", text), "Slack would ping everybody"


async def test_a_mention_in_a_channel_where_the_bot_does_not_work_says_where_it_does(house: House) -> None:
    await house.sandbox.slack.invite(ROSA, "C0RANDOM", "U0IDENTITY")

    await house.sandbox.slack.say(ROSA, "C0RANDOM", PAYMENTS_DEV)

    def answered() -> list[dict[str, object]]:
        channels = house.sandbox.slack.view()["channels"]
        return [m for c in channels if c["id"] == "C0RANDOM" for m in c["messages"] if m["bot_id"]]

    assert await house.until(answered, "an answer")
    assert house.writes("arm") == []
