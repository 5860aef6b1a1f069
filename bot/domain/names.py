"""Every name is derived, so that an object made before a crash is found again after it."""

import hashlib
import re
import uuid

from bot.domain.spec import Workload

ASSIGNMENTS = uuid.UUID("7f0e6a52-6c3b-5b0e-9a41-3a6f1c1f2d10")
IDENTITY_LENGTH = 128  # Microsoft.ManagedIdentity/userAssignedIdentities: 3-128 (resource-name-rules)
CREDENTIAL_LENGTH = 120  # federatedIdentityCredentials: ^[a-zA-Z0-9][a-zA-Z0-9-_]{2,119}$


def request_id(channel: str, ts: str) -> str:
    """The id of the request that began with this message: twelve hexadecimal digits after `r-`.

    The same message, delivered twice, names the same request.
    """
    return "r-" + _hash(channel, ts)[:12]


def message_key(channel: str, ts: str) -> str:
    """The key under which a message counts as seen, however often and as whatever event Slack sends it."""
    return f"msg:{channel}:{ts}"


def identity(workload: Workload, environment: str) -> str:
    """The name of a workload's own identity, one for each environment: `id-payments-api-prod`."""
    own, space = workload.service_account, workload.namespace
    stem = own if own.startswith(space) else f"{space}-{own}"
    return _fitted(_plain(f"id-{stem}-{environment}"), IDENTITY_LENGTH)


def credential(workload: Workload, issuer: str) -> str:
    """The name of the credential for one workload and one issuer.

    It holds a hash of the issuer: a rebuilt cluster's credential stands beside the old one.
    """
    tail = _hash(issuer, workload.subject)[:8]
    return f"{_fitted(_plain(workload.key.replace('/', '-')), CREDENTIAL_LENGTH - 9)}-{tail}"


def assignment(scope: str, role_id: str, principal_id: str) -> str:
    """The GUID of the role assignment for this scope, role and principal, whatever their case."""
    return str(uuid.uuid5(ASSIGNMENTS, "|".join((scope, role_id, principal_id)).casefold()))


def branch(workload: Workload, request: str) -> str:
    """The branch of a request's proposal."""
    return f"azure-identity/{_fitted(_plain(workload.key.replace('/', '-')), 80)}-{request}"


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", text).strip("-")


def _fitted(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return f"{text[: length - 9].rstrip('-')}-{_hash(text)[:8]}"


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
