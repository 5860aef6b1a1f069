"""What `bot check` says of the bot's own rights in Azure."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from azure_bench import BOT, DEVELOPMENT, PRODUCTION, TENANT, Bench, bench

from bot.arm import Checked
from bot.domain.catalog import Catalog


@pytest.fixture
async def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with bench(tmp_path, monkeypatch) as one:
        yield one


def catalog(azure: Bench, **changes: Any) -> Catalog:
    issuer = next(c["issuer"] for c in azure.azure.view()["clusters"] if c["name"] == "prod-weu")
    cluster = {
        "name": "prod-weu",
        "environment": "prod",
        "tenant": "shop",
        "subscription": PRODUCTION,
        "resource_group": "rg-aks-prod",
        "region": "westeurope",
        "issuer": issuer,
        "identities": {
            "subscription": PRODUCTION,
            "resource_group": "rg-identities-prod",
            "region": "westeurope",
        },
        "repository": "shop/gitops",
        "paths": ("apps/{service_account}",),
        "approvers": {"people": ["U0ANN"]},
    }
    return Catalog.model_validate(
        {
            "channels": ["C0IDENTITIES"],
            "tenants": [{"name": "shop", "id": TENANT, "subscriptions": [PRODUCTION, DEVELOPMENT]}],
            "clusters": [cluster | changes.pop("cluster", {})],
            "roles": ["key-vault-secrets-user"],
            "bot": {
                "principal": BOT,
                "resource_group": "rg-identity-bot",
                "subscription": PRODUCTION,
                "identity": "id-identity-bot",
                "namespace": "identity-bot",
                "service_account": "identity-bot",
            },
        }
        | changes
    )


async def lines(azure: Bench, **changes: Any) -> dict[str, Checked]:
    known = catalog(azure, **changes)
    return {line.about: line for line in await azure.arm.check(known, known.tenants[0])}


async def test_a_bot_that_is_set_up_well_is_told_so_line_by_line(azure: Bench) -> None:
    found = await lines(azure)
    assert {about: line.verdict for about, line in found.items()} == {
        "token of tenant shop": "ok",
        "subscriptions of tenant shop": "ok",
        "Resource Graph of tenant shop": "ok",
        "identities in rg-identities-prod": "ok",
        "cluster prod-weu": "ok",
        f"role assignments in {PRODUCTION}": "ok",
        f"role assignments in {DEVELOPMENT}": "ok",
    }


async def test_a_missing_role_is_named_with_where_it_belongs(azure: Bench) -> None:
    state = azure.azure.azure.state
    for held in list(state.assignments.values()):
        if held.role == "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59":  # Managed Identity Contributor
            state.unassign(held.id)
    line = (await lines(azure))["identities in rg-identities-prod"]
    assert line.verdict == "wrong"
    assert "userAssignedIdentities/write" in line.problem
    assert "Managed Identity Contributor on the resource group rg-identities-prod" in line.remedy


async def test_rights_to_assign_roles_that_do_not_show_are_unknown_and_not_wrong(azure: Bench) -> None:
    state = azure.azure.azure.state
    for held in list(state.assignments.values()):
        if held.role == "f58310d9-a9f6-439a-9e8d-f62e7b41a168":  # Role Based Access Control Administrator
            state.unassign(held.id)
    assert (await lines(azure))[f"role assignments in {PRODUCTION}"].verdict == "unknown"


async def test_an_issuer_that_differs_by_its_last_slash_is_wrong(azure: Bench) -> None:
    line = (await lines(azure, cluster={"issuer": "https://oidc.test/other/"}))["cluster prod-weu"]
    assert line.verdict == "wrong"
    assert "the catalog says https://oidc.test/other/" in line.problem


async def test_a_cluster_that_the_catalog_puts_elsewhere_is_wrong(azure: Bench) -> None:
    line = (await lines(azure, cluster={"resource_group": "rg-nowhere"}))["cluster prod-weu"]
    assert line.verdict == "wrong"
    assert "Reader" in line.remedy


async def test_a_subscription_that_is_not_seen_is_named(azure: Bench) -> None:
    unseen = "1a2b3c4d-0009-4000-8000-00000000cccc"
    tenants = [{"name": "shop", "id": TENANT, "subscriptions": [PRODUCTION, unseen]}]
    line = (await lines(azure, tenants=tenants))["subscriptions of tenant shop"]
    assert line.verdict == "wrong"
    assert unseen in line.problem


async def test_another_tenant_or_principal_than_the_catalogs_ends_the_check(azure: Bench) -> None:
    other = "11111111-2222-4333-8444-555555555555"
    tenants = [{"name": "shop", "id": other, "subscriptions": [PRODUCTION]}]
    assert (await lines(azure, tenants=tenants)).keys() == {"token of tenant shop"}

    own = catalog(azure).bot.model_dump() | {"principal": other}
    (line,) = (await lines(azure, bot=own)).values()
    assert "refuse itself" in line.remedy


async def test_what_azure_does_not_answer_now_is_unknown(azure: Bench) -> None:
    azure.refuse("GET", "managedClusters", 503, "ServerBusy")
    assert (await lines(azure))["cluster prod-weu"].verdict == "unknown"
