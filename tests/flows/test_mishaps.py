"""What goes wrong around a request without being anybody's fault, and what becomes of it."""

from tests.flows.house import CHANNEL, PAYMENTS_DEV, YES, House, has

PAYMENTS_PROD = PAYMENTS_DEV.replace("dev-weu", "prod-weu").replace("kv-payments-dev", "kv-payments")
GRAPH = "Microsoft.ResourceGraph"


def _asked(house: House, service: str, path: str) -> int:
    """How often a service was asked for this."""
    return sum(path in entry.path for entry in house.sandbox.world.journal.read(service))


async def test_a_request_changed_and_changed_back_has_one_card_that_counts(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.card(thread)
    # While Slack takes no update, all three cards wait at once, two of them with one digest.
    busy = {"service": "slack", "method": "POST", "path": "chat.update", "action": "answer", "status": 503}
    fault = house.sandbox.world.faults.order(**busy, times=0)
    await house.say(thread, "and send to queue orders in sb-shop-dev")
    await fault.reached.wait()
    await house.say(thread, "drop the queue")
    await house.settled_at(thread, lambda record: len(record.cards) == 3 and record.state == "reviewed")
    house.sandbox.world.faults.clear()
    house.sandbox.world.clock.advance(60)
    third = await house.card(thread, 1)

    await house.until(lambda: has(house.cards(thread)[0], "void") or None, "the first card void")
    await house.settled(thread)
    assert not has(third, "void")
    await house.react(third["ts"])
    assert await house.pull()
    await house.settled_at(thread, lambda record: record.cards[0].void_shown)
    assert (await house.record(thread)).cards[0].digest == (await house.record(thread)).cards[2].digest


async def test_a_card_that_somebody_deletes_is_posted_anew_and_must_be_approved_anew(house: House) -> None:
    thread = await house.ask(PAYMENTS_PROD)
    card = await house.approve(thread)
    await house.until(lambda: has(house.cards(thread)[0], "starts") or None, "the hold on the card")

    await house.bot.clients.slack.chat_delete(channel=CHANNEL, ts=card["ts"])
    house.sandbox.world.clock.advance(21)

    again = await house.card(thread)
    assert again["ts"] != card["ts"]
    assert house.identities() == []
    await house.react(again["ts"], YES)
    await house.until(lambda: has(house.cards(thread)[0], "starts") or None, "the hold on the new card")
    house.sandbox.world.clock.advance(21)
    assert await house.pull()


async def test_words_wait_for_an_azure_that_does_not_answer_and_are_then_heard(house: House) -> None:
    faults = house.sandbox.world.faults
    order = {"service": "arm", "method": "POST", "path": GRAPH, "action": "answer", "status": 503}
    fault = faults.order(**order, headers={"Retry-After": "30"}, body={}, times=0)

    thread = await house.ask(PAYMENTS_DEV)
    await fault.reached.wait()
    other = await house.ask("@identity help")
    await house.reply(other, "namespace")
    assert _asked(house, "arm", GRAPH) == 1, "the service's own delay is kept to"

    faults.clear()
    house.sandbox.world.clock.advance(31)
    assert await house.card(thread)


async def test_words_that_need_an_operator_are_told_once_and_heard_once_it_is_mended(house: House) -> None:
    faults = house.sandbox.world.faults
    body = {"error": {"code": "AuthorizationFailed", "message": "The client does not have authorization."}}
    order = {"service": "arm", "method": "POST", "path": GRAPH, "action": "answer", "status": 403}
    faults.order(**order, body=body, times=0)

    thread = await house.ask(PAYMENTS_DEV)
    await house.reply(thread, "operator", "once a minute")
    house.sandbox.world.clock.advance(61)
    await house.settled_at(thread, lambda record: record.attempts == 2)
    assert len(house.replies(thread)) == 1, "said once"

    faults.clear()
    house.sandbox.world.clock.advance(61)
    assert await house.card(thread)


async def test_a_request_that_failed_before_anything_was_made_can_be_cancelled(house: House) -> None:
    body = {"error": {"code": "AuthorizationFailed", "message": "The client does not have authorization."}}
    order = {"service": "arm", "method": "GET", "path": "managedClusters", "action": "answer", "status": 403}
    house.sandbox.world.faults.order(**order, body=body, times=0)
    thread = await house.ask(PAYMENTS_DEV)
    await house.reply(thread, "retry")

    await house.say(thread, "cancel")
    await house.reply(thread, "withdrawn")

    house.sandbox.world.faults.clear()
    assert await house.card(await house.ask(PAYMENTS_DEV)), "the workload is free again"
