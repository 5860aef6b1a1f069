"""How the bot finds what a role can be given on, and what it sees there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from azure_bench import DATA, PRODUCTION, SAMPLE, VAULT, Bench, bench

from bot.arm import kql
from bot.domain.draft.values import Lookup
from bot.domain.spec import Scope, ScopeKind
from bot.errors import AskAgain, TryLater


@pytest.fixture
async def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with bench(tmp_path, monkeypatch) as one:
        yield one


def scope(tail: str, kind: ScopeKind) -> Scope:
    return Scope(id=f"{DATA}/{tail}", kind=kind, name=tail.rsplit("/", 1)[-1])


async def names(azure: Bench, name: str, *kinds: ScopeKind, within: str | None = None) -> list[str]:
    found = await azure.arm.find(Lookup(name=name, kinds=kinds, within=within))
    return [f"{one.kind} {one.name} in {one.parent.rsplit('/', 1)[-1]}" for one in found]


async def test_a_vault_is_found_by_its_name_in_any_case(azure: Bench) -> None:
    (found,) = await azure.arm.find(Lookup(name="KV-Payments", kinds=(ScopeKind.VAULT,)))
    assert found.id == VAULT.id
    assert (found.kind, found.name, found.parent) == (ScopeKind.VAULT, "kv-payments", "")


async def test_a_name_is_not_found_by_its_beginning_nor_as_another_kind(azure: Bench) -> None:
    assert await names(azure, "kv-pay", ScopeKind.VAULT) == []
    assert await names(azure, "kv-payments", ScopeKind.STORAGE) == []


async def test_one_name_can_be_two_queues(azure: Bench) -> None:
    assert await names(azure, "payments", ScopeKind.QUEUE) == [
        "queue payments in sb-backoffice",
        "queue payments in sb-shop",
        "queue payments in sb-shop-dev",
    ]


async def test_a_queue_in_a_namespace_that_was_said_is_one(azure: Bench) -> None:
    assert await names(azure, "payments", ScopeKind.QUEUE, within="sb-shop") == ["queue payments in sb-shop"]
    assert await names(
        azure, "payments", ScopeKind.QUEUE, within=f"{DATA}/Microsoft.ServiceBus/namespaces/sb-shop"
    ) == ["queue payments in sb-shop"]


async def test_a_name_can_be_several_kinds_at_once(azure: Bench) -> None:
    assert await names(
        azure, "invoices", ScopeKind.CONTAINER, ScopeKind.STORAGE_QUEUE, ScopeKind.STORAGE
    ) == [
        "blob container invoices in stshopinvoices",
        "blob container invoices in stshopdev",
    ]


async def test_a_topic_subscription_is_called_by_its_topic_and_its_name(azure: Bench) -> None:
    assert await names(azure, "events/billing", ScopeKind.TOPIC_SUBSCRIPTION, within="sb-shop") == [
        "topic subscription events/billing in sb-shop"
    ]


async def test_a_secret_is_found_in_its_vault(azure: Bench) -> None:
    assert await names(azure, "stripe-key", ScopeKind.SECRET, within="kv-payments") == [
        "secret stripe-key in kv-payments"
    ]


async def test_a_full_id_is_looked_at_where_it_is(azure: Bench) -> None:
    assert await names(azure, VAULT.id.lower()) == ["key vault kv-payments in "]
    assert await names(azure, VAULT.id + "-gone") == []
    assert await names(azure, f"{VAULT.id}/secrets/stripe-key", ScopeKind.SECRET) == [
        "secret stripe-key in kv-payments"
    ]


@pytest.mark.parametrize(
    "resource_id",
    [
        f"/subscriptions/{PRODUCTION}",
        f"/subscriptions/{PRODUCTION}/resourceGroups/rg-data-prod",
        f"{VAULT.id}/../../../../providers/x/y/z",
        f"{VAULT.id}?x=1",
        VAULT.id.replace("0001", "0009"),
        "/etc/passwd",
    ],
)
async def test_an_id_that_is_no_resource_of_the_tenants_is_not_asked_for(
    azure: Bench, resource_id: str
) -> None:
    assert await names(azure, resource_id) == []
    assert azure.requests == []


@pytest.mark.parametrize("name", ["kv' or '1' == '1", "a|b", "x\\", "../../kv-payments", "kv?x=1", ""])
async def test_a_name_that_no_resource_can_have_is_not_asked_for(azure: Bench, name: str) -> None:
    assert await names(azure, name, ScopeKind.VAULT, ScopeKind.QUEUE) == []
    assert azure.requests == []


async def test_looking_into_too_many_asks_in_which_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = SAMPLE["azure"]["servicebus"][0] | {"queues": [], "topics": {}}
    many = [model | {"name": f"sb-{n}"} for n in range(61)]
    async with bench(tmp_path, monkeypatch, {"servicebus": many}) as azure:
        with pytest.raises(AskAgain, match="which one the queue is"):
            await names(azure, "payments", ScopeKind.QUEUE)


async def test_a_thousand_and_more_resources_come_page_by_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = SAMPLE["azure"]["storage"][0] | {"containers": []}
    many = [model | {"name": "twin", "group": f"rg-{n}"} for n in range(1001)]
    groups = [
        {"subscription": "shop-production", "name": f"rg-{n}", "location": "westeurope"} for n in range(1001)
    ]
    more = {"storage": many, "groups": SAMPLE["azure"]["groups"] + groups}
    async with bench(tmp_path, monkeypatch, more) as azure:
        assert len(await names(azure, "twin", ScopeKind.STORAGE)) == 1001


async def test_what_lies_in_a_resource_is_listed_over_all_pages(azure: Bench) -> None:
    azure.azure.options.page_size = 1
    found = await azure.arm.children(f"{DATA}/Microsoft.ServiceBus/namespaces/sb-shop", ScopeKind.QUEUE)
    assert [one.name for one in found] == ["orders", "payments"]


async def test_a_target_that_exists_is_seen(azure: Bench) -> None:
    for tail, kind in (
        ("Microsoft.KeyVault/vaults/kv-payments", ScopeKind.VAULT),
        ("Microsoft.KeyVault/vaults/kv-payments/secrets/stripe-key", ScopeKind.SECRET),
        ("Microsoft.Storage/storageAccounts/stshopinvoices", ScopeKind.STORAGE),
        (
            "Microsoft.Storage/storageAccounts/stshopinvoices/blobServices/default/containers/exports",
            ScopeKind.CONTAINER,
        ),
        (
            "Microsoft.ServiceBus/namespaces/sb-shop/topics/events/subscriptions/audit",
            ScopeKind.TOPIC_SUBSCRIPTION,
        ),
        ("Microsoft.DocumentDB/databaseAccounts/cosmos-catalogue", ScopeKind.COSMOS),
        ("Microsoft.KeyVault/vaults/kv-payments", ScopeKind.OTHER),
    ):
        seen = await azure.arm.read_target(scope(tail, kind))
        assert (seen.exists, seen.visible_subscriptions, seen.access_policies) == (True, 2, False)


async def test_a_target_that_is_gone_is_said_with_how_many_subscriptions_are_seen(azure: Bench) -> None:
    for tail, kind in (
        ("Microsoft.KeyVault/vaults/kv-gone", ScopeKind.VAULT),
        ("Microsoft.KeyVault/vaults/kv-payments/secrets/gone", ScopeKind.SECRET),
        ("Microsoft.ServiceBus/namespaces/sb-shop/queues/gone", ScopeKind.QUEUE),
    ):
        seen = await azure.arm.read_target(scope(tail, kind))
        assert (seen.exists, seen.visible_subscriptions) == (False, 2)


async def test_a_target_that_the_bot_may_not_see_is_not_said_to_exist(azure: Bench) -> None:
    azure.azure.azure.state.assignments.clear()
    azure.azure.azure.state._held.clear()
    assert not (await azure.arm.read_target(VAULT)).exists


async def test_a_vault_in_access_policy_mode_is_seen_from_its_secrets_too(azure: Bench) -> None:
    for tail, kind in (
        ("Microsoft.KeyVault/vaults/kv-legacy", ScopeKind.VAULT),
        ("Microsoft.KeyVault/vaults/kv-legacy/secrets/ftp", ScopeKind.SECRET),
    ):
        assert (await azure.arm.read_target(scope(tail, kind))).access_policies


async def test_a_list_that_goes_on_elsewhere_does_not_get_the_token(azure: Bench) -> None:
    elsewhere = {"value": [], "nextLink": "https://evil.test/more"}
    azure.fault("GET", "/queues$", action="answer", status=200, body=elsewhere)
    with pytest.raises(Exception, match="another address"):
        await azure.arm.children(f"{DATA}/Microsoft.ServiceBus/namespaces/sb-shop", ScopeKind.QUEUE)


async def test_resource_graphs_own_throttle_is_tried_later(azure: Bench) -> None:
    azure.refuse("POST", "ResourceGraph", 429, "RateLimiting", headers={"Retry-After": "5"})
    with pytest.raises(TryLater) as told:
        await names(azure, "kv-payments", ScopeKind.VAULT)
    assert told.value.after == 5


def test_a_literal_cannot_end_early() -> None:
    assert kql.literal("o'neil\\") == "'o\\'neil\\\\'"
    with pytest.raises(ValueError, match="control"):
        kql.literal("a\nb")


def test_the_sample_is_in_the_subscription_that_these_tests_name() -> None:
    assert PRODUCTION in {s["id"] for s in SAMPLE["azure"]["subscriptions"]}
