"""What the bot says in Slack and looks up there, against a Slack on loopback."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slack_bench import ANN, BEN, BOT, CHANNEL, GIL, ROSA, SAM, Bench, slack_bench

from bot.errors import NeedsOperator, Obstacle, TryLater
from bot.messenger import CardLost, Messenger
from bot.views.blocks import paragraph
from bot.views.words import line

HELLO = [paragraph(line("Hello"))]
POSTING = "chat.postMessage"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with slack_bench(tmp_path) as made:
        yield made


@pytest.fixture
def messenger(bench: Bench) -> Messenger:
    return Messenger(bench.client, BOT)


def calls(bench: Bench, method: str) -> int:
    """How often a method of the Web API was called."""
    return sum(entry.path.endswith(method) for entry in bench.world.journal.read("slack"))


def in_thread(bench: Bench, ts: str) -> list[str]:
    return [m.text for m in bench.slack.messages(CHANNEL, thread_ts=ts)]


async def test_a_message_stands_in_its_thread_without_unfurled_links(bench, messenger):
    root = await bench.slack.say(ROSA, CHANNEL, "hello")
    ts = await messenger.post(CHANNEL, HELLO, "Hello <https://example.com|there>", thread_ts=root)
    reply = bench.slack.messages(CHANNEL, thread_ts=root)[-1]
    assert (reply.ts, reply.user, reply.thread_ts) == (ts, BOT, root)
    (sent,) = (e.request for e in bench.world.journal.read("slack") if e.path.endswith(POSTING))
    assert sent["unfurl_links"] is False and sent["unfurl_media"] is False


async def test_a_message_is_found_again_by_its_key_however_long_the_thread(bench, messenger):
    bench.slack.options.rate_limits = False
    root = await bench.slack.say(ROSA, CHANNEL, "hello")
    for number in range(230):
        await bench.slack.say(SAM, CHANNEL, f"chatter {number}", thread_ts=root)
    ts = await messenger.post(CHANNEL, HELLO, "Hello", thread_ts=root, key="r-1:3")
    assert await messenger.find_posted(CHANNEL, root, "r-1:3") == ts
    assert await messenger.find_posted(CHANNEL, root, "r-1:4") is None


async def test_somebody_elses_message_with_our_key_is_not_believed(bench, messenger):
    root = await bench.slack.say(ROSA, CHANNEL, "hello")
    await messenger.post(CHANNEL, HELLO, "Hello", thread_ts=root, key="r-1:3")
    assert await Messenger(bench.client, "U0OTHERBOT").find_posted(CHANNEL, root, "r-1:3") is None


async def test_nothing_is_found_in_a_thread_that_is_gone(messenger):
    assert await messenger.find_posted(CHANNEL, "1700000000.000000", "r-1:3") is None


@pytest.mark.parametrize("action", ["cut", "drop"])
async def test_a_message_whose_answer_was_lost_is_never_sent_twice_and_can_be_found(bench, messenger, action):
    root = await bench.slack.say(ROSA, CHANNEL, "hello")
    bench.world.faults.order(service="slack", method="POST", path=POSTING, action=action)
    with pytest.raises(TryLater):
        await messenger.post(CHANNEL, HELLO, "Hello", thread_ts=root, key="r-1:0")
    assert calls(bench, POSTING) == 1
    found = await messenger.find_posted(CHANNEL, root, "r-1:0")
    assert (found is not None) == (action == "cut")


async def test_a_short_rate_limit_is_waited_for(bench, messenger):
    bench.world.faults.order(
        service="slack", method="POST", path=POSTING, action="answer", status=429,
        headers={"Retry-After": "0"}, body={"ok": False, "error": "ratelimited"},
    )  # fmt: skip
    assert await messenger.post(CHANNEL, HELLO, "Hello")
    assert calls(bench, POSTING) == 2


async def test_a_long_rate_limit_is_left_to_the_reconciler_with_slacks_own_time(bench, messenger):
    bench.world.faults.order(
        service="slack", method="POST", path=POSTING, action="answer", status=429,
        headers={"Retry-After": "30"}, body={"ok": False, "error": "ratelimited"},
    )  # fmt: skip
    with pytest.raises(TryLater) as error:
        await messenger.post(CHANNEL, HELLO, "Hello")
    assert error.value.after == 30 and calls(bench, POSTING) == 1


@pytest.mark.parametrize(
    ("status", "body"), [(503, None), (200, {"ok": False, "error": "internal_error"}), (502, "<html>")]
)
async def test_what_passes_by_itself_is_tried_later(bench, messenger, status, body):
    bench.world.faults.order(
        service="slack", method="*", path="users.info", action="answer", status=status, body=body
    )
    with pytest.raises(TryLater):
        await messenger.read_person(ROSA)


async def test_a_slack_that_does_not_answer_is_not_waited_for_for_ever(bench, messenger, monkeypatch):
    monkeypatch.setattr("bot.messenger.calls.SECONDS", 0.05)
    bench.world.faults.order(service="slack", method="*", path="users.info", action="hold")
    async with asyncio.timeout(2):
        with pytest.raises(TryLater, match="did not answer"):
            await messenger.read_person(ROSA)


@pytest.mark.parametrize(
    ("code", "obstacle"),
    [
        ("invalid_auth", Obstacle.MISCONFIGURED),
        ("not_in_channel", Obstacle.NOT_VISIBLE),
        ("missing_scope", Obstacle.NO_RIGHT),
        ("msg_blocks_too_long", Obstacle.UNEXPECTED),
        ("never_heard_of", Obstacle.UNEXPECTED),
    ],
)
async def test_what_does_not_pass_by_itself_names_its_obstacle_and_a_remedy(bench, messenger, code, obstacle):
    body = {"ok": False, "error": code, "needed": "chat:write"}
    bench.world.faults.order(
        service="slack", method="POST", path=POSTING, action="answer", status=200, body=body
    )
    with pytest.raises(NeedsOperator) as error:
        await messenger.post(CHANNEL, HELLO, "Hello")
    assert error.value.obstacle is obstacle and code in error.value.problem and error.value.remedy


async def test_a_channel_without_the_bot_needs_an_invitation(messenger):
    with pytest.raises(NeedsOperator, match="Invite the bot"):
        await messenger.post("C0RANDOM", HELLO, "Hello")


async def test_an_update_shows_and_keeps_the_key(bench, messenger):
    root = await bench.slack.say(ROSA, CHANNEL, "hello")
    ts = await messenger.post(CHANNEL, HELLO, "Hello", thread_ts=root, key="r-1:0")
    await messenger.update(CHANNEL, ts, [paragraph(line("Changed"))], "Changed")
    assert in_thread(bench, root)[-1] == "Changed"
    assert await messenger.find_posted(CHANNEL, root, "r-1:0") == ts


async def test_a_deleted_card_is_lost_whatever_is_done_with_it(bench, messenger):
    ts = await messenger.post(CHANNEL, HELLO, "Hello")
    bench.slack.people[ANN].is_admin = True
    await bench.slack.delete(ANN, CHANNEL, ts)
    for gone in (
        messenger.update(CHANNEL, ts, HELLO, "Hello"),
        messenger.react(CHANNEL, ts, "no_entry"),
        messenger.read_reactions(CHANNEL, ts),
        messenger.permalink(CHANNEL, ts),
    ):
        with pytest.raises(CardLost):
            await gone


async def test_a_private_message_is_seen_by_one_person(bench, messenger):
    assert await messenger.post_private(CHANNEL, SAM, HELLO, "Hello")
    assert [m.text for m in bench.slack.messages(CHANNEL, seen_by=SAM)] == ["Hello"]
    assert bench.slack.messages(CHANNEL, seen_by=ANN) == []


async def test_a_private_message_to_somebody_who_is_not_there_is_given_up(bench, messenger):
    await bench.slack.leave_channel(SAM, CHANNEL)
    assert await messenger.post_private(CHANNEL, SAM, HELLO, "Hello") is False


async def test_both_reactions_can_be_seeded_again_and_are_all_read_back(bench, messenger):
    ts = await messenger.post(CHANNEL, HELLO, "Hello")
    for name in ("white_check_mark", "no_entry", "white_check_mark"):
        await messenger.react(CHANNEL, ts, name)
    await bench.slack.react(ANN, CHANNEL, ts, "white_check_mark")
    assert set(await messenger.read_reactions(CHANNEL, ts)) == {
        ("white_check_mark", BOT), ("white_check_mark", ANN), ("no_entry", BOT),
    }  # fmt: skip


async def test_reactions_of_which_slack_tells_only_a_part_are_not_believed(bench, messenger):
    ts = await messenger.post(CHANNEL, HELLO, "Hello")
    part = {"name": "white_check_mark", "users": [ANN], "count": 2}
    body = {"ok": True, "type": "message", "message": {"reactions": [part]}}
    bench.world.faults.order(
        service="slack", method="*", path="reactions.get", action="answer", status=200, body=body
    )
    with pytest.raises(TryLater, match="only some"):
        await messenger.read_reactions(CHANNEL, ts)


async def test_a_person_is_described(messenger):
    rosa = await messenger.read_person(ROSA)
    assert (rosa.user, rosa.team, rosa.name, rosa.tz) == (ROSA, "T0SHOP", "Rosa Okafor", "Europe/Berlin")
    assert not (rosa.guest or rosa.is_bot or rosa.deleted or rosa.stranger)


@pytest.mark.parametrize(
    ("flag", "seen_as"),
    [
        ("is_restricted", "guest"),
        ("is_ultra_restricted", "guest"),
        ("is_stranger", "stranger"),
        ("deleted", "deleted"),
        ("is_bot", "is_bot"),
    ],
)
async def test_accounts_that_may_not_decide_are_told_apart(bench, messenger, flag, seen_as):
    setattr(bench.slack.people[SAM], flag, True)
    assert getattr(await messenger.read_person(SAM), seen_as)


async def test_a_guest_of_the_sample_is_a_guest(messenger):
    assert (await messenger.read_person(GIL)).guest


async def test_somebody_whom_slack_does_not_show_counts_as_a_stranger(messenger):
    assert (await messenger.read_person("U0NOBODY")).stranger


async def test_people_are_called_by_their_name_or_else_by_their_id(bench, messenger):
    assert await messenger.name_of(ANN) == "Ann Lindqvist"
    bench.world.faults.order(service="slack", method="*", path="users.info", action="answer", status=503)
    assert await messenger.name_of(ANN) == ANN


async def test_a_group_is_read_as_slack_has_it_now(bench, messenger):
    assert await messenger.read_group("S0PLATFORM") == {ANN, BEN}
    await bench.slack.leave_group(BEN, "S0PLATFORM")
    assert await messenger.read_group("S0PLATFORM") == {ANN}


async def test_a_group_that_cannot_be_read_is_an_error_and_never_empty(bench, messenger):
    with pytest.raises(NeedsOperator):
        await messenger.read_group("S0NOSUCH")
    bench.slack.options.paid_plan = False
    with pytest.raises(NeedsOperator, match="list the approvers under `people`"):
        await messenger.read_group("S0PLATFORM")


async def test_a_permalink_leads_to_the_message(messenger):
    ts = await messenger.post(CHANNEL, HELLO, "Hello")
    assert ts.replace(".", "") in await messenger.permalink(CHANNEL, ts)
