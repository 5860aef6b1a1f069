"""Socket Mode: connections, acknowledgements, and what happens without them."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest

from sandbox.slack import Refused
from tests.sandbox.slack_world import ANN, CHANNEL, GIL, ROSA, Town, eventually, slack_town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with slack_town(tmp_path) as running:
        yield running


def nothing(request: SocketModeRequest) -> None:
    """An app that never acknowledges."""


async def test_an_event_that_is_not_acknowledged_comes_again_with_the_same_id(town: Town) -> None:
    def notes() -> list[str]:
        return [entry.note for entry in town.world.journal.read("slack") if entry.method == "EVENT"]

    app = await town.app(nothing)
    await town.slack.say(ROSA, CHANNEL, "hello")

    for count, pause in enumerate((0, 60, 300, 0), 1):
        await eventually(lambda count=count: len(app.heard) == count)
        town.world.clock.advance(3)
        await eventually(lambda count=count: len(notes()) == count)
        town.world.clock.advance(pause)
    await town.slack.settled()

    assert len({request.payload["event_id"] for request in app.heard}) == 1
    assert len({request.envelope_id for request in app.heard}) == 4
    assert [request.retry_attempt for request in app.heard] == [0, 1, 2, 3]
    assert [request.retry_reason for request in app.heard] == ["", "timeout", "timeout", "timeout"]
    assert notes() == [
        "no ack in 3 s, again in 0 s",
        "retry 1: no ack in 3 s, again in 60 s",
        "retry 2: no ack in 3 s, again in 300 s",
        "retry 3: no ack in 3 s, given up",
    ]


async def test_a_late_acknowledgement_ends_the_retries(town: Town) -> None:
    app = await town.app(nothing)
    await town.slack.say(ROSA, CHANNEL, "hello")
    await eventually(lambda: len(app.heard) == 1)
    town.world.clock.advance(3)
    await eventually(lambda: len(app.heard) == 2)
    town.world.clock.advance(3)
    first = app.heard[0]
    await town.world.journal.until(lambda entry: entry.note.startswith("retry 1: no ack"))

    await app.client.send_socket_mode_response({"envelope_id": first.envelope_id})
    await town.slack.settled()

    assert len(app.heard) == 2


async def test_what_nobody_heard_comes_as_soon_as_somebody_connects(town: Town) -> None:
    await town.slack.say(ROSA, CHANNEL, "is anybody there?")
    await town.world.journal.until(lambda entry: entry.note == "retry 1: nobody connected, again in 60 s")

    app = await town.app()
    await town.slack.settled()

    assert [event["text"] for event in app.events()] == ["is anybody there?"]
    assert app.heard[0].retry_attempt == 2


async def test_a_duplicate_on_order_is_the_same_event_twice(town: Town) -> None:
    app = await town.app()
    town.world.faults.order(service="slack", method="EVENT", path="^message$", action="duplicate")

    await town.slack.say(ROSA, CHANNEL, "hello")
    await town.slack.settled()
    await eventually(lambda: len(app.heard) == 2)

    assert len({request.payload["event_id"] for request in app.heard}) == 1
    assert len({request.envelope_id for request in app.heard}) == 2


async def test_a_dropped_event_comes_with_the_first_retry(town: Town) -> None:
    app = await town.app()
    drop = town.world.faults.order(service="slack", method="EVENT", path="reaction_added", action="drop")
    ts = await town.post()

    await town.slack.react(ANN, CHANNEL, ts, "white_check_mark")
    await drop.reached.wait()
    town.world.clock.advance(3)
    await town.slack.settled()

    reaction = next(r for r in app.heard if r.payload["event"]["type"] == "reaction_added")
    assert reaction.retry_attempt == 1


async def test_an_event_that_is_dropped_every_time_is_lost_for_good(town: Town) -> None:
    app = await town.app()
    lost = town.world.faults.order(
        service="slack", method="EVENT", path="reaction_removed", action="drop", times=0
    )
    ts = await town.post()
    await town.slack.react(ANN, CHANNEL, ts, "white_check_mark")

    await town.slack.unreact(ANN, CHANNEL, ts, "white_check_mark")
    await eventually(lambda: town.slack.undelivered == 1)
    while town.slack.undelivered:
        town.world.clock.advance(300)
        await asyncio.sleep(0)

    assert app.events("reaction_removed") == [] and lost.acted == 4


async def test_delayed_events_are_tried_for_a_day(town: Town) -> None:
    town.slack.options.delayed_events = True
    await town.slack.say(ROSA, CHANNEL, "is anybody there?")
    for tries in range(2, 28):
        await eventually(lambda tries=tries: len(town.world.journal.read("slack")) >= tries)
        town.world.clock.advance(3600)
    await town.slack.settled()

    last = town.world.journal.read("slack")[-1]
    assert last.note == "retry 27: nobody connected, given up"


async def test_a_held_event_is_overtaken_by_later_ones(town: Town) -> None:
    app = await town.app()
    hold = town.world.faults.order(service="slack", method="EVENT", path="^message$", action="hold")
    await town.slack.say(ROSA, CHANNEL, "first")
    await town.slack.say(ROSA, CHANNEL, "second")
    await eventually(lambda: len(app.heard) == 1)

    hold.released.set()
    await town.slack.settled()

    assert [event["text"] for event in app.events()] == ["second", "first"]


async def test_a_delayed_event_comes_when_its_time_has_passed(town: Town) -> None:
    app = await town.app()
    town.world.faults.order(service="slack", method="EVENT", path="^message$", action="delay", seconds=30)
    await town.slack.say(ROSA, CHANNEL, "first")
    await town.slack.say(ROSA, CHANNEL, "second")
    await eventually(lambda: len(app.heard) == 1)

    town.world.clock.advance(30)
    await town.slack.settled()

    assert [event["text"] for event in app.events()] == ["second", "first"]


async def test_an_event_whose_connection_breaks_comes_again_on_another(town: Town) -> None:
    one, other = await town.app(nothing), await town.app()
    town.world.faults.order(service="slack", method="EVENT", path="^message$", action="cut")
    one.answer = other.answer

    await town.slack.say(ROSA, CHANNEL, "hello")
    await town.slack.until(lambda: town.slack.connections == 1)
    town.world.clock.advance(3)
    await town.slack.settled()

    assert town.slack.undelivered == 0
    assert {event["text"] for event in [*one.events(), *other.events()]} == {"hello"}


async def test_connections_take_turns(town: Town) -> None:
    one, other = await town.app(), await town.app()

    for word in ("a", "b", "c", "d"):
        await town.slack.say(ROSA, CHANNEL, word)
    await town.slack.settled()

    assert len(one.events()) == len(other.events()) == 2


async def test_an_address_opens_one_connection_only(town: Town) -> None:
    opened = await town.client.apps_connections_open(app_token=town.slack.app_token)
    async with ClientSession() as session:
        async with session.ws_connect(opened["url"]) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        again = await session.get(opened["url"])

    assert again.status == 401


async def test_the_eleventh_connection_is_sent_away(town: Town) -> None:
    async with ClientSession() as session:
        sockets = []
        for _ in range(11):
            opened = await town.client.apps_connections_open(app_token=town.slack.app_token)
            sockets.append(await session.ws_connect(opened["url"]))
        first = [await socket.receive_json() for socket in sockets]

    assert [frame["type"] for frame in first] == ["hello"] * 10 + ["disconnect"]
    assert first[9]["num_connections"] == 10 and first[10]["reason"] == "too_many_websockets"


async def test_an_app_that_is_told_to_reconnect_goes_on_hearing(town: Town) -> None:
    app = await town.app()
    first = app.client.current_session

    await town.slack.disconnect("refresh_requested")
    await eventually(lambda: app.client.current_session is not first and town.slack.connections == 1)
    await town.slack.say(ROSA, CHANNEL, "still there?")
    await town.slack.settled()

    assert [event["text"] for event in app.events()] == ["still there?"]


async def test_bolt_hears_a_mention_and_answers_in_its_thread(town: Town) -> None:
    app = AsyncApp(client=town.client)

    @app.event("app_mention")
    async def answer(event: dict[str, str], say: object) -> None:
        await town.client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text="on it")

    await town.bolt(app)
    ts = await town.slack.say(GIL, CHANNEL, "@identity hello")

    replies = await town.slack.until(lambda: town.slack.messages(CHANNEL, thread_ts=ts)[1:])
    assert [reply.text for reply in replies] == ["on it"]


async def test_bolt_that_fails_before_the_acknowledgement_hears_the_event_again(town: Town) -> None:
    app = AsyncApp(client=town.client, process_before_response=True)
    tries: list[str] = []

    @app.event("message")
    async def fail_once(event: dict[str, str]) -> None:
        tries.append(event["text"])
        if len(tries) == 1:
            raise RuntimeError("the store is away")

    await town.bolt(app)
    await town.slack.say(ROSA, CHANNEL, "hello")
    await eventually(lambda: tries)
    town.world.clock.advance(3)
    await town.slack.settled()

    assert tries == ["hello", "hello"]


async def test_a_command_with_nobody_connected_fails_for_the_person(town: Town) -> None:
    with pytest.raises(Refused, match="dispatch_failed"):
        await town.slack.command(ROSA, CHANNEL, "/identity", "help")


async def test_a_hundred_events_a_second_and_fifty_calls_at_once_are_no_burden(town: Town) -> None:
    town.slack.options.rate_limits = False
    app = await town.app()
    began = time.process_time()

    for n in range(200):
        await town.slack.say(ROSA, CHANNEL, f"message {n}")
    await asyncio.gather(*(town.client.users_info(user=ANN) for _ in range(50)))
    await town.slack.settled()

    assert [event["text"] for event in app.events()] == [f"message {n}" for n in range(200)]
    assert time.process_time() - began < 2
