"""What people do with modals and the Home tab.

Rules: https://docs.slack.dev/surfaces/modals#handling_submissions
"""

import contextlib
from typing import Any

from sandbox.slack import persons
from sandbox.slack.blockkit import usable
from sandbox.slack.clicks import Clicks
from sandbox.slack.core import Core
from sandbox.slack.errors import Refused, SlackError
from sandbox.slack.modals import View
from sandbox.slack.model import Json
from sandbox.slack.values import MEMBERS, entered, missing


class Forms:
    """Submitting, closing and opening views."""

    def __init__(self, core: Core, clicks: Clicks) -> None:
        self._core = core
        self._clicks = clicks

    async def submit(self, user: str, view_id: str, values: dict[str, dict[str, Any]] | None = None) -> Json:
        """The form was sent with these values over what it holds; the result: `closed`, `errors` by block.

        A value is text, an option's value, an id, or a list of them. Refused when the app does not answer, or
        answers with what Slack does not accept.
        """
        view = self._mine(user, view_id)
        if view is not self._core.views.stacks[user][-1]:
            raise Refused("view_covered", "another modal lies on this one; submit or close that first")
        if view.given.get("submit_disabled") or not view.given.get("submit"):
            raise Refused("not_submittable", "this view has no submit button that can be pressed")
        self._fill(view, values or {})
        if errors := missing(view.given["blocks"], view.state):
            return self._refused(view, errors)
        payload = self._clicks.base("view_submission", user, view.root)
        payload |= {"view": self._core.views.shown(view), "response_urls": []}
        answer = await self._core.deliveries.ask("interactive", "view_submission", payload, answers=True)
        try:
            return self._answered(view, answer)
        except SlackError as error:
            raise Refused("invalid_response", f"{error.code}: {'; '.join(error.messages)}") from None

    async def close(self, user: str, view_id: str = "", *, everything: bool = False) -> None:
        """The view (without an id the top one) is closed, or all are; the app is told if it asked for it."""
        persons.person(self._core, user)
        stack = self._core.views.stacks.get(user, [])
        if not stack:
            raise Refused("view_not_found", "this person has no modal open")
        view = self._mine(user, view_id) if view_id else stack[-1]
        cleared = everything or bool(view.given.get("clear_on_close"))
        gone = reversed(stack if cleared else stack[stack.index(view) :])
        payloads = [self._closed(user, each, cleared) for each in gone if each.given.get("notify_on_close")]
        self._core.views.close(view, stack=cleared)
        for payload in payloads:
            # The window is closed whatever the app says; Slack shows no error.
            with contextlib.suppress(Refused):
                await self._core.deliveries.ask("interactive", "view_closed", payload, answers=False)

    async def home(self, user: str, tab: str = "home") -> str:
        """The person looks at the app's Home (or `messages`) tab; the result is the direct conversation."""
        persons.person(self._core, user)
        channel = self._core.workspace.direct(user, self._core.workspace.bot.user)
        view = self._core.views.homes.get(user)
        shown = self._core.views.shown(view) if view and tab == "home" else None
        self._core.feed.home_opened(user, channel, tab, shown)
        return channel.id

    def _mine(self, user: str, view_id: str) -> View:
        persons.person(self._core, user)
        view = self._core.views.of(user, view_id)
        if view is None or view.given["type"] != "modal":
            raise Refused("view_not_found", "this person has no such modal open")
        return view

    def _fill(self, view: View, given: dict[str, dict[str, Any]]) -> None:
        there = {
            (block["block_id"], element["action_id"]): element
            for block, element in usable(view.given["blocks"])
        }
        for block_id, actions in given.items():
            for action_id, value in actions.items():
                element = there.get((block_id, action_id))
                if element is None or element["type"] not in MEMBERS:
                    known = ", ".join(f"{block}.{action}" for block, action in there)
                    raise Refused(
                        "no_such_element", f"the form has no {block_id}.{action_id}; it has: {known}"
                    )
                suggested = self._clicks.known_options(view, block_id, action_id)
                state = entered(element, value, suggested)
                view.state.setdefault(block_id, {})[action_id] = state
        self._core.workspace.changed()

    def _answered(self, view: View, answer: Json) -> Json:
        """What the acknowledgement asks for is done."""
        match answer.get("response_action"):
            case None:
                self._core.views.close(view)
            case "clear":
                self._core.views.close(view, stack=True)
            case "errors":
                return self._refused(view, _checked_errors(view, answer.get("errors")))
            case "update":
                self._core.views.update(view, answer.get("view"))
                return {"closed": False, "errors": {}}
            case "push":
                self._core.views.push(view.user, view.root, answer.get("view"))
                return {"closed": False, "errors": {}}
            case other:
                raise Refused(
                    "invalid_response", f"the bot answered with the unknown response_action {other!r}"
                )
        return {"closed": True, "errors": {}}

    def _refused(self, view: View, errors: dict[str, str]) -> Json:
        view.errors = errors
        self._core.workspace.changed()
        return {"closed": False, "errors": errors}

    def _closed(self, user: str, view: View, cleared: bool) -> Json:
        payload = self._clicks.base("view_closed", user)
        payload.pop("trigger_id")
        return {**payload, "view": self._core.views.shown(view), "is_cleared": cleared}


def _checked_errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.given["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        raise Refused(
            "invalid_response", f"errors must be by block_id of an input; there are: {sorted(inputs)}"
        )
    return {block: str(text) for block, text in errors.items()}
