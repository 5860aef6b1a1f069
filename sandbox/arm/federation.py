"""Federated tokens against federated credentials, byte by byte as Entra compares them."""

from datetime import UTC, datetime
from typing import Any

from sandbox.arm import credentials, flexible
from sandbox.arm.aadsts import EntraError, no_proof
from sandbox.arm.clusters import Clusters
from sandbox.arm.core import Azure
from sandbox.arm.model import Principal, Resource
from sandbox.arm.tokens import Keyring, TokenError, unverified

SKEW = 300
ADVICE = (
    "Please check your federated identity credential Subject, Audience and Issuer against the presented "
    "assertion. "
    "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
)


def prove(azure: Azure, keyring: Keyring, clusters: Clusters, client: Principal, assertion: str) -> None:
    """Return if this token proves the client's identity; EntraError, with the code that says why, if not."""
    try:
        claims = unverified(assertion)
    except TokenError as error:
        raise no_proof(50027, "JWT token is invalid or malformed.") from error
    _match(client, claims, _effective(azure, client))
    _check_signature(azure, keyring, clusters, claims, assertion)
    _check_time(azure, claims)


def _effective(azure: Azure, client: Principal) -> list[Resource]:
    if not client.resource:
        own = (Resource(c["id"], credentials.TYPE, c["name"], properties=c) for c in client.federated)
        return list(own)
    late = azure.options.credential_effect
    return [
        c for c in azure.state.below(client.resource, credentials.TYPE) if c.changed + late <= azure.now()
    ]


def _match(client: Principal, claims: dict[str, Any], known: list[Resource]) -> None:
    if not known:
        raise no_proof(
            70025,
            f"The client '{client.app_id}'({client.name}) has no configured federated identity credentials.",
        )
    issuer, subject, audience = claims.get("iss"), claims.get("sub"), claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    trusted = [c for c in known if c.properties["issuer"] == issuer]
    if not trusted:
        raise _no_record(700211, "issuer", issuer)
    named = [c for c in trusted if _is_subject(c, claims)]
    if not named:
        near = any(str(c.properties.get("subject", "")).lower() == str(subject).lower() for c in trusted)
        if near:
            raise _no_record(
                7002138,
                "subject",
                subject,
                " The subject matches with case-insensitive comparison, but not with case-sensitive "
                "comparison.",
            )
        raise _no_record(700213, "subject", subject)
    if not any(c.properties["audiences"][0] in audiences for c in named):
        raise _no_record(700212, "audience", audiences[0])


def _is_subject(credential: Resource, claims: dict[str, Any]) -> bool:
    expression = credential.properties.get("claimsMatchingExpression")
    if expression:
        return flexible.matches(str(expression.get("value", "")), claims)
    return bool(credential.properties["subject"] == claims.get("sub"))


def _check_signature(
    azure: Azure, keyring: Keyring, clusters: Clusters, claims: dict[str, Any], token: str
) -> None:
    cluster = clusters.trusted(claims["iss"])
    if cluster is None:
        raise no_proof(501661, "Request to External OIDC endpoint failed.")
    try:
        keyring.read(azure.state, cluster.hidden["issuer"], token, 0)
    except TokenError as error:
        raise no_proof(
            700027,
            "Client assertion failed signature validation. [Reason - The key was not found.]",
        ) from error


def _check_time(azure: Azure, claims: dict[str, Any]) -> None:
    now, begins, ends = azure.now(), claims.get("nbf", claims.get("iat", 0)), claims.get("exp", 0)
    if begins - SKEW <= now < ends + SKEW:
        return
    current, start, end = (
        f"{datetime.fromtimestamp(t, UTC):%Y-%m-%dT%H:%M:%S}.0000000Z" for t in (now, begins, ends)
    )
    raise no_proof(
        700024,
        f"Client assertion is not within its valid time range. Current time: {current}, assertion valid from "
        f"{start}, "
        f"expiry time of assertion {end}. Review the documentation at "
        "https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
    )


def _no_record(code: int, what: str, value: object, more: str = "") -> EntraError:
    return no_proof(
        code,
        f"No matching federated identity record found for presented assertion {what} '{value}'.{more} "
        f"{ADVICE}",
    )
