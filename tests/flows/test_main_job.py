"""The main job as people live it: ask, answer, approve, review."""

import pytest

from sandbox.judge import Grant, Workload, judge
from tests.flows.house import ANN, BEN, PAYMENTS_DEV, ROSA, House, has, text_of

WITHOUT_REASON = (
    "@identity payments-api in namespace payments on prod-weu needs to read secrets from kv-payments"
)


async def test_a_person_asks_in_plain_words_and_gets_the_one_question_that_is_missing(house: House) -> None:
    thread = await house.ask(WITHOUT_REASON)

    question = await house.reply(thread, "why")

    assert has(question, "payments-api", "kv-payments", "prod-weu"), "what was understood is shown back"


async def test_the_card_shows_exactly_what_will_happen(house: House) -> None:
    thread = await house.ask(WITHOUT_REASON)
    await house.reply(thread, "why")
    await house.say(thread, "because it charges cards")

    card = await house.card(thread)

    shown = text_of(card)
    for part in (
        "it charges cards",
        "prod-weu/payments/payments-api",
        "id-payments-api-prod",
        "system:serviceaccount:payments:payments-api",
        "Key Vault Secrets User",
        "kv-payments",
        "azure.workload.identity/client-id",
        "apps/payments-api/overlays/prod",
    ):
        assert part in shown, part
    record = await house.record(thread)
    assert record.plan.digest[:12] in shown


async def test_an_approver_reacts_and_the_pull_request_is_right(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.approve(thread)

    pull = await house.pull()

    await house.reply(thread, f"/pull/{pull['number']}")
    workload = Workload(
        cluster="dev-weu",
        namespace="payments",
        service_account="payments-api",
        path="apps/payments-api/overlays/dev",
        grants=(Grant("Key Vault Secrets User", "kv-payments-dev"),),
    )
    complaints = await judge(house.sandbox.github, house.sandbox.arm.view(), workload, pull["number"])
    assert complaints == []


async def test_the_pull_request_can_be_merged_by_a_stranger(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.approve(thread)

    body = (await house.pull())["body"]

    record = await house.record(thread)
    for part in (
        "it charges cards",
        "Rosa Okafor",
        "Ann Lindqvist",
        record.plan.digest[:12],
        "id-payments-api-dev",
        "system:serviceaccount:payments:payments-api",
        "Key Vault Secrets User",
        "kv-payments-dev",
        "undo",
    ):
        assert part.casefold() in body.casefold(), part


async def test_the_card_shows_each_step_and_ends_with_the_pull_requests_link(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.approve(thread)
    pull = await house.pull()

    await house.until(
        lambda: has(house.cards(thread)[0], "done", f"/pull/{pull['number']}") or None, "the card's last look"
    )
    proposed = await house.reply(thread, f"/pull/{pull['number']}")
    assert ROSA in text_of(proposed), "the requester is mentioned"


async def test_after_the_merge_the_bot_follows_until_the_workload_is_live(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.approve(thread)
    pull = await house.pull()

    await house.sandbox.github.people.merge("ann", pull["number"])
    house.sandbox.world.clock.advance(60)

    await house.reply(thread, "merged")
    house.sandbox.world.clock.advance(60)
    await house.reply(thread, "live")


async def test_a_pull_request_closed_without_a_merge_says_that_the_rights_are_still_there(
    house: House,
) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.approve(thread)
    pull = await house.pull()

    await house.sandbox.github.people.close("ann", pull["number"])
    house.sandbox.world.clock.advance(60)

    await house.reply(thread, "closed", "id-payments-api-dev")


@pytest.mark.parametrize("who", [ANN, BEN])
async def test_every_member_of_the_approver_group_may_approve(house: House, who: str) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.approve(thread, who)

    assert await house.pull()


async def test_a_plain_directory_is_annotated_without_touching_any_other_byte(house: House) -> None:
    await _approved(
        house,
        "@identity orders in namespace orders on dev-weu needs to send to queue orders in sb-shop-dev "
        "because it takes orders",
    )

    pull = await house.pull()

    lines = [line for f in pull["files"] for line in f["patch"].splitlines()]
    removed = [line[1:] for line in lines if line.startswith("-")]
    added = [line[1:] for line in lines if line.startswith("+")]
    # One label stands in a flow mapping: that line is lengthened, and nothing else is.
    label = ', azure.workload.identity/use: "true"'
    assert removed == [line.replace(label, "") for line in added if label in line]
    assert all(
        "azure.workload.identity" in line or line.strip() in ("annotations:", "labels:") for line in added
    )


async def _approved(house: House, text: str) -> str:
    thread = await house.ask(text)
    await house.approve(thread)
    return thread


@pytest.mark.cluster("dev-weu", grants="after-merge")
async def test_grants_wait_for_the_merge_where_the_cluster_says_so(house: House) -> None:
    thread = await _approved(house, PAYMENTS_DEV)
    pull = await house.pull()
    (made,) = house.identities()
    assert made["assignments"] == [], "before the merge there is no grant"

    await house.sandbox.github.people.merge("ann", pull["number"])
    house.sandbox.world.clock.advance(60)

    await house.reply(thread, "merged")
    await house.until(
        lambda: [a for i in house.identities() for a in i["assignments"] if a["short"] == "kv-payments-dev"],
        "the grant",
    )
