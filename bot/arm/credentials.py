"""Federated identity credentials: read and ensured, one write of an identity at a time (azure.md 0.2)."""

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.msi.v2024_11_30.models import FederatedIdentityCredential

from bot.arm.client import Connection
from bot.arm.errors import refusal_in
from bot.domain.observed import CredentialSeen
from bot.domain.plan import EnsureCredential
from bot.domain.spec import IdentityRef
from bot.errors import NeedsOperator, Obstacle, TryLater

# Of a duplicate there is no code of its own: 400 in the documents, 409 `Conflict` as seen (azure.md 1.3).
DUPLICATE = "issuer and subject combination already exists"
UNREADY = 2.0


async def read_credentials(azure: Connection, ref: IdentityRef) -> tuple[CredentialSeen, ...]:
    """The identity's credentials by name; none when there is no identity."""
    async with azure.call(f"Reading the credentials of {ref.name}"):
        return await _read(azure, ref)


async def ensure_credential(azure: Connection, step: EnsureCredential) -> dict[str, str]:
    """The identity trusts the issuer and subject; the credential's name may be another than planned."""
    ref = step.identity
    body = FederatedIdentityCredential(issuer=step.issuer, subject=step.subject, audiences=[step.audience])
    async with azure.call(f"Making the credential for {step.subject}"):
        try:
            made = await azure.identities(ref.subscription).federated_identity_credentials.create_or_update(
                ref.resource_group, ref.name, step.name, body
            )
            return {"name": made.name or step.name}
        except HttpResponseError as error:
            if DUPLICATE not in refusal_in(error).message.casefold():
                raise
        return {"name": _same_trust(step, await _read(azure, ref))}


async def _read(azure: Connection, ref: IdentityRef) -> tuple[CredentialSeen, ...]:
    listed = azure.identities(ref.subscription).federated_identity_credentials.list(
        ref.resource_group, ref.name
    )
    try:
        return tuple(sorted([_seen(found) async for found in listed], key=lambda c: c.name))
    except ResourceNotFoundError as error:
        if refusal_in(error).code == "ResourceGroupNotFound":
            raise
        return ()


def _same_trust(step: EnsureCredential, credentials: tuple[CredentialSeen, ...]) -> str:
    """The name of the credential that trusts the same issuer and subject already."""
    for found in credentials:
        if (found.issuer, found.subject) != (step.issuer, step.subject):
            continue
        if found.audiences == (step.audience,):
            return found.name
        raise NeedsOperator(
            f"The credential {found.name} trusts {step.subject} for another audience "
            f"({', '.join(found.audiences)}).",
            f"Remove it, or change its audience to {step.audience}; then retry.",
            Obstacle.FOREIGN,
        )
    raise TryLater(f"A credential for {step.subject} is just being made or removed.", UNREADY)


def _seen(found: FederatedIdentityCredential) -> CredentialSeen:
    return CredentialSeen(
        name=found.name or "",
        issuer=found.issuer or "",
        subject=found.subject or "",
        audiences=tuple(found.audiences or ()),
    )
