"""From what people do in Slack to what the workflow is told, over Socket Mode."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

import handlers
from bot.domain.spec import Person
from bot.messenger import Messenger
from bot.views.blocks import choices, paragraph
from bot.views.words import line
from bot.workflow import Click, Touch, Words
from tests.adapters.slack_bench import ANN, BOT, CHANNEL, ROSA, SAM, Bench, slack_bench

PERSON = Person(user=ROSA, team="T0SHOP")


@dataclass
class Recorder:
    """A workflow that notes what it is told, and fails as often as it should."""

    told: list[tuple] = field(default_factory=list)
    seen: list[tuple[str, ...]] = field(default_factory=list)
    fails: int = 0

    def _note(self, *what, seen):
        self.seen.append(seen)
        if self.fails:
            self.fails -= 1
            raise ConnectionError("Redis is away")
        self.told.append(what)

    async def say(self, words, seen):
        self._note("say", words, seen=seen)

    async def edited(self, channel, ts, person, seen):
        self._note("edited", channel, ts, person, seen=seen)

    async def deleted(self, channel, ts, person, seen):
        self._note("deleted", channel, ts, person, seen=seen)

    async def react(self, touch, seen):
        self._note("react", touch, seen=seen)

    async def click(self, click, seen):
        self._note("click", click, seen=seen)

    def of(self, kind):
        return [what[1:] for what in self.told if what[0] == kind]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with slack_bench(tmp_path) as made:
        yield made


@pytest.fixture
async def workflow(bench: Bench) -> AsyncIterator[Recorder]:
    """The app as `bot.app` makes it, connected; the workflow stands in for everything behind it."""
    recorder = Recorder()
    who = AuthorizeResult(enterprise_id=None, team_id=None, bot_user_id=BOT, bot_token=bench.slack.bot_token)

    async def authorize(**_):
        return who

    app = AsyncApp(client=bench.client, authorize=authorize, process_before_response=True)
    handlers.register(app, recorder)  # type: ignore[arg-type]
    sockets = AsyncSocketModeHandler(app, bench.slack.app_token)
    await sockets.connect_async()
    await bench.slack.until(lambda: bench.slack.connections)
    yield recorder
    await sockets.close_async()


async def ask(bench, text="@identity payments-api needs kv-payments", who=ROSA, **where):
    return await bench.slack.say(who, CHANNEL, text, **where)


async def test_a_mention_is_told_once_as_a_mention_though_it_arrives_twice(bench, workflow):
    ts = await ask(bench)
    await bench.slack.settled()
    text = f"<@{BOT}> payments-api needs kv-payments"
    words = Words(channel=CHANNEL, ts=ts, thread_ts=None, person=PERSON, text=text, mention=True)
    assert workflow.of("say") == [(words,), (words,)]
    assert all(f"msg:{CHANNEL}:{ts}" in seen for seen in workflow.seen)
    assert len({seen[0] for seen in workflow.seen}) == 2


async def test_a_reply_is_told_with_its_thread(bench, workflow):
    root = await ask(bench)
    ts = await ask(bench, "because it charges cards", thread_ts=root)
    await bench.slack.settled()
    (reply,) = (words for (words,) in workflow.of("say") if words.ts == ts)
    assert (reply.thread_ts, reply.mention, reply.text) == (root, False, "because it charges cards")


async def test_a_reply_that_is_also_sent_to_the_channel_is_told(bench, workflow):
    root = await ask(bench)
    ts = await ask(bench, "also here", thread_ts=root, broadcast=True)
    await bench.slack.settled()
    assert ts in [words.ts for (words,) in workflow.of("say")]


async def test_markup_reaches_the_workflow_as_slack_encodes_it(bench, workflow):
    await ask(bench, "@identity <b> & @here")
    await bench.slack.settled()
    assert workflow.of("say")[0][0].text == f"<@{BOT}> &lt;b&gt; &amp; <!here>"


async def test_what_the_bot_says_itself_is_not_told(bench, workflow):
    messenger = Messenger(bench.client, BOT)
    ts = await messenger.post(CHANNEL, [paragraph(line("Hello"))], "Hello")
    await messenger.update(CHANNEL, ts, [paragraph(line("Changed"))], "Changed")
    await messenger.react(CHANNEL, ts, "white_check_mark")
    await bench.slack.settled()
    assert workflow.told == []


async def test_an_edited_message_is_told_with_its_author(bench, workflow):
    ts = await ask(bench)
    await bench.slack.edit(ROSA, CHANNEL, ts, "@identity payments-api needs kv-orders")
    await bench.slack.settled()
    assert workflow.of("edited") == [(CHANNEL, ts, PERSON)]


async def test_a_deleted_message_is_told_whether_or_not_it_has_replies(bench, workflow):
    alone, root = await ask(bench), await ask(bench)
    await ask(bench, "a reply", thread_ts=root)
    await bench.slack.delete(ROSA, CHANNEL, alone)
    await bench.slack.delete(ROSA, CHANNEL, root)
    await bench.slack.settled()
    assert sorted(workflow.of("deleted"), key=lambda gone: gone[1]) == [
        (CHANNEL, alone, PERSON), (CHANNEL, root, PERSON),
    ]  # fmt: skip


async def test_a_reaction_is_told_when_put_on_and_when_taken_away(bench, workflow):
    ts = await ask(bench)
    await bench.slack.react(ANN, CHANNEL, ts, "white_check_mark")
    await bench.slack.unreact(ANN, CHANNEL, ts, "white_check_mark")
    await bench.slack.settled()
    touches = sorted((touch for (touch,) in workflow.of("react")), key=lambda touch: float(touch.at))
    ann = Person(user=ANN, team="T0SHOP")
    assert touches == [
        Touch(CHANNEL, ts, "white_check_mark", added, ann, touch.at)
        for added, touch in zip((True, False), touches, strict=True)
    ]


async def test_a_click_on_a_button_is_told_with_its_question(bench, workflow):
    root = await ask(bench)
    messenger = Messenger(bench.client, BOT)
    buttons = choices(
        "question:scope:0", "answer", [("kv-payments", "id-1"), ("kv-orders", "id-2")], "Choose"
    )
    ts = await messenger.post(CHANNEL, buttons, "Which?", thread_ts=root)
    await bench.slack.click(SAM, "answer:1", channel=CHANNEL, ts=ts)
    ((click,),) = workflow.of("click")
    sam = Person(user=SAM, team="T0SHOP")
    assert click == Click(CHANNEL, root, sam, "scope:0", "id-2", click.ts)
    assert workflow.seen[-1][0].startswith("trigger:")


async def test_a_choice_in_a_select_is_told_with_its_question(bench, workflow):
    root = await ask(bench)
    messenger = Messenger(bench.client, BOT)
    select = choices("question:cluster", "answer", [(f"c-{n}", f"c-{n}") for n in range(9)], "Choose")
    ts = await messenger.post(CHANNEL, select, "Which?", thread_ts=root)
    await bench.slack.click(ROSA, "answer", channel=CHANNEL, ts=ts, value="c-7")
    ((click,),) = workflow.of("click")
    assert (click.thread_ts, click.question, click.value) == (root, "cluster", "c-7")


async def test_what_could_not_be_written_down_is_sent_again_under_the_same_keys(bench, workflow):
    workflow.fails = 1
    ts = await ask(bench, "a plain message")
    async with asyncio.timeout(10):
        await bench.slack.settled()
    assert [words.ts for (words,) in workflow.of("say")] == [ts]
    assert workflow.seen[0] == workflow.seen[1]


async def test_a_click_that_could_not_be_written_down_is_answered_with_try_again(bench, workflow):
    root = await ask(bench)
    buttons = choices("question:scope:0", "answer", [("kv-payments", "id-1")], "Choose")
    ts = await Messenger(bench.client, BOT).post(CHANNEL, buttons, "Which?", thread_ts=root)
    await bench.slack.settled()
    workflow.fails = 1
    clicking = asyncio.ensure_future(bench.slack.click(SAM, "answer:0", channel=CHANNEL, ts=ts))
    private = await bench.slack.until(
        lambda: [m for m in bench.slack.messages(CHANNEL, seen_by=SAM) if m.only_for == SAM]
    )
    assert "try again" in private[0].text and workflow.of("click") == []
    clicking.cancel()


async def test_what_nobody_listens_to_is_acknowledged(bench, workflow):
    await bench.slack.leave_channel(ANN, CHANNEL)
    buttons = choices("other", "not-ours", [("Go", "go")], "Choose")
    ts = await Messenger(bench.client, BOT).post(CHANNEL, buttons, "Which?")
    await bench.slack.click(SAM, "not-ours:0", channel=CHANNEL, ts=ts)
    await bench.slack.settled()
    assert workflow.told == [] and bench.slack.undelivered == 0
