"""views.*: modals and home views."""

from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.methods.arguments import Arguments
from sandbox.slack.modals import View
from sandbox.slack.model import Json


def open_modal(core: Core, given: Arguments) -> Json:
    """views.open: a modal for whoever clicked, within 3 s and once."""
    view = given.value("view", "invalid_arguments")
    trigger = core.passes.valid(_trigger_id(given))
    opened = core.views.open(trigger.user, view)
    trigger.used = True
    return _shown(core, opened)


def push(core: Core, given: Arguments) -> Json:
    """views.push: a modal on top of the one that was clicked in."""
    view = given.value("view", "invalid_arguments")
    trigger = core.passes.valid(_trigger_id(given))
    pushed = core.views.push(trigger.user, trigger.root, view)
    trigger.used = True
    return _shown(core, pushed)


def update(core: Core, given: Arguments) -> Json:
    """views.update: other content in an open view; with `hash` only if nothing changed it meanwhile."""
    view_id, external_id = given.text("view_id"), given.text("external_id")
    if not view_id and not external_id:
        raise SlackError("invalid_arguments", "either `view_id` or `external_id` is required")
    found = core.views.find(view_id, external_id)
    view = given.value("view", "invalid_arguments")
    return _shown(core, core.views.update(found, view, given.text("hash") or None))


def publish(core: Core, given: Arguments) -> Json:
    """views.publish: what one person sees on the app's Home tab."""
    user = core.workspace.person(given.needed("user_id"))
    view = given.value("view", "invalid_arguments")
    return _shown(core, core.views.publish(user.id, view, given.text("hash") or None))


def _trigger_id(given: Arguments) -> str:
    return given.text("trigger_id") or given.needed("interactivity_pointer")


def _shown(core: Core, view: View) -> Json:
    return {"view": core.views.shown(view)}
