"""The sandbox as a whole: what its control API orders and shows."""

from typing import Any

import aiohttp

from tests.flows.house import PAYMENTS_DEV, House


async def _control(house: House, method: str, path: str, body: Any = None) -> Any:
    address = f"{house.sandbox.world.public['plain']}/control/{path}"
    async with aiohttp.ClientSession() as session, session.request(method, address, json=body) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json() if answer.content_type == "application/json" else None


async def test_a_reset_world_has_nothing_of_what_was_made_and_goes_on_working(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.approve(thread)
    await house.pull()
    await house.settled(thread)

    await _control(house, "POST", "reset")

    assert house.identities() == []
    assert house.pulls() == []
    assert house.messages() == []
    assert house.writes("arm") == []
    again = await house.ask(
        PAYMENTS_DEV.replace("payments-api", "payments-web").replace("dev-weu", "prod-weu")
    )
    assert await house.reply(again, "payments-web")


async def test_a_fault_on_order_is_answered_as_ordered_and_counted(house: House) -> None:
    ordered = {
        "service": "arm",
        "method": "GET",
        "path": "^/subscriptions$",
        "action": "answer",
        "status": 429,
    }
    fault = await _control(house, "POST", "faults", ordered | {"headers": {"Retry-After": "7"}, "body": {}})

    address = f"{house.sandbox.world.public['tls']}/subscriptions"
    async with aiohttp.ClientSession() as session, session.get(address, ssl=False) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")

    (shown,) = [f for f in await _control(house, "GET", "faults") if f["id"] == fault["id"]]
    assert shown["acted"] == 1


async def test_the_journal_says_who_was_asked_what_and_keeps_no_token(house: House) -> None:
    thread = await house.ask(PAYMENTS_DEV)
    await house.approve(thread)
    await house.pull()

    journal = await _control(house, "GET", "journal")

    assert {"slack", "arm", "github"} <= {entry["service"] for entry in journal}
    assert "xoxb-sandbox" not in str(journal)
    assert "sandbox-token" not in str(journal)
