"""Services that fail: what is passing is waited out, what is not is told, and nothing is done twice."""

from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from sandbox.faults import Fault
from sandbox.judge import Grant, Workload, judge
from sandbox.serve import Sandbox
from tests.flows.house import ROSA, House, has, text_of

WORKLOAD = Workload(
    cluster="dev-weu",
    namespace="payments",
    service_account="payments-api",
    path="apps/payments-api/overlays/dev",
    grants=(Grant("Key Vault Secrets User", "kv-payments-dev"),),
)
OFTEN = 0.3
STORM = 300
"""Requests of one method to one path. A proposal of six requests gets through one time in ten, and each try
comes a pause after the last: a hundred are bad luck. Without pauses they would be thousands."""

FAULTS: dict[str, dict[str, Any]] = {
    "429": {"action": "answer", "status": 429, "headers": {"Retry-After": "1"}},
    "500": {"action": "answer", "status": 500},
    "503": {"action": "answer", "status": 503},
    "cut after the effect": {"action": "cut"},
    "dropped": {"action": "drop"},
}
WHERE = {
    "arm": r"/subscriptions/|/providers/",
    "github": "/api/v3/",
    "slack": r"/api/(?!apps\.connections|auth\.test)",
}


def often(sandbox: Sandbox, service: str, kind: str) -> Fault:
    """The second request to the service fails so, and nearly every third of the others; the sure one."""
    fault = FAULTS[kind]
    if service == "slack" and "status" in fault:
        fault = {
            **fault,
            "body": {"ok": False, "error": "ratelimited" if kind == "429" else "internal_error"},
        }
    where = {"service": service, "method": "*", "path": WHERE[service]}
    surely = sandbox.world.faults.order(**where, nth=2, times=1, **fault)
    sandbox.world.faults.order(**where, times=0, chance=OFTEN, **fault)
    return surely


async def passing_time(house: House, look: Any, what: str) -> Any:
    """What `look` finds, while the clock runs ahead of every wait that somebody asked for."""
    for _ in range(200):
        try:
            return await house.until(look, what, 0.4)
        except AssertionError:
            house.sandbox.world.clock.advance(6)
    return await house.until(look, what)


@pytest.mark.parametrize("service", sorted(WHERE))
@pytest.mark.parametrize("kind", list(FAULTS))
async def test_a_service_that_fails_in_one_of_three_requests_is_waited_for(
    house: House, service: str, kind: str
) -> None:
    fault = often(house.sandbox, service, kind)
    thread = await house.ask()
    card = await passing_time(house, lambda: next(iter(house.cards(thread)), None), "a card")
    await house.react(card["ts"])
    pull = await passing_time(house, lambda: next(iter(house.pulls()), None), "a pull request")
    await passing_time(house, lambda: said(house, thread, f"/pull/{pull['number']}"), "the last word")

    assert fault.acted, "the fault did happen"
    complaints = await judge(house.sandbox.github, house.sandbox.arm.view(), WORKLOAD, pull["number"])
    assert complaints == []
    assert len(house.pulls()) == len(house.cards(thread)) == len(house.identities()) == 1
    assert repeated(house, thread) == []
    assert stormed(house, service) == []


def said(house: House, thread: str, words: str) -> bool:
    """Whether the card and a message beside it both hold these words."""
    return sum(words in text_of(m) for m in house.replies(thread)) == 2


def repeated(house: House, thread: str) -> list[str]:
    """What the bot said in public more than once."""
    texts = Counter(text_of(m) for m in house.replies(thread))
    return [text for text, times in texts.items() if times > 1]


def stormed(house: House, service: str) -> list[str]:
    """The requests that the bot repeated more than a fault of one in three calls for."""
    entries = house.sandbox.world.journal.read(service)
    asked = Counter(f"{e.method} {e.path}" for e in entries if e.method != "EVENT")
    return [f"{times} × {what}" for what, times in asked.items() if times > STORM]


async def test_a_retry_keeps_to_the_delay_that_the_service_names(house: House) -> None:
    sandbox = house.sandbox
    sandbox.world.faults.order(
        service="arm",
        method="PUT",
        path="userAssignedIdentities/[^/]+$",
        action="answer",
        times=2,
        status=429,
        headers={"Retry-After": "17"},
    )
    thread = await house.ask()
    await house.approve(thread)
    await passing_time(house, lambda: next(iter(house.pulls()), None), "a pull request")

    tries = [
        datetime.fromisoformat(e.at)
        for e in sandbox.world.journal.read("arm")
        if e.method == "PUT" and e.path.rpartition("/")[0].endswith("userAssignedIdentities")
    ]
    assert len(tries) == 3
    assert all((later - earlier).total_seconds() >= 16.9 for earlier, later in pairwise(tries))


async def test_a_refused_grant_is_told_with_its_remedy_and_retry_finishes_it(house: House) -> None:
    house.sandbox.world.faults.order(
        service="arm",
        method="PUT",
        path="roleAssignments/",
        action="answer",
        times=0,
        status=403,
        body={
            "error": {
                "code": "AuthorizationFailed",
                "message": "The client 'x' with object id 'x' does not have authorization to perform action "
                "'Microsoft.Authorization/roleAssignments/write' over scope '/subscriptions/x'.",
            }
        },
    )
    thread = await house.ask()
    await house.approve(thread)

    notice = await house.reply(thread, "retry")
    await house.settled(thread)

    assert (await house.record(thread)).state == "failed"
    card = house.cards(thread)[0]
    for shown in (notice, card):
        assert has(shown, "kv-payments-dev"), "what happened"
    assert has(notice, ROSA) or has(notice, "Key Vault Secrets User"), "what it was about"
    assert has(card, "done"), "what was done before"
    assert house.pulls() == []

    house.sandbox.world.faults.clear()
    await house.say(thread, "@identity retry")
    pull = await house.pull()

    complaints = await judge(house.sandbox.github, house.sandbox.arm.view(), WORKLOAD, pull["number"])
    assert complaints == []
    assert len(house.identities()) == 1


async def test_a_full_channel_is_not_asked_again_by_everybody_at_once(house: House) -> None:
    threads = [await house.ask("@identity help") for _ in range(40)]

    await passing_time(house, lambda: all(house.replies(thread) for thread in threads), "all answers")

    posts = [e.status for e in house.sandbox.world.journal.read("slack") if e.path.endswith("postMessage")]
    assert posts.count(200) == len(threads), "each is answered once"
    assert 0 < posts.count(429) <= 2 * len(threads)
