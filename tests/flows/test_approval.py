"""Who may approve, and what a reaction can and cannot do."""

import pytest

from tests.flows.house import ANN, BEN, CHANNEL, GIL, NO, PAYMENTS_DEV, ROSA, SAM, YES, House, has

PAYMENTS_PROD = (
    "@identity payments-api in namespace payments on prod-weu needs to read secrets from kv-payments "
    "because it charges cards"
)


@pytest.mark.parametrize(
    ("who", "why"),
    [(ROSA, "own request"), (SAM, "not in"), (GIL, "guest")],
    ids=["the requester", "somebody outside the group", "a guest"],
)
async def test_a_reaction_of_anybody_else_is_refused_in_private(house: House, who: str, why: str) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    card = await house.card(thread)

    await house.react(card["ts"], YES, who)

    await house.until(
        lambda: [m for m in house.replies(thread, who) if m["only_for"] == who], "a private notice"
    )
    assert "reaction refused" in await house.history(thread)
    assert house.identities() == []


async def test_a_rejection_asks_for_its_reason_and_ends_the_request(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    card = await house.card(thread)

    await house.react(card["ts"], NO, ANN)
    await house.reply(thread, "reason")
    await house.say(thread, "use the shared identity instead", ANN)

    await house.until(
        lambda: has(house.cards(thread)[0], "use the shared identity") or None, "the reason on the card"
    )
    await house.react(card["ts"], YES, BEN)
    await house.until(lambda: [m for m in house.replies(thread, BEN) if m["only_for"] == BEN], "a refusal")
    assert house.identities() == []


async def test_taking_the_reaction_away_during_the_hold_takes_the_approval_back(house: House) -> None:
    thread = await house.ask(PAYMENTS_PROD)
    card = await house.approve(thread)
    await house.until(lambda: has(house.cards(thread)[0], "starts") or None, "the hold on the card")

    await house.unreact(card["ts"], YES, ANN)
    await house.reply(thread, "took")
    house.sandbox.world.clock.advance(60)

    await house.settled(thread)
    assert house.identities() == []
    assert (await house.record(thread)).state == "reviewed"


async def test_after_the_hold_it_begins_by_itself(house: House) -> None:
    thread = await house.ask(PAYMENTS_PROD)
    await house.approve(thread)
    await house.until(lambda: has(house.cards(thread)[0], "starts") or None, "the hold on the card")
    assert house.identities() == []

    house.sandbox.world.clock.advance(21)

    assert await house.pull()


async def test_an_approval_whose_removal_slack_lost_is_found_missing_at_the_second_look(house: House) -> None:
    thread = await house.ask(PAYMENTS_PROD)
    card = await house.approve(thread)
    await house.until(lambda: has(house.cards(thread)[0], "starts") or None, "the hold on the card")

    house.sandbox.world.faults.order(
        service="slack", method="EVENT", path="reaction_removed", action="drop", times=0
    )
    await house.unreact(card["ts"], YES, ANN)
    house.sandbox.world.clock.advance(21)

    await house.reply(thread, "took")
    assert house.identities() == []


async def test_a_changed_request_gets_a_new_card_and_the_old_one_says_that_it_is_void(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    first = await house.card(thread)

    await house.say(thread, "and send to queue orders in sb-shop-dev")
    second = await house.card(thread, 1)

    await house.until(lambda: has(house.cards(thread)[0], "void") or None, "the old card void")
    assert has(second, "sb-shop-dev", "orders")
    await house.react(first["ts"], YES, ANN)
    await house.until(lambda: [m for m in house.replies(thread, ANN) if m["only_for"] == ANN], "a refusal")
    assert house.identities() == []


async def test_nobody_else_can_change_a_request(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    card = await house.card(thread)

    await house.say(thread, "@identity and also write blobs in stshopdev", SAM)

    await house.until(
        lambda: [m for m in house.replies(thread, SAM) if m["only_for"] == SAM], "a private notice"
    )
    assert [c["ts"] for c in house.cards(thread)] == [card["ts"]]
    assert "words refused" in await house.history(thread)


async def test_a_reaction_on_a_message_that_is_no_card_does_nothing(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.card(thread)

    foreign = await house.sandbox.slack.say(SAM, CHANNEL, "lunch?")
    await house.react(foreign, YES, ANN)
    await house.react(thread, YES, ANN)

    await house.settled(thread)
    assert (await house.record(thread)).state == "reviewed"


async def test_the_world_changed_before_the_first_effect_leads_back_to_review(house: House) -> None:
    thread = await house.ask(PAYMENTS_PROD)
    await house.approve(thread)
    await house.until(lambda: has(house.cards(thread)[0], "starts") or None, "the hold on the card")

    path = "apps/payments-api/overlays/prod/serviceaccount.yaml"
    git = house.sandbox.github.hosting.git
    text = git.text(git.resolve("main"), path)
    added = '\n    azure.workload.identity/tenant-id: "3f6c2a1e-8f0d-4b57-9a3c-5d1e7b2f4a60"'
    await house.sandbox.github.people.push(
        "ann", "main", path, text.replace("annotations:", f"annotations:{added}")
    )
    house.sandbox.world.clock.advance(21)

    second = await house.card(thread, 1)
    assert house.identities() == []
    await house.react(second["ts"], YES, BEN)
    await house.until(lambda: has(house.cards(thread)[1], "starts") or None, "the hold on the new card")
    house.sandbox.world.clock.advance(21)
    assert await house.pull()
