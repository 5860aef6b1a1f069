"""Azure's refusals in the bot's words: told apart by status and code, by text where Azure has no code."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.identity import CredentialUnavailableError

from bot.errors import BotError, NeedsOperator, Obstacle, TryLater

BUSY = 5.0
"""Seconds after which a failure without a delay of its own is tried again."""
CREDENTIAL_PAUSE = 4.0
"""One identity takes a write every four seconds (azure.md 1.8)."""
LONGEST = 300.0

ROLE_ADMINISTRATOR = "Role Based Access Control Administrator (with its condition)"
ROLE_FOR = (
    ("microsoft.authorization/roleassignments/", ROLE_ADMINISTRATOR),
    ("microsoft.managedidentity/", "Managed Identity Contributor"),
    ("microsoft.documentdb/databaseaccounts/sqlrole", "the custom Cosmos DB role of docs/permissions.md"),
    ("", "Reader"),
)


@dataclass(frozen=True)
class Refusal:
    """What an answer of Azure says about why not; `code` is empty when the body has none."""

    status: int
    code: str = ""
    message: str = ""
    info: tuple[Mapping[str, Any], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def retry_after(self) -> float | None:
        """The delay that the service asks for, in seconds; some 429s say it only in words (azure.md 1.8)."""
        stated = self.headers.get("retry-after", "")
        if not stated and self.status == 429:
            words = re.search(r"(?:try again|retry) after '?(\d+)'? second", self.message, re.IGNORECASE)
            stated = words[1] if words else ""
        return min(float(stated), LONGEST) if re.fullmatch(r"\d+(\.\d+)?", stated) else None


@asynccontextmanager
async def translated(doing: str) -> AsyncIterator[None]:
    """What Azure's SDK raises inside is raised as TryLater or NeedsOperator; `doing` begins its sentence."""
    try:
        yield
    except TimeoutError as error:
        raise TryLater(f"{doing}: Azure gave no answer in time.", BUSY) from error
    except AzureError as error:
        raise explained(error, doing) from error


def refusal_in(error: HttpResponseError) -> Refusal:
    """What the answer behind an exception says, with or without ARM's `error` envelope (azure.md 1.6)."""
    response: Any = error.response
    try:
        body = json.loads(response.text()) if response is not None else {}
    except ValueError:
        body = {}
    inner = body.get("error", body) if isinstance(body, dict) else {}
    inner = inner if isinstance(inner, dict) else {}
    more = inner.get("additionalInfo") or []
    return Refusal(
        status=error.status_code or 0,
        code=str(inner.get("code") or ""),
        message=str(inner.get("message") or ""),
        info=tuple(i["info"] for i in more if isinstance(i, dict) and isinstance(i.get("info"), dict)),
        headers={k.lower(): v for k, v in response.headers.items()} if response is not None else {},
    )


def explained(error: AzureError, doing: str) -> BotError:
    """The error of ours that says what happens next."""
    if isinstance(error, CredentialUnavailableError):
        return _no_token(doing, "no way to get a token is set up here")
    if isinstance(error, ClientAuthenticationError) and not _from_arm(error):
        return _token_refused(error, doing)
    if isinstance(error, HttpResponseError) and error.status_code:
        return judged(refusal_in(error), doing)
    return TryLater(f"{doing}: Azure could not be reached.", BUSY)


def judged(refusal: Refusal, doing: str) -> BotError:
    """The error of ours for one refusal."""
    if refusal.code in LATER:
        return TryLater(f"{doing}: {LATER[refusal.code][1]}", refusal.retry_after or LATER[refusal.code][0])
    if told := _by_code(refusal, doing):
        return told
    if refusal.status in (408, 409, 412, 423, 429) or refusal.status >= 500:
        said = refusal.code or f"status {refusal.status}"
        return TryLater(f"{doing}: Azure asks to wait ({said}).", refusal.retry_after or BUSY)
    return _by_status(refusal, doing)


LATER = {
    "PrincipalNotFound": (BUSY, "the new identity is not known everywhere in Entra yet."),
    "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity": (
        CREDENTIAL_PAUSE,
        "another credential of this identity is being written.",
    ),
    "ExpiredAuthenticationToken": (1.0, "the access token had just expired."),
}


def _by_code(refusal: Refusal, doing: str) -> BotError | None:
    match refusal.code:
        case "AuthorizationFailed" | "LinkedAuthorizationFailed":
            return _no_right(refusal, doing)
        case "RequestDisallowedByPolicy":
            return _policy(refusal, doing)
        case "DenyAssignmentAuthorizationFailed":
            return NeedsOperator(
                f"{doing}: {_deny_name(refusal)} forbids it.",
                "No role overrides a deny assignment. Its owner (a managed application, a deployment stack "
                "or a blueprint) must except the bot's identity.",
                Obstacle.DENY_ASSIGNMENT,
            )
        case "ScopeLocked":
            return NeedsOperator(
                f"{doing}: a lock stands on {_quoted_last(refusal.message)}.",
                "Remove the lock, or ask whoever set it, and then retry.",
                Obstacle.LOCKED,
            )
        case "RoleAssignmentLimitExceeded":
            return NeedsOperator(
                f"{doing}: the subscription holds as many role assignments as it can.",
                "Remove assignments of identities that were deleted, or have the limit raised.",
                Obstacle.QUOTA,
            )
        case _:
            return _misconfigured(refusal, doing)


MISCONFIGURED = {
    "MissingSubscriptionRegistration": (
        "the subscription is not registered for this kind of resource.",
        "An owner must register the resource provider in the subscription (az provider register).",
    ),
    "SubscriptionNotFound": (
        "the subscription is not there, or the bot cannot see it.",
        "Correct the subscription in the catalog, or give the bot's identity Reader on it.",
    ),
    "ResourceGroupNotFound": (
        "the resource group is not there.",
        "Create it, or correct its name in the catalog.",
    ),
    "InvalidResourceLocation": (
        "it exists already in another region.",
        "Correct the region in the catalog, or remove what stands there.",
    ),
    "ReadOnlyDisabledSubscription": ("the subscription is disabled.", "Enable the subscription."),
    "RoleDefinitionDoesNotExist": (
        "Azure knows no such role here.",
        "Correct the role's GUID, or make a custom role assignable at this scope.",
    ),
    "InvalidAuthenticationTokenTenant": (
        "the bot's token is of another tenant than the subscription.",
        "Correct the tenant of the cluster or of the subscription in the catalog.",
    ),
    "UnmatchedPrincipalType": (
        "the principal is no managed identity.",
        "Somebody else's object has this principal id: look at the identity in Azure.",
    ),
}


def _misconfigured(refusal: Refusal, doing: str) -> BotError | None:
    if refusal.code not in MISCONFIGURED:
        return None
    problem, remedy = MISCONFIGURED[refusal.code]
    return NeedsOperator(f"{doing}: {problem}", remedy, Obstacle.MISCONFIGURED)


def _by_status(refusal: Refusal, doing: str) -> BotError:
    said = refusal.message or refusal.code or f"status {refusal.status}"
    match refusal.status:
        case 401:
            return _no_token(doing, f"Azure does not accept the bot's token ({refusal.code or 401})")
        case 403:
            remedy = "Give the bot's identity the rights of docs/permissions.md."
            return NeedsOperator(f"{doing}: {said}", remedy, Obstacle.NO_RIGHT)
        case 404:
            return NeedsOperator(
                f"{doing}: {said}",
                "It is not there, or the bot cannot see it: look in the portal, and at the bot's rights.",
                Obstacle.NOT_VISIBLE,
            )
        case 405:
            return NeedsOperator(f"{doing}: {said}", "Use a region that supports it.", Obstacle.MISCONFIGURED)
        case _:
            return NeedsOperator(
                f"{doing}: Azure refuses: {said}",
                "This is not known to the bot: read Azure's words, mend what they name, then retry.",
                Obstacle.UNEXPECTED,
            )


def _no_right(refusal: Refusal, doing: str) -> NeedsOperator:
    # The action and the scope stand nowhere but in the message (azure.md 1.4).
    action = _found(r"perform action '([^']+)'", refusal.message) or "this action"
    scope = _found(r"over scope '([^']+)'", refusal.message) or "the resource"
    role = next(name for start, name in ROLE_FOR if action.casefold().startswith(start))
    remedy = f"Give the bot's identity {role} on {_shorter(scope)}"
    if "ABAC condition" in refusal.message:
        remedy += ", or widen the condition of the one that it has, so that this role may be assigned"
    problem = f"{doing}: the bot may not do {action}."
    return NeedsOperator(problem, f"{remedy}, then retry.", Obstacle.NO_RIGHT)


def _policy(refusal: Refusal, doing: str) -> NeedsOperator:
    info = refusal.info[0] if refusal.info else {}
    names = ("policyAssignmentDisplayName", "policyAssignmentName", "policyDefinitionDisplayName")
    name = next((str(info[n]) for n in names if info.get(n)), "") or _found(
        r'"policyAssignment":\{"name":"([^"]+)"', refusal.message
    )
    return NeedsOperator(
        f"{doing}: Azure Policy {name or '(not named)'} forbids it.",
        "Its owner must except it or change it, or the request must be changed so that it complies.",
        Obstacle.DENIED_BY_POLICY,
    )


def _deny_name(refusal: Refusal) -> str:
    name = _found(r"deny assignment with name '([^']+)'", refusal.message)
    return f"the deny assignment {name}" if name else "a deny assignment"


def _quoted_last(message: str) -> str:
    quoted = re.findall(r"'([^']*)'", message)
    return _shorter(quoted[-1]) if quoted else "it or on something around it"


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""


def _shorter(scope: str) -> str:
    """The scope without what every resource id has."""
    return re.sub(r"^/subscriptions/[^/]+/(?=resourcegroups/)", "", scope, flags=re.IGNORECASE)


def _from_arm(error: ClientAuthenticationError) -> bool:
    """Whether an ARM call was answered 401, and not the call for a token."""
    return error.status_code == 401 and "/oauth2/" not in str(getattr(error.response, "request", ""))


def _token_refused(error: ClientAuthenticationError, doing: str) -> BotError:
    status = error.status_code or 0
    if status in (408, 429) or status >= 500:
        return TryLater(f"{doing}: Entra is busy.", BUSY)
    code = _found(r"(AADSTS\d+)", str(error))
    return _no_token(doing, f"Entra gives the bot no token ({code or 'no reason given'})")


def _no_token(doing: str, why: str) -> NeedsOperator:
    return NeedsOperator(
        f"{doing}: {why}.",
        "Run `python -m bot check`; see the bot's own workload identity in docs/permissions.md.",
        Obstacle.MISCONFIGURED,
    )
