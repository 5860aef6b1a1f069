"""What GitHub says when it does not do what it was asked."""

from typing import Any


class Refused(Exception):
    """An answer that is not a success: status, message and, for a failed validation, what is wrong where."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: list[Any] | None = None,
        headers: dict[str, str] | None = None,
        about: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers or {}
        self.about = about

    def body(self) -> dict[str, Any]:
        """The JSON that GitHub sends with it."""
        link = self.about or "https://docs.github.com/rest"
        found: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            found["errors"] = self.errors
        return {**found, "documentation_url": link, "status": str(self.status)}


def not_found() -> Refused:
    """There is no such thing, or the caller may not know of it."""
    return Refused(404, "Not Found")


def unprocessable(message: str) -> Refused:
    """It was understood and cannot be done."""
    return Refused(422, message)


def invalid(
    resource: str, field: str | None, code: str, message: str | None = None, value: Any = None
) -> Refused:
    """A failed validation of one field."""
    error: dict[str, Any] = {"resource": resource, "code": code}
    if field:
        error["field"] = field
    if message:
        error["message"] = message
    if value is not None:
        error["value"] = value
    return Refused(422, "Validation Failed", [error])
