"""How a data plane reads a caller: the token, its audience, and the rights in force at this moment."""

from dataclasses import dataclass
from typing import Any

from sandbox.arm.core import Azure
from sandbox.arm.model import Resource
from sandbox.arm.tokens import ENTRA, Keyring, TokenError


@dataclass(frozen=True)
class Visitor:
    """Whose token came in."""

    oid: str
    app_id: str
    issuer: str

    @classmethod
    def of(cls, claims: dict[str, Any]) -> "Visitor":
        """The visitor that a token's claims speak of."""
        return cls(claims["oid"], claims.get("appid", ""), claims["iss"])


class Door:
    """What every data plane asks before it answers."""

    def __init__(self, azure: Azure, keyring: Keyring) -> None:
        self.azure = azure
        self._keyring = keyring

    def visitor(self, token: str, audiences: tuple[str, ...]) -> Visitor | None:
        """Who holds this token; None when it is missing, not good, or meant for another service."""
        try:
            claims = self._keyring.read(self.azure.state, ENTRA, token.strip(), self.azure.now())
        except TokenError:
            return None
        if str(claims.get("aud", "")).rstrip("/") not in audiences:
            return None
        return Visitor.of(claims)

    def allows(self, visitor: Visitor, action: str, scope: str, *, data: bool = True) -> bool:
        """Whether this visitor may take the action on the scope now."""
        return self.azure.access.judge(visitor.oid, action, scope, data=data).allowed

    def named(self, kind: str, name: str) -> Resource | None:
        """The resource of this type and name, wherever it is: such names are unique in all Azure."""
        for found in self.azure.state.resources.values():
            if found.type.lower() == kind.lower() and found.name.lower() == name.lower():
                return found
        return None


def bearer(header: str) -> str:
    """The token in an Authorization header."""
    scheme, _, token = header.partition(" ")
    return token if scheme.lower() == "bearer" else ""
