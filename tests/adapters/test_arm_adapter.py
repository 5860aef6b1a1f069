"""What the bot ensures and reads in Azure, through the real SDK, against the sandbox."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from azure_bench import (
    BOT,
    PLACE,
    PRODUCTION,
    REF,
    SECRETS_USER,
    TENANT,
    VAULT,
    Bench,
    assignment_step,
    bench,
    credential_step,
    identity_step,
)

from bot.domain.catalog import Cluster
from bot.domain.spec import Scope, ScopeKind
from bot.errors import NeedsOperator, Obstacle, TryLater

PROVIDER = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities"


@pytest.fixture
async def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with bench(tmp_path, monkeypatch) as one:
        yield one


def cluster(**changes: object) -> Cluster:
    values = {
        "name": "prod-weu",
        "environment": "prod",
        "tenant": "shop",
        "subscription": PRODUCTION,
        "resource_group": "rg-aks-prod",
        "region": "westeurope",
        "issuer": "https://issuer.test/",
        "identities": PLACE,
        "repository": "shop/gitops",
        "paths": ("apps/{service_account}",),
        "approvers": {"people": ["U0ANN"]},
    }
    return Cluster.model_validate(values | changes)


async def test_an_identity_that_is_not_there_is_seen_as_nothing_and_then_as_it_was_made(azure: Bench) -> None:
    assert await azure.arm.read_identity(REF) is None

    outputs = await azure.arm.ensure_identity(identity_step())

    seen = await azure.arm.read_identity(REF)
    assert seen is not None
    assert outputs == {
        "client_id": seen.client_id,
        "principal_id": seen.principal_id,
        "tenant_id": TENANT,
        "id": seen.id,
    }
    assert seen.tags == {"application": "payments-api"}
    assert seen.id.casefold() == REF.id.casefold()


async def test_making_an_identity_twice_gives_the_same_one(azure: Bench) -> None:
    first = await azure.arm.ensure_identity(identity_step())
    assert await azure.arm.ensure_identity(identity_step()) == first


async def test_an_identity_that_was_there_is_read_and_its_tags_are_left_alone(azure: Bench) -> None:
    await azure.arm.ensure_identity(identity_step(tags={"application": "payments-api", "cost": "42"}))
    made = len(azure.requests)

    await azure.arm.ensure_identity(identity_step(tags={"application": "other"}, present=True))

    assert [line.split()[0] for line in azure.requests[made:]] == ["GET"]
    assert azure.azure.identities[REF.name]["tags"] == {"application": "payments-api", "cost": "42"}


async def test_an_identity_that_vanished_since_the_plan_needs_an_operator(azure: Bench) -> None:
    with pytest.raises(NeedsOperator, match="is gone") as told:
        await azure.arm.ensure_identity(identity_step(present=True))
    assert told.value.obstacle is Obstacle.FOREIGN


async def test_a_resource_group_of_the_catalog_that_is_not_there_is_said_to_be_missing(azure: Bench) -> None:
    missing = REF.model_copy(update={"resource_group": "rg-nowhere"})
    with pytest.raises(NeedsOperator, match="resource group is not there") as told:
        await azure.arm.read_identity(missing)
    assert told.value.obstacle is Obstacle.MISCONFIGURED


async def test_a_credential_is_made_once_however_often_it_is_ensured(azure: Bench) -> None:
    await azure.arm.ensure_identity(identity_step())

    for _ in range(2):
        assert await azure.arm.ensure_credential(credential_step()) == {"name": credential_step().name}

    (seen,) = await azure.arm.read_credentials(REF)
    assert (seen.issuer, seen.subject) == (credential_step().issuer, credential_step().subject)
    assert seen.audiences == ("api://AzureADTokenExchange",)


async def test_the_same_trust_under_another_name_is_reused(azure: Bench) -> None:
    await azure.arm.ensure_identity(identity_step())
    await azure.arm.ensure_credential(credential_step(name="made-by-hand"))

    assert await azure.arm.ensure_credential(credential_step()) == {"name": "made-by-hand"}
    assert [c.name for c in await azure.arm.read_credentials(REF)] == ["made-by-hand"]


async def test_the_same_trust_for_another_audience_is_somebody_elses(azure: Bench) -> None:
    await azure.arm.ensure_identity(identity_step())
    await azure.arm.ensure_credential(credential_step(name="made-by-hand", audience="api://other"))

    with pytest.raises(NeedsOperator, match="another audience") as told:
        await azure.arm.ensure_credential(credential_step())
    assert told.value.obstacle is Obstacle.FOREIGN


async def test_credentials_written_at_once_under_one_identity_ask_to_come_back(azure: Bench) -> None:
    await azure.arm.ensure_identity(identity_step())
    azure.azure.options.credential_write = 0.3
    steps = [credential_step(name=f"cred-{n}", subject=f"system:serviceaccount:a:b{n}") for n in range(2)]

    outcomes = await asyncio.gather(*map(azure.arm.ensure_credential, steps), return_exceptions=True)

    (late,) = (one for one in outcomes if isinstance(one, TryLater))
    assert late.after == 4.0


async def test_without_an_identity_there_are_no_credentials(azure: Bench) -> None:
    assert await azure.arm.read_credentials(REF) == ()


async def test_a_role_is_given_to_the_service_principal_under_a_derived_name(azure: Bench) -> None:
    made = await azure.arm.ensure_identity(identity_step())
    principal = made["principal_id"]

    first = await azure.arm.ensure_role_assignment(assignment_step(), principal, "r-1 digest")
    again = await azure.arm.ensure_role_assignment(assignment_step(), principal, "r-1 digest")

    assert first == again
    (held,) = [a for a in await azure.arm.read_assignments(VAULT.id) if a.principal_id == principal]
    assert held.id == first["id"]
    assert held.role_id == SECRETS_USER
    assert VAULT.same_as(held.scope)


async def test_a_new_identity_that_entra_does_not_know_everywhere_yet_gets_its_role_all_the_same(
    azure: Bench,
) -> None:
    azure.azure.options.principal_replication = 60.0
    made = await azure.arm.ensure_identity(identity_step())
    assert (await azure.arm.ensure_role_assignment(assignment_step(), made["principal_id"], ""))["id"]


async def test_a_role_that_somebody_gave_already_counts_as_given(azure: Bench) -> None:
    made = await azure.arm.ensure_identity(identity_step())
    theirs = azure.somebody_assigns(VAULT.id, SECRETS_USER, made["principal_id"])

    assert await azure.arm.ensure_role_assignment(assignment_step(), made["principal_id"], "") == {
        "id": theirs
    }


async def test_a_role_on_a_resource_that_is_gone_is_not_visible(azure: Bench) -> None:
    made = await azure.arm.ensure_identity(identity_step())
    gone = Scope(id=VAULT.id + "-gone", kind=ScopeKind.VAULT, name="kv-payments-gone")
    with pytest.raises(NeedsOperator) as told:
        await azure.arm.ensure_role_assignment(assignment_step(scope=gone), made["principal_id"], "")
    assert told.value.obstacle is Obstacle.NOT_VISIBLE


async def test_what_an_identity_holds_is_read_over_the_whole_subscription(azure: Bench) -> None:
    made = await azure.arm.ensure_identity(identity_step())
    await azure.arm.ensure_role_assignment(assignment_step(), made["principal_id"], "")
    held = await azure.arm.read_held(made["principal_id"], PRODUCTION)
    assert [a.role_id for a in held] == [SECRETS_USER]


async def test_assignments_at_a_scope_hold_the_inherited_ones_too(azure: Bench) -> None:
    inherited = [a for a in await azure.arm.read_assignments(VAULT.id) if a.principal_id == BOT]
    assert {a.scope.casefold() for a in inherited} == {f"/subscriptions/{PRODUCTION}"}


async def test_a_clusters_issuer_is_byte_for_byte(azure: Bench) -> None:
    seen = await azure.arm.read_cluster(cluster())
    assert seen.oidc_enabled
    assert seen.workload_identity_enabled
    assert seen.issuer == next(c["issuer"] for c in azure.azure.view()["clusters"] if c["name"] == "prod-weu")


async def test_a_cluster_of_the_catalog_that_is_not_there_is_not_visible(azure: Bench) -> None:
    with pytest.raises(NeedsOperator, match="prod-eus is not in rg-aks-prod") as told:
        await azure.arm.read_cluster(cluster(name="prod-eus"))
    assert told.value.obstacle is Obstacle.NOT_VISIBLE


async def test_identities_of_a_group_are_counted(azure: Bench) -> None:
    assert await azure.arm.count_identities(PLACE) == 0
    await azure.arm.ensure_identity(identity_step())
    assert await azure.arm.count_identities(PLACE) == 1


async def test_one_effect_is_one_request(azure: Bench) -> None:
    made = await azure.arm.ensure_identity(identity_step())
    await azure.arm.ensure_credential(credential_step())
    await azure.arm.ensure_role_assignment(assignment_step(), made["principal_id"], "")
    assert [line.split()[0] for line in azure.requests] == ["PUT", "PUT", "PUT"]


async def test_an_answer_that_never_comes_ends_in_time_and_finds_its_effect_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, monkeypatch, seconds=0.5) as azure:
        await azure.arm.read_identity(REF)  # the token is there
        held = azure.fault("PUT", PROVIDER, action="hold")
        with pytest.raises(TryLater, match="in time"):
            await azure.arm.ensure_identity(identity_step())
        held.released.set()
        seen = await azure.arm.read_identity(REF)
        assert seen is not None
        assert (await azure.arm.ensure_identity(identity_step()))["client_id"] == seen.client_id


@pytest.mark.parametrize("action", ["drop", "cut"])
async def test_a_connection_that_breaks_is_tried_later_and_never_twice_by_itself(
    azure: Bench, action: str
) -> None:
    await azure.arm.read_identity(REF)
    order = azure.fault("PUT", PROVIDER, action=action, times=0)
    with pytest.raises(TryLater, match="could not be reached"):
        await azure.arm.ensure_identity(identity_step())
    assert order.acted >= 1


async def test_the_bot_knows_whom_azure_takes_it_for(azure: Bench) -> None:
    me = await azure.arm.whoami()
    assert (me.tenant_id, me.object_id) == (TENANT, BOT)
    assert me.client_id == "5b8e3d70-1c2f-4e9a-b6d4-7f0a9c8e2b13"
