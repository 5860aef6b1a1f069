"""Refusals of a token, each with its AADSTS code."""


class EntraError(Exception):
    """A token is refused, with an AADSTS code."""

    def __init__(self, code: int, message: str, error: str = "invalid_request", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.error = error
        self.status = status


def no_proof(code: int, message: str) -> EntraError:
    """The client does not prove who it is: 401 `invalid_client`, as Entra has answered since 2023."""
    return EntraError(code, message, "invalid_client", 401)
