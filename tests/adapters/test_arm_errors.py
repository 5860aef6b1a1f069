"""Azure's refusals as the bot says them: what it does next, and what a person must do."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from azure_bench import SECRETS_USER, VAULT, Bench, assignment_step, bench, credential_step, identity_step

from bot.arm.errors import Refusal, judged
from bot.errors import NeedsOperator, Obstacle, TryLater

RECORDED = Path(__file__).parents[2].parent / "shared" / "data" / "azure" / "ERRORS_verbatim.json"
IDENTITIES = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
ASSIGNMENTS = "/providers/Microsoft.Authorization/roleAssignments"


@pytest.fixture
async def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with bench(tmp_path, monkeypatch) as one:
        yield one


async def later(azure: Bench) -> TryLater:
    with pytest.raises(TryLater) as told:
        await azure.arm.ensure_identity(identity_step())
    return told.value


async def operator(azure: Bench) -> NeedsOperator:
    with pytest.raises(NeedsOperator) as told:
        await azure.arm.ensure_identity(identity_step())
    assert told.value.remedy
    return told.value


async def test_a_throttle_is_waited_for_as_long_as_the_service_says(azure: Bench) -> None:
    azure.refuse("PUT", IDENTITIES, 429, "TooManyRequests", headers={"Retry-After": "17"})
    assert (await later(azure)).after == 17


async def test_a_throttle_that_names_its_delay_only_in_words_is_waited_for_as_long(azure: Bench) -> None:
    words = "exceeded the backend storage limit. Please try again after '6' seconds."
    azure.refuse("PUT", IDENTITIES, 429, "SubscriptionRequestsThrottled", words)
    assert (await later(azure)).after == 6


@pytest.mark.parametrize("status", [408, 409, 412, 500, 502, 503, 504])
async def test_what_passes_by_itself_is_tried_later_after_one_request(azure: Bench, status: int) -> None:
    azure.refuse("PUT", IDENTITIES, status, "Whatever", times=0)
    assert (await later(azure)).after > 0
    assert len(azure.requests) == 1


async def test_a_principal_that_is_not_replicated_yet_is_tried_later(azure: Bench) -> None:
    made = await azure.arm.ensure_identity(identity_step())
    azure.refuse("PUT", ASSIGNMENTS, 400, "PrincipalNotFound")
    with pytest.raises(TryLater, match="not known everywhere"):
        await azure.arm.ensure_role_assignment(assignment_step(), made["principal_id"], "")


@pytest.mark.parametrize("status", [400, 409])
async def test_a_duplicate_trust_that_is_not_listed_yet_is_tried_later(azure: Bench, status: int) -> None:
    await azure.arm.ensure_identity(identity_step())
    words = "Issuer and subject combination already exists for this Managed Identity."
    azure.refuse("PUT", "federatedIdentityCredentials", status, "Conflict", words)
    with pytest.raises(TryLater, match="just being made"):
        await azure.arm.ensure_credential(credential_step())


async def test_a_missing_right_names_the_role_that_gives_it_and_where(azure: Bench) -> None:
    azure.azure.azure.state.assignments.clear()
    azure.azure.azure.state._held.clear()
    told = await operator(azure)
    assert told.obstacle is Obstacle.NO_RIGHT
    assert "userAssignedIdentities/write" in told.problem
    assert "Managed Identity Contributor on resourceGroups/rg-identities-prod" in told.remedy


async def test_a_role_outside_the_bots_own_condition_says_so(azure: Bench) -> None:
    words = (
        "The client 'x' with object id 'y' does not have authorization or an ABAC condition not fulfilled to "
        "perform action 'Microsoft.Authorization/roleAssignments/write' over scope '/subscriptions/s/"
        "resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/providers/Microsoft.Authorization/"
        "roleAssignments/1' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials."
    )
    told = judged(Refusal(403, "AuthorizationFailed", words), "Giving a role")
    assert isinstance(told, NeedsOperator)
    assert told.obstacle is Obstacle.NO_RIGHT
    assert "Role Based Access Control Administrator" in told.remedy
    assert "widen the condition" in told.remedy


async def test_a_policy_is_named_by_its_assignment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = {
        "name": "allowed-regions",
        "display": "Allowed regions",
        "scope": "shop-production/rg-identities-prod",
        "condition": {"field": "location", "notIn": ["northeurope"]},
        "effect": "deny",
    }
    async with bench(tmp_path, monkeypatch, {"policies": [policy]}) as azure:
        told = await operator(azure)
    assert told.obstacle is Obstacle.DENIED_BY_POLICY
    assert "Azure Policy Allowed regions forbids it" in told.problem


async def test_a_lock_is_named_with_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = {"name": "frozen", "scope": "shop-production/rg-identities-prod", "level": "ReadOnly"}
    async with bench(tmp_path, monkeypatch, {"locks": [lock]}) as azure:
        told = await operator(azure)
    assert told.obstacle is Obstacle.LOCKED
    assert "rg-identities-prod" in told.problem


async def test_a_deny_assignment_is_told_from_a_missing_right(azure: Bench) -> None:
    words = (
        "The client 'x' with object id 'y' has permission to perform action 'a/write' on scope 's'; "
        "however, the access is denied because of the deny assignment with name 'Managed app' and Id '1' "
        "at scope '/s'."
    )
    azure.refuse("PUT", IDENTITIES, 403, "DenyAssignmentAuthorizationFailed", words)
    told = await operator(azure)
    assert told.obstacle is Obstacle.DENY_ASSIGNMENT
    assert "the deny assignment Managed app" in told.problem


@pytest.mark.parametrize(
    ("status", "code", "obstacle"),
    [
        (400, "RoleAssignmentLimitExceeded", Obstacle.QUOTA),
        (409, "MissingSubscriptionRegistration", Obstacle.MISCONFIGURED),
        (409, "InvalidResourceLocation", Obstacle.MISCONFIGURED),
        (404, "SubscriptionNotFound", Obstacle.MISCONFIGURED),
        (401, "InvalidAuthenticationTokenTenant", Obstacle.MISCONFIGURED),
        (400, "UnmatchedPrincipalType", Obstacle.MISCONFIGURED),
        (405, "BadRequest", Obstacle.MISCONFIGURED),
        (403, "SomethingNew", Obstacle.NO_RIGHT),
        (404, "SomethingNew", Obstacle.NOT_VISIBLE),
        (400, "SomethingNew", Obstacle.UNEXPECTED),
    ],
)
async def test_what_a_person_must_mend_is_told_apart_by_its_code(
    azure: Bench, status: int, code: str, obstacle: Obstacle
) -> None:
    azure.refuse("PUT", IDENTITIES, status, code, times=0)
    assert (await operator(azure)).obstacle is obstacle


async def test_an_error_without_arms_envelope_is_read_too(azure: Bench) -> None:
    azure.fault(
        "PUT", IDENTITIES, action="answer", status=412, body={"code": "PreconditionFailed", "message": "busy"}
    )
    assert "PreconditionFailed" in str(await later(azure))


async def test_an_answer_that_is_no_json_is_tried_later(azure: Bench) -> None:
    azure.fault("PUT", IDENTITIES, action="answer", status=502, body="<html>Bad gateway</html>")
    assert (await later(azure)).after > 0


async def test_no_token_needs_an_operator(azure: Bench) -> None:
    azure.world.faults.order(
        service="identity", method="GET", path="/token", action="answer", status=400, times=0,
        body={"statusCode": 400, "message": "no identity"},
    )  # fmt: skip
    told = await operator(azure)
    assert told.obstacle is Obstacle.MISCONFIGURED
    assert "bot check" in told.remedy


async def test_a_token_endpoint_that_is_busy_is_tried_later(azure: Bench) -> None:
    azure.world.faults.order(
        service="identity",
        method="GET",
        path="/token",
        action="answer",
        status=503,
        times=0,
        body={"message": "busy"},
    )
    await later(azure)


def recordings() -> list[dict[str, Any]]:
    if not RECORDED.exists():
        return []
    return [entry for entry in json.loads(RECORDED.read_text()) if entry["response_body"]]


@pytest.mark.skipif(
    not RECORDED.exists(), reason="the recordings of Azure's errors are not beside the project"
)
def test_every_recorded_error_of_azure_is_told_with_what_to_do() -> None:
    kinds: dict[str, str] = {}
    for entry in recordings():
        body = json.loads(entry["response_body"])
        inner = body.get("error", body)
        refusal = Refusal(entry["status"], inner["code"], inner["message"], headers=entry["response_headers"])
        told = judged(refusal, "Doing it")
        assert isinstance(told, TryLater | NeedsOperator)
        kinds[entry["code"]] = told.obstacle if isinstance(told, NeedsOperator) else "later"
    assert kinds.items() >= {
        ("PrincipalNotFound", "later"),
        ("SubscriptionRequestsThrottled", "later"),
        ("AuthorizationFailed", Obstacle.NO_RIGHT),
        ("MissingSubscriptionRegistration", Obstacle.MISCONFIGURED),
        ("ResourceGroupNotFound", Obstacle.MISCONFIGURED),
        ("ResourceNotFound", Obstacle.NOT_VISIBLE),
    }


async def test_a_role_given_already_that_no_list_shows_yet_is_tried_later(azure: Bench) -> None:
    made = await azure.arm.ensure_identity(identity_step())
    azure.refuse("PUT", ASSIGNMENTS, 409, "RoleAssignmentExists")
    with pytest.raises(TryLater, match="not listed yet"):
        await azure.arm.ensure_role_assignment(assignment_step(), made["principal_id"], "")
    azure.somebody_assigns(VAULT.id, SECRETS_USER, made["principal_id"])
    assert (await azure.arm.ensure_role_assignment(assignment_step(), made["principal_id"], ""))["id"]
