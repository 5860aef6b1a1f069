"""What people do with buttons, menus, commands and shortcuts.

Shapes: https://docs.slack.dev/reference/interaction-payloads,
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.slack import persons, values
from sandbox.slack.blockkit import usable
from sandbox.slack.blockkit.objects import offered
from sandbox.slack.blockkit.suggestions import wrong_in_options
from sandbox.slack.core import Core
from sandbox.slack.errors import Refused
from sandbox.slack.feed import VERIFICATION
from sandbox.slack.modals import View
from sandbox.slack.model import Channel, Json, Message
from sandbox.slack.persons import refusals
from sandbox.slack.responses import respond, url
from sandbox.slack.text import typed
from sandbox.slack.values import MEMBERS, State
from sandbox.slack.wire import message as wire_message

CHANNEL_NAMES = {"im": "directmessage", "group": "privategroup", "mpim": "privategroup"}
# How many letters a menu wants before it asks the app, where the element does not say so; not documented.
MIN_QUERY = 3


@dataclass
class Surface:
    """Where something is used: a message of a conversation, or a view."""

    key: str
    blocks: list[Json]
    place: Json
    state: State
    channel: Channel | None = None
    message: Message | None = None
    view: View | None = None


class Clicks:
    """Each method waits for the app's acknowledgement; Refused when none comes or nothing is there."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._workspace = core.workspace
        self._states: dict[str, State] = {}
        self._suggested: dict[tuple[str, str, str], list[Json]] = {}

    async def click(
        self,
        user: str,
        action_id: str,
        *,
        channel: str = "",
        ts: str = "",
        view_id: str = "",
        block_id: str = "",
        value: Any = None,
    ) -> None:
        """A button, menu or input of a message or view was used; `value` as in `sandbox/slack/README.md`."""
        surface = self._surface(user, channel, ts, view_id)
        block, element = _element(surface, action_id, block_id)
        suggested = self._suggested.get((surface.key, block["block_id"], action_id), [])
        state = values.entered(element, value, suggested)
        action = values.action(block, element, state, self._workspace.stamp())
        if element["type"] in MEMBERS:
            surface.state.setdefault(block["block_id"], {})[action_id] = state
            self._workspace.changed()
        if block["type"] == "input" and not block.get("dispatch_action"):
            return
        payload = self.base("block_actions", user, surface.view.root if surface.view else None)
        payload |= self._where(user, surface) | {"actions": [action]}
        if surface.view is None:
            payload["state"] = {"values": surface.state}
        await self._core.deliveries.ask("interactive", "block_actions", payload, answers=False)

    async def suggest(
        self,
        user: str,
        action_id: str,
        query: str,
        *,
        channel: str = "",
        ts: str = "",
        view_id: str = "",
        block_id: str = "",
    ) -> Json:
        """What a menu with external options offers for these letters: `options` and `option_groups`."""
        surface = self._surface(user, channel, ts, view_id)
        block, element = _element(surface, action_id, block_id)
        if element["type"] not in ("external_select", "multi_external_select"):
            raise Refused("not_external", f"{action_id} is a {element['type']}; it holds its options itself")
        if len(query) < element.get("min_query_length", MIN_QUERY):
            return {"options": [], "option_groups": []}
        payload = self.base("block_suggestion", user)
        payload |= self._where(user, surface)
        payload |= {"action_id": action_id, "block_id": block["block_id"], "value": query}
        payload.pop("trigger_id")
        payload.pop("response_url", None)
        answer = await self._core.deliveries.ask("interactive", "block_suggestion", payload, answers=True)
        if wrong := wrong_in_options(answer):
            raise Refused("invalid_options", "; ".join(wrong))
        self._suggested[surface.key, block["block_id"], action_id] = offered(answer)
        return {"options": answer.get("options") or [], "option_groups": answer.get("option_groups") or []}

    async def command(self, user: str, channel: str, command: str, text: str = "") -> str:
        """A slash command was sent from a conversation, whose id is the result; the bot need not be in it."""
        place = persons.place(self._core, user, channel)
        declared = self._workspace.manifest.command(command)
        if not re.fullmatch(r"/\S{1,31}", command) or declared is None:
            raise Refused("unknown_command", f"{command} is not a command of the app; see its manifest")
        word = self._core.passes.hook(user, place.id)
        payload = {
            "token": VERIFICATION,
            "team_id": self._workspace.team.id,
            "team_domain": self._workspace.team.domain,
            "channel_id": place.id,
            "channel_name": CHANNEL_NAMES.get(place.kind, place.name),
            "user_id": user,
            "user_name": self._workspace.people[user].name,
            "command": command,
            "text": self._command_text(text) if declared.get("should_escape") else text,
            "api_app_id": self._workspace.bot.app,
            "is_enterprise_install": "false",
            "response_url": url(self._core, word),
            "trigger_id": self._core.passes.trigger(user),
        }
        if self._workspace.team.enterprise:
            payload |= {
                "enterprise_id": self._workspace.team.enterprise,
                "enterprise_name": self._workspace.team.name,
            }
        answer = await self._core.deliveries.ask("slash_commands", "slash_commands", payload, answers=True)
        if answer.get("text") or answer.get("blocks"):
            with refusals():
                respond(self._core, self._core.passes.answer(word), answer)
        return place.id

    async def shortcut(self, user: str, callback_id: str, *, channel: str = "", ts: str = "") -> None:
        """A global shortcut was chosen, or with `channel` and `ts` one on a message."""
        persons.person(self._core, user)
        if self._workspace.manifest.shortcut(callback_id) is None:
            raise Refused("unknown_shortcut", f"{callback_id} is not a shortcut of the app; see its manifest")
        kind = "message_action" if ts else "shortcut"
        payload = self.base(kind, user) | {"callback_id": callback_id, "action_ts": self._workspace.stamp()}
        if ts:
            place, message = persons.message(self._core, user, channel, ts)
            payload |= {"message_ts": ts, "message": wire_message(self._workspace, place, message)}
            payload |= self._channel(place) | self._response_url(user, place, message)
        await self._core.deliveries.ask("interactive", kind, payload, answers=False)

    def base(self, kind: str, user: str, root: str | None = None) -> Json:
        """What every interaction tells: who, whence, and a trigger id; `root` is the modal's stack."""
        person = self._workspace.people[user]
        enterprise = self._workspace.team.enterprise
        return {
            "type": kind,
            "token": VERIFICATION,
            "user": {"id": user, "username": person.name, "name": person.name, "team_id": person.team},
            "team": {"id": self._workspace.team.id, "domain": self._workspace.team.domain},
            "enterprise": {"id": enterprise, "name": self._workspace.team.name} if enterprise else None,
            "is_enterprise_install": False,
            "api_app_id": self._workspace.bot.app,
            "trigger_id": self._core.passes.trigger(user, root),
        }

    def known_options(self, view: View, block_id: str, action_id: str) -> list[Json]:
        """The options a menu of the view was last offered."""
        return self._suggested.get((f"{view.user} {view.id}", block_id, action_id), [])

    def _surface(self, user: str, channel: str, ts: str, view_id: str) -> Surface:
        persons.person(self._core, user)
        if view_id:
            view = self._core.views.of(user, view_id)
            if view is None:
                raise Refused("view_not_found", "this person has no such view open")
            inside = {"type": "view", "view_id": view.id}
            return Surface(f"{user} {view.id}", view.given["blocks"], inside, view.state, view=view)
        place, message = persons.message(self._core, user, channel, ts)
        container: Json = {
            "type": "message",
            "message_ts": ts,
            "channel_id": place.id,
            "is_ephemeral": bool(message.only_for),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        key = f"{user} {place.id} {ts}"
        state = self._states[key] = values.initial(message.blocks, kept=self._states.get(key))
        return Surface(key, message.blocks, container, state, channel=place, message=message)

    def _where(self, user: str, surface: Surface) -> Json:
        if surface.view is not None:
            return {"container": surface.place, "view": self._core.views.shown(surface.view)}
        assert surface.channel is not None and surface.message is not None
        told = {"container": surface.place, **self._channel(surface.channel)}
        if not surface.message.only_for:
            told["message"] = wire_message(self._workspace, surface.channel, surface.message)
        return told | self._response_url(user, surface.channel, surface.message)

    def _channel(self, place: Channel) -> Json:
        return {"channel": {"id": place.id, "name": CHANNEL_NAMES.get(place.kind, place.name)}}

    def _response_url(self, user: str, place: Channel, message: Message) -> Json:
        word = self._core.passes.hook(user, place.id, message.ts, message.thread_ts)
        return {"response_url": url(self._core, word)}

    def _command_text(self, text: str) -> str:
        """Mentions in an escaping command carry the name beside the id."""
        named = {person.id: person.name for person in self._workspace.people.values()}
        return re.sub(r"<@(\w+)>", lambda m: f"<@{m[1]}|{named[m[1]]}>", typed(text, self._workspace))


def _element(surface: Surface, action_id: str, block_id: str) -> tuple[Json, Json]:
    there = list(usable(surface.blocks))
    for block, element in there:
        if element["action_id"] == action_id and block_id in ("", block["block_id"]):
            return block, element
    known = ", ".join(element["action_id"] for _, element in there) or "nothing"
    raise Refused("no_such_element", f"nothing called {action_id} can be used there; there is: {known}")
