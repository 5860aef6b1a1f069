"""What Slack hands out for a short while: trigger ids and response URLs."""

from dataclasses import dataclass

from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json
from sandbox.slack.workspace import Workspace

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSES = 5
# How long a used or late trigger is remembered, to tell it from one that never was.
REMEMBERED_SECONDS = 3600.0


@dataclass
class Trigger:
    """A click of `user` that one view may answer; `root` is the modal it happened in."""

    user: str
    at: float
    root: str | None = None
    used: bool = False


@dataclass
class Hook:
    """Where answers to one command or click go. `ts` is the message that was clicked."""

    user: str
    channel: str
    at: float
    ts: str | None = None
    thread_ts: str | None = None
    left: int = RESPONSES


class Passes:
    """Trigger ids last 3 s and open one view; response URLs last 30 minutes and take five answers."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._triggers: dict[str, Trigger] = {}
        self._hooks: dict[str, Hook] = {}

    def trigger(self, user: str, root: str | None = None) -> str:
        """A new trigger id of this person's click."""
        now = self._workspace.now()
        for name in [n for n, t in self._triggers.items() if t.at < now - REMEMBERED_SECONDS]:
            del self._triggers[name]
        micros = int(now * 1_000_000)
        trigger_id = f"{micros}.{self._workspace.rng.randrange(10**10)}.{self._workspace.secret(32)}"
        self._triggers[trigger_id] = Trigger(user, now, root)
        return trigger_id

    def valid(self, trigger_id: str) -> Trigger:
        """The trigger, to be marked used. SlackError invalid_trigger_id, expired_trigger_id, exchanged_…"""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if self._workspace.now() - trigger.at > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        return trigger

    def hook(self, user: str, channel: str, ts: str | None = None, thread_ts: str | None = None) -> str:
        """The word that ends a new response URL."""
        now = self._workspace.now()
        for name in [n for n, h in self._hooks.items() if h.at < now - RESPONSE_SECONDS]:
            del self._hooks[name]
        word = self._workspace.secret(24)
        self._hooks[word] = Hook(user, channel, now, ts, thread_ts)
        return word

    def answer(self, word: str) -> Hook:
        """The response URL's place, one answer used up. SlackError expired_url, used_url."""
        hook = self._hooks.get(word)
        if hook is None or self._workspace.now() - hook.at > RESPONSE_SECONDS:
            raise SlackError("expired_url")
        if hook.left <= 0:
            raise SlackError("used_url")
        hook.left -= 1
        return hook

    def saved(self) -> Json:
        """The response URLs as JSON values; no trigger outlives a restart."""
        return {word: dict(vars(hook)) for word, hook in self._hooks.items()}

    def restore(self, saved: Json) -> None:
        """These response URLs work."""
        self._triggers.clear()
        self._hooks = {word: Hook(**row) for word, row in saved.items()}
