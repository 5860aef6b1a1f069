"""What Slack says no with: to the app as an error code, to a person as a refusal."""

from typing import Any


class SlackError(Exception):
    """A Web API call that Slack refuses; it is answered with `ok: false` and this code.

    `messages` become `response_metadata.messages`, `extra` further members of the answer.
    """

    def __init__(self, code: str, *messages: str, **extra: Any) -> None:
        super().__init__(code, *messages)
        self.code = code
        self.messages = messages
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The answer as Slack gives it."""
        answer: dict[str, Any] = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            if self.code == "invalid_blocks":
                answer["errors"] = list(self.messages)
            answer["response_metadata"] = {"messages": [f"[ERROR] {text}" for text in self.messages]}
        return answer


class Refused(Exception):
    """Something a person tries that Slack, or their Slack client, does not let them do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
