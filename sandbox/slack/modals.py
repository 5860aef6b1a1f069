"""Modals and home views: what is open for whom, and in which state.

Rules: https://docs.slack.dev/surfaces/modals
"""

from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import blockkit
from sandbox.slack.blockkit.normal import completed_view
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json
from sandbox.slack.values import initial
from sandbox.slack.workspace import Workspace

STACK = 3
HOME_TITLE = {"type": "plain_text", "text": "View Title", "emoji": True}
MODAL_DEFAULTS: Json = {
    "title": None,
    "close": None,
    "submit": None,
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
    "submit_disabled": False,
}


@dataclass(eq=False)
class View:
    """One view of one person. `given` is what the app sent, `state` what the person has entered."""

    id: str
    user: str
    given: Json
    hash: str
    root: str
    previous: str | None = None
    state: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


class Views:
    """Every open modal, as a stack for each person, and every home view."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def open(self, user: str, given: Any) -> View:
        """A modal is open for the person, on nothing."""
        self._check(given, ("modal",))
        view = self._made(user, given)
        self.stacks[user] = [view]
        self._workspace.changed()
        return view

    def push(self, user: str, root: str | None, given: Any) -> View:
        """A modal lies on the stack that the trigger came from. SlackError not_found, push_limit_reached."""
        self._check(given, ("modal",))
        stack = self.stacks.get(user, [])
        if not stack or stack[0].id != root:
            raise SlackError("not_found")
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        view = self._made(user, given, below=stack[-1])
        stack.append(view)
        self._workspace.changed()
        return view

    def update(self, view: View, given: Any, known_hash: str | None = None) -> View:
        """The view shows this now; what was entered stays where block and action are the same."""
        self._check(given, (view.given["type"],), but=view)
        if known_hash and known_hash != view.hash:
            raise SlackError("hash_conflict")
        view.given = completed_view(given, self._workspace)
        view.hash = self._hash()
        view.state = initial(view.given["blocks"], kept=view.state)
        view.errors = {}
        self._workspace.changed()
        return view

    def publish(self, user: str, given: Any, known_hash: str | None = None) -> View:
        """The person's home view shows this now. SlackError not_enabled, hash_conflict."""
        if not self._workspace.manifest.home_tab:
            raise SlackError("not_enabled")
        self._check(given, ("home",), but=self.homes.get(user))
        if view := self.homes.get(user):
            return self.update(view, given, known_hash)
        self.homes[user] = self._made(user, given)
        self._workspace.changed()
        return self.homes[user]

    def find(self, view_id: str = "", external_id: str = "") -> View:
        """The open view with this id. SlackError not_found."""
        for view in self._all():
            if view_id == view.id or (external_id and external_id == view.given.get("external_id")):
                return view
        raise SlackError("not_found")

    def of(self, user: str, view_id: str) -> View | None:
        """This view, if it is one of the person's."""
        return next((v for v in self._all() if v.id == view_id and v.user == user), None)

    def close(self, view: View, *, stack: bool = False) -> None:
        """The view is closed with what lies on it, or the whole stack."""
        views = self.stacks.get(view.user, [])
        if view not in views:
            return
        kept = [] if stack else views[: views.index(view)]
        if kept:
            self.stacks[view.user] = kept
        else:
            self.stacks.pop(view.user, None)
        self._workspace.changed()

    def shown(self, view: View) -> Json:
        """The view object as Slack gives it to the app."""
        defaults = (
            MODAL_DEFAULTS if view.given["type"] == "modal" else {**MODAL_DEFAULTS, "title": HOME_TITLE}
        )
        return {
            "id": view.id,
            "team_id": self._workspace.team.id,
            **defaults,
            **view.given,
            "state": {"values": view.state},
            "hash": view.hash,
            "root_view_id": view.root,
            "previous_view_id": view.previous,
            "app_id": self._workspace.bot.app,
            "app_installed_team_id": self._workspace.team.id,
            "bot_id": self._workspace.bot.bot,
        }

    def saved(self) -> Json:
        """Every view as JSON values."""
        stacks = {user: [_saved(view) for view in stack] for user, stack in self.stacks.items()}
        return {"stacks": stacks, "homes": {user: _saved(view) for user, view in self.homes.items()}}

    def restore(self, saved: Json) -> None:
        """The views are those that were saved."""
        self.stacks = {user: [View(**row) for row in rows] for user, rows in saved["stacks"].items()}
        self.homes = {user: View(**row) for user, row in saved["homes"].items()}

    def _all(self) -> list[View]:
        return [*(view for stack in self.stacks.values() for view in stack), *self.homes.values()]

    def _made(self, user: str, given: Json, below: View | None = None) -> View:
        view_id = self._workspace.new_id("V")
        view = View(
            id=view_id,
            user=user,
            given=completed_view(given, self._workspace),
            hash=self._hash(),
            root=below.root if below else view_id,
            previous=below.id if below else None,
        )
        view.state = initial(view.given["blocks"])
        return view

    def _check(self, given: Any, kinds: tuple[str, ...], but: View | None = None) -> None:
        if wrong := blockkit.wrong_in_view(given, kinds):
            raise SlackError("invalid_arguments", *wrong)
        if blockkit.too_large(given):
            raise SlackError("view_too_large")
        external = given.get("external_id")
        if external and any(v.given.get("external_id") == external for v in self._all() if v is not but):
            raise SlackError("duplicate_external_id")

    def _hash(self) -> str:
        return f"{int(self._workspace.now())}.{self._workspace.secret(8)}"


def _saved(view: View) -> Json:
    state = {block: dict(actions) for block, actions in view.state.items()}
    return {**vars(view), "state": state}
