"""How Argo CD says no: gRPC codes behind HTTP."""

from typing import Any

STATUSES = {3: 400, 5: 404, 7: 403, 9: 400, 13: 500, 16: 401}


class Refused(Exception):
    """An answer that is not a success, with its gRPC code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status that the gateway makes of the code."""
        return STATUSES[self.code]

    def body(self) -> dict[str, Any]:
        """The JSON that Argo CD sends with it."""
        return {"error": self.message, "code": self.code, "message": self.message}


def invalid(message: str) -> Refused:
    """The request makes no sense as it is."""
    return Refused(3, message)


def failed_precondition(message: str) -> Refused:
    """Things are not such that it could be done."""
    return Refused(9, message)


def denied(message: str = "permission denied") -> Refused:
    """The caller may not, or may not know whether the thing exists."""
    return Refused(7, message)
