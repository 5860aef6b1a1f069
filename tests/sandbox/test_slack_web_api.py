"""The Web API, called through the unmodified SDK: tokens, people, limits, scopes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.slack_world import ANN, BEN, BOT, CHANNEL, GIL, GROUP, ROSA, SAM, Town, slack_town

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Ready"}}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with slack_town(tmp_path) as running:
        yield running


async def test_every_way_the_sdks_send_arguments_is_understood(town: Town) -> None:
    ts = await town.post()
    sync = WebClient(town.slack.bot_token, base_url=f"{town.origin}/api/")

    by_query = await town.client.users_info(user=ANN)
    by_form = await asyncio.to_thread(lambda: sync.users_info(user=ANN))
    post_with_query = await town.client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes")
    by_sync_json = await asyncio.to_thread(
        lambda: sync.chat_postMessage(channel=CHANNEL, text="hi", blocks=[SECTION])
    )
    blocks_as_text = await town.client.api_call(
        "chat.postMessage", data={"channel": CHANNEL, "blocks": '[{"type":"divider"}]', "text": "x"}
    )

    assert by_query["user"] == by_form["user"]
    assert post_with_query["ok"] and by_sync_json["message"]["blocks"][0]["type"] == "section"
    assert blocks_as_text["message"]["blocks"][0]["type"] == "divider"


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-wrong", "auth.test", "invalid_auth"),
        ("xapp-sandbox", "auth.test", "not_allowed_token_type"),
        ("xoxb-sandbox", "apps.connections.open", "not_allowed_token_type"),
        ("xoxb-sandbox", "chat.shout", "unknown_method"),
    ],
)
async def test_a_wrong_token_or_method_is_refused_with_http_200(
    town: Town, token: str, method: str, error: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with ClientSession(headers=headers) as session:
        answer = await session.post(f"{town.origin}/api/{method}")
        body = await answer.json()

    assert (answer.status, body["ok"], body["error"]) == (200, False, error)


async def test_accounts_say_what_they_may_not_be_trusted_with(town: Town) -> None:
    town.slack.people[SAM].is_stranger, town.slack.people[SAM].team = True, "T0PARTNER"
    town.slack.people[BEN].deleted = True
    gil, sam, ben, bot = [(await town.client.users_info(user=u))["user"] for u in (GIL, SAM, BEN, BOT)]

    assert gil["is_restricted"] and not gil["is_ultra_restricted"] and gil["team_id"] == "T0SHOP"
    assert sam["is_stranger"] and sam["team_id"] == "T0PARTNER"
    assert ben["deleted"] and "is_restricted" not in ben
    assert bot["is_bot"] and "is_stranger" not in bot
    assert await town.refusal(town.client.users_info(user="U0NOBODY")) == "user_not_found"


async def test_groups_are_listed_and_fail_on_a_free_plan(town: Town) -> None:
    listed = await town.client.usergroups_list(include_users=True)
    users = await town.client.usergroups_users_list(usergroup=GROUP)
    unknown = await town.refusal(town.client.usergroups_users_list(usergroup="S0NOBODY"))
    town.slack.groups[GROUP].disabled = True
    disabled = await town.refusal(town.client.usergroups_users_list(usergroup=GROUP))
    none_left = await town.client.usergroups_list()
    town.slack.options.paid_plan = False

    assert listed["usergroups"][0]["handle"] == "platform-approvers"
    assert listed["usergroups"][0]["users"] == users["users"] == [ANN, BEN]
    assert (unknown, disabled, none_left["usergroups"]) == ("no_such_subteam", "no_such_subteam", [])
    assert await town.refusal(town.client.usergroups_list()) == "plan_upgrade_required"


async def test_channels_say_whether_they_are_shared_and_who_is_in_them(town: Town) -> None:
    town.slack.channels[CHANNEL].is_ext_shared = True

    info = await town.client.conversations_info(channel=CHANNEL)
    members = await town.client.conversations_members(channel=CHANNEL)
    private = await town.client.conversations_list(types="private_channel,im")

    assert info["channel"]["is_ext_shared"] and info["channel"]["is_member"]
    assert set(members["members"]) == {ROSA, ANN, BEN, SAM, GIL, BOT}
    assert private["channels"] == []


async def test_too_many_calls_are_told_how_long_to_wait(town: Town) -> None:
    made = 0
    with pytest.raises(SlackApiError) as refused:
        while made < 200:
            await town.client.usergroups_list()
            made += 1

    assert made >= 40
    assert refused.value.response.status_code == 429
    assert refused.value.response["error"] == "ratelimited"
    wait = int(refused.value.response.headers["Retry-After"])
    assert 1 <= wait <= 3
    town.world.clock.advance(wait)
    assert (await town.client.usergroups_list())["ok"]


async def test_a_channel_takes_a_burst_of_messages_and_then_one_a_second(town: Town) -> None:
    with pytest.raises(SlackApiError, match="ratelimited"):
        for n in range(200):
            await town.post(str(n))
    assert len(town.slack.messages(CHANNEL)) >= 20
    assert (await town.client.chat_postMessage(channel=ROSA, text="another channel"))["ok"]

    retrying = AsyncWebClient(town.slack.bot_token, base_url=f"{town.origin}/api/")
    retrying.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    assert (await retrying.chat_postMessage(channel=CHANNEL, text="in a second"))["ok"]


async def test_without_limits_nothing_waits(town: Town) -> None:
    town.slack.options.rate_limits = False

    for n in range(60):
        await town.post(str(n))


async def test_a_manifest_grants_scopes_events_and_commands_and_nothing_else(tmp_path: Path) -> None:
    manifest = {
        "features": {"slash_commands": [{"command": "/identity", "should_escape": True}]},
        "oauth_config": {"scopes": {"bot": ["chat:write", "users:read"]}},
        "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
    }
    async with slack_town(tmp_path, manifest=manifest) as town:
        app = await town.app()
        await town.slack.say(ROSA, CHANNEL, "@identity hello")
        await town.slack.settled()
        with pytest.raises(SlackApiError) as refused:
            await town.client.usergroups_list()
        user = (await town.client.users_info(user=ROSA))["user"]

    assert [event["type"] for event in app.events()] == ["app_mention"]
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "usergroups:read"
    assert "email" not in user["profile"]
    assert user["real_name"] == "Rosa Okafor"


async def test_the_sdk_posts_twice_when_the_answer_is_lost(town: Town) -> None:
    """The trap of the SDK's own connection-error handler, as it is on real Slack."""
    town.world.faults.order(service="slack", method="POST", path="chat.postMessage", action="cut")

    await town.post("card")

    assert [message.text for message in town.slack.messages(CHANNEL)] == ["card", "card"]


async def test_an_ordered_fault_answers_instead_of_slack(town: Town) -> None:
    town.world.faults.order(
        service="slack", method="*", path="chat.postMessage", action="answer", status=503, body={"ok": False}
    )
    with pytest.raises(SlackApiError) as refused:
        await town.post()

    assert refused.value.response.status_code == 503
    assert town.slack.messages(CHANNEL) == []
