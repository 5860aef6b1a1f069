"""The app's manifest: what Slack accepts, and exactly what the code uses."""

import ast
import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

import bot.messenger
import handlers
from tests.adapters.slack_bench import MANIFEST

SCHEMAS = Path(__file__).parents[3] / "shared" / "data" / "slack"

# What Slack wants to be subscribed to, and granted, for each event that the handlers listen to: those of
# a conversation come by its kind, here public and private channels. docs.slack.dev/reference/events
SUBSCRIPTIONS = {
    "app_mention": {"app_mention": "app_mentions:read"},
    "message": {"message.channels": "channels:history", "message.groups": "groups:history"},
    "reaction_added": {"reaction_added": "reactions:read"},
    "reaction_removed": {"reaction_removed": "reactions:read"},
}
# docs.slack.dev/reference/methods
SCOPES = {
    "chat_getPermalink": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_replies": {"channels:history", "groups:history"},
    "reactions_add": {"reactions:write"},
    "reactions_get": {"reactions:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
}


@pytest.fixture
def manifest():
    return yaml.safe_load(MANIFEST.read_text())


def methods_called():
    """Every method of the Web API that the messenger calls."""
    folder = Path(bot.messenger.__file__).parent
    trees = [ast.parse(path.read_text()) for path in folder.glob("*.py")]
    return {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self._client"
    }


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_slack_accepts_the_manifest(manifest, version):
    schema = SCHEMAS / f"manifest.schema.{version}.json"
    if not schema.exists():
        pytest.skip(f"Slack's schema is not here: {schema.name} belongs in ../shared/data/slack")
    manifest["_metadata"]["major_version"] = int(version[0])
    errors = Draft7Validator(json.loads(schema.read_text())).iter_errors(manifest)
    assert [f"{list(error.path)}: {error.message}" for error in errors] == []


def test_the_app_is_subscribed_to_exactly_what_the_handlers_listen_to(manifest):
    wanted = {event for name in handlers.EVENTS for event in SUBSCRIPTIONS[name]}
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == wanted


def test_the_app_has_exactly_the_scopes_that_its_events_and_calls_need(manifest):
    for_events = {scope for name in handlers.EVENTS for scope in SUBSCRIPTIONS[name].values()}
    for_calls = {scope for method in methods_called() for scope in SCOPES[method]}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == for_events | for_calls


def test_clicks_reach_the_app_and_need_no_address(manifest):
    assert manifest["settings"]["interactivity"]["is_enabled"] is bool(handlers.ACTIONS)
    assert manifest["settings"]["socket_mode_enabled"] is True
