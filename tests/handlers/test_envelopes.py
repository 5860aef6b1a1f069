"""Who did it, and under which keys it may come again, from envelopes that no sandbox sends."""

import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

import handlers
from bot.domain.spec import Person
from handlers.middleware import person_of, seen_keys
from tests.handlers.test_handlers import Recorder


def event(**fields):
    """An event's envelope: Rosa's message, but for what is said."""
    inner = {
        "type": "message",
        "user": "U0ROSA",
        "channel": "C0IDENTITIES",
        "ts": "1.0",
        "text": "hello",
        **fields,
    }
    return {"team_id": "T0SHOP", "event_id": "Ev1", "type": "event_callback", "event": inner}


def click(**fields):
    """A click's envelope: Rosa's, but for what is said."""
    user = {"id": "U0ROSA", "team_id": "T0SHOP"}
    return {"type": "block_actions", "user": user, "team": {"id": "T0SHOP"}, "trigger_id": "1.2.x", **fields}


@pytest.mark.parametrize(
    ("envelope", "person"),
    [
        (event(), Person(user="U0ROSA", team="T0SHOP")),
        ({**event(), "enterprise_id": "E0SHOP"}, Person(user="U0ROSA", team="T0SHOP", enterprise="E0SHOP")),
        (event(user_team="T0OTHER", team="T0SHOP"), Person(user="U0ROSA", team="T0OTHER")),
        (event(source_team="T0OTHER"), Person(user="U0ROSA", team="T0OTHER")),
        (click(), Person(user="U0ROSA", team="T0SHOP")),
        (
            click(enterprise={"id": "E0SHOP"}, team=None, user={"id": "U0ROSA"}),
            Person(user="U0ROSA", team="", enterprise="E0SHOP"),
        ),
    ],
)
def test_a_person_is_bound_by_user_workspace_and_organisation(envelope, person):
    assert person_of(envelope) == person


@pytest.mark.parametrize(
    "envelope",
    [
        event(bot_id="B0OTHER"),
        event(user=None, subtype="bot_message", bot_id="B0OTHER"),
        event(user="USLACKBOT"),
        event(user=None, subtype="message_changed", message={"bot_id": "B0OTHER", "user": "U0OTHER"}),
        {"type": "view_closed"},
    ],
)
def test_bots_and_slack_itself_are_nobody(envelope):
    assert person_of(envelope) is None


def test_a_mention_and_its_message_share_a_key_and_an_edit_of_it_does_not():
    message, mention = seen_keys(event()), seen_keys({**event(type="app_mention"), "event_id": "Ev2"})
    assert set(message) & set(mention) == {"msg:C0IDENTITIES:1.0"}
    assert seen_keys({**event(subtype="message_changed"), "event_id": "Ev3"}) == ("event:Ev3",)


async def dispatched(body):
    """What the workflow is told of an envelope, and whether Slack is acknowledged."""
    recorder = Recorder()
    who = AuthorizeResult(enterprise_id=None, team_id=None, bot_user_id="U0IDENTITY", bot_token="t")

    async def authorize(**_):
        return who

    app = AsyncApp(authorize=authorize, process_before_response=True)
    handlers.register(app, recorder)  # type: ignore[arg-type]
    response = await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    return recorder.told, response.status


@pytest.mark.parametrize(
    "body",
    [
        event(subtype="channel_join"),
        event(subtype="message_replied"),
        event(bot_id="B0OTHER"),
        event(type="team_rename"),
        event(type="reaction_added", reaction="eyes", item={"type": "file", "file": "F1"}, event_ts="2.0"),
        # Slack found the language of a message, or unfolded a link: nobody edited it.
        event(
            user=None,
            subtype="message_changed",
            message={"user": "U0ROSA", "ts": "1.0", "text": "hello", "language": "en"},
            previous_message={"user": "U0ROSA", "ts": "1.0", "text": "hello"},
        ),
        click(type="shortcut", callback_id="nobody-knows"),
        {"command": "/unknown", "user_id": "U0ROSA", "team_id": "T0SHOP", "trigger_id": "1.2.x"},
    ],
)
async def test_what_says_nothing_to_us_is_acknowledged_and_not_told(body):
    assert await dispatched(body) == ([], 200)
