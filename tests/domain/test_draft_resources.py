"""From names to scopes: what is looked for, what is settled, what is said when nothing fits."""

import pytest
from sample import CATALOG, EVERY_ROLE, FOUND, SUBSCRIPTIONS

from bot.domain.draft import Draft, Lookup, lookups, problems, read, resolve
from bot.domain.draft.values import Found
from bot.domain.spec import ScopeKind

WHO = "payments/payments-api on prod needs to "
WHY = " because it charges cards"
VAULT = next(f for f in FOUND if f.name == "kv-payments")
QUEUE = next(f for f in FOUND if f.id.endswith("sb-shop/queues/orders"))


def draft_of(what: str, catalog=CATALOG) -> Draft:
    """The draft of one sentence."""
    return read(Draft(), WHO + what + WHY, catalog, None, "U0ROSA").draft


def scopes(what: str, found=FOUND) -> list[str]:
    """The settled scopes, as people call them."""
    return [w.scope.short for w in resolve(draft_of(what), found, 2).draft.wishes if w.scope]


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        ("read secrets from kv-payments", [Lookup(name="kv-payments", kinds=(ScopeKind.VAULT,))]),
        ("read secret stripe-key of kv-payments", [Lookup(name="kv-payments", kinds=(ScopeKind.VAULT,))]),
        ("send to queue payments", [Lookup(name="payments", kinds=(ScopeKind.QUEUE,))]),
        (
            "send to queue orders in sb-shop",
            [
                Lookup(name="orders", kinds=(ScopeKind.QUEUE,), within="sb-shop"),
                Lookup(name="sb-shop", kinds=(ScopeKind.SERVICE_BUS,)),
            ],
        ),
        (
            "receive from subscription billing of topic events in sb-shop",
            [
                Lookup(name="events/billing", kinds=(ScopeKind.TOPIC_SUBSCRIPTION,), within="sb-shop"),
                Lookup(name="sb-shop", kinds=(ScopeKind.SERVICE_BUS,)),
            ],
        ),
        (f"read {VAULT.id}", [Lookup(name="kv-payments", kinds=(ScopeKind.VAULT,))]),
        (f"send to {QUEUE.id}", [Lookup(name="orders", kinds=(ScopeKind.QUEUE,), within="sb-shop")]),
        ("read everything in resource group rg-data-prod", []),
    ],
)
def test_exactly_what_the_words_can_mean_is_looked_for(what: str, wanted: list[Lookup]) -> None:
    assert list(lookups(draft_of(what))) == wanted


def test_nothing_is_looked_for_twice_or_after_it_was_settled() -> None:
    draft = draft_of("read secrets from kv-payments and kv-payments")
    assert len(lookups(draft)) == 1
    assert lookups(resolve(draft, FOUND, 2).draft) == ()


@pytest.mark.parametrize(
    ("what", "settled"),
    [
        ("read secrets from kv-payments", ["key vault kv-payments"]),
        ("read secrets from KV-PAYMENTS", ["key vault kv-payments"]),
        ("read the stripe-key secret of kv-payments", ["secret kv-payments/stripe-key"]),
        ("read blobs in container invoices of stshopinvoices", ["blob container stshopinvoices/invoices"]),
        ("write to stshopinvoices/exports", ["blob container stshopinvoices/exports"]),
        ("send to queue orders in sb-shop", ["queue sb-shop/orders"]),
        ("pull messages from orders in sb-shop", ["queue sb-shop/orders"]),
        ("publish to topic events", ["topic sb-shop/events"]),
        (
            "listen on subscription billing of topic events",
            ["topic subscription sb-shop/events/billing"],
        ),
        ("read secrets from kv-payments and blobs from stshopinvoices",
         ["key vault kv-payments", "storage account stshopinvoices"]),
        (f"read secrets from {VAULT.id.lower()}", ["key vault kv-payments"]),
        (f"read {VAULT.id}/secrets/stripe-key", ["secret kv-payments/stripe-key"]),
    ],
)  # fmt: skip
def test_a_name_that_fits_one_resource_is_settled(what: str, settled: list[str]) -> None:
    assert scopes(what) == settled


def test_the_id_is_kept_in_the_case_that_azure_wrote() -> None:
    wish = resolve(draft_of(f"read secrets from {VAULT.id.upper()}"), FOUND, 2)
    assert wish.draft.wishes[0].scope is not None
    assert wish.draft.wishes[0].scope.id == VAULT.id


def test_the_same_resource_found_twice_is_one() -> None:
    twice = (VAULT, Found(id=VAULT.id.upper(), kind=VAULT.kind, name="KV-PAYMENTS"))
    assert scopes("read secrets from kv-payments", twice) == ["key vault kv-payments"]


def test_a_name_that_fits_two_is_asked_and_not_guessed() -> None:
    resolved = resolve(draft_of("send to queue payments"), FOUND, 2)
    assert resolved.draft.wishes[0].scope is None
    assert resolved.question is not None
    assert resolved.question.key == "scope:0"


def test_what_is_not_seen_is_never_said_not_to_exist() -> None:
    (problem,) = resolve(draft_of("read secrets from kv-elsewhere"), FOUND, 2).problems
    assert problem == (
        "I see no key vault “kv-elsewhere”: it is not in the 2 subscriptions that I can see."
        " Please check the name, or give the full id from the portal."
    )
    (problem,) = resolve(draft_of("read secrets from kv-elsewhere"), FOUND, 1).problems
    assert "in the subscription that I can see" in problem


def test_a_near_miss_is_offered_and_not_taken() -> None:
    resolved = resolve(draft_of("read secrets from kv-paymets"), FOUND, 2)
    assert "Did you mean kv-payments?" in resolved.problems[0]
    assert resolved.draft.wishes[0].scope is None


def test_a_name_of_another_kind_is_not_what_was_asked_for() -> None:
    (problem,) = resolve(draft_of("read secrets from stshopinvoices"), FOUND, 2).problems
    assert "I see no key vault “stshopinvoices”" in problem


def test_a_queue_of_another_namespace_is_not_what_was_asked_for() -> None:
    (problem,) = resolve(draft_of("send to queue orders in sb-backoffice"), FOUND, 2).problems
    assert "I see no queue “sb-backoffice/orders”" in problem


def test_who_may_write_may_read_and_is_given_one_role() -> None:
    resolved = resolve(draft_of("read from and write to stshopinvoices"), FOUND, 2).draft
    assert [w.roles for w in resolved.wishes] == [("storage-blob-data-contributor",)]


@pytest.mark.parametrize(
    "what",
    [
        "read everything in resource group rg-data-prod",
        f"read secrets from /subscriptions/{SUBSCRIPTIONS['shop-production']}",
        f"read secrets from /subscriptions/{SUBSCRIPTIONS['shop-production']}/resourceGroups/rg-data-prod",
    ],
)
def test_a_whole_group_or_subscription_is_refused(what: str) -> None:
    draft = draft_of(what)
    assert "single resources only" in " ".join(problems(draft, CATALOG))
    assert resolve(draft, FOUND, 2).problems == ()


def test_a_role_that_is_not_offered_is_refused_with_what_is() -> None:
    (problem,) = problems(draft_of("write secrets to kv-payments"), CATALOG)
    assert "Key Vault Secrets Officer, which is not offered here" in problem
    assert "Offered are Key Vault Secrets User" in problem
    assert problems(draft_of("write secrets to kv-payments", EVERY_ROLE), EVERY_ROLE) == ()


def test_the_bots_own_group_is_never_a_target_however_it_is_written() -> None:
    own = (
        f"/subscriptions/{SUBSCRIPTIONS['shop-production']}/resourcegroups/RG-IDENTITY-BOT"
        "/providers/Microsoft.KeyVault/vaults/kv-bot"
    )
    assert "my own" in problems(draft_of(f"read secrets from {own}"), CATALOG)[0]
    found = (Found(id=own, kind=ScopeKind.VAULT, name="kv-bot"),)
    named = resolve(draft_of("read secrets from kv-bot"), found, 2).draft
    assert "my own" in problems(named, CATALOG)[0]
