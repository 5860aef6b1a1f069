"""The table of roles, held against Azure's own list; what ids are ids of."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.roles import RESOURCE_TYPES, ROLES, Action, by_id, by_name, can, role, scope_kind_of
from bot.domain.spec import Scope, ScopeKind

RECORDED = Path(__file__).parents[2].parent / "shared" / "data" / "azure" / "builtin_roles.json"
GUIDE = (
    "key-vault-secrets-user",
    "storage-blob-data-reader",
    "storage-blob-data-contributor",
    "service-bus-data-receiver",
    "service-bus-data-sender",
)
GROUP = "/subscriptions/1a2b3c4d-0001-4000-8000-00000000aaaa/resourceGroups/rg-data-prod"
ARM_ROLES = [r for r in ROLES if r.plane == "arm"]


@pytest.fixture(scope="module")
def recorded() -> dict[str, dict[str, Any]]:
    """Azure's built-in roles by GUID."""
    if not RECORDED.exists():
        pytest.skip("the recorded list of built-in roles is not beside this checkout")
    return {one["name"]: one for one in json.loads(RECORDED.read_text())}


@pytest.mark.parametrize("one", ARM_ROLES, ids=lambda r: r.key)
def test_every_role_is_called_as_azure_calls_it(one: Any, recorded: dict[str, Any]) -> None:
    assert recorded[one.id]["roleName"] == one.name


@pytest.mark.parametrize("one", ARM_ROLES, ids=lambda r: r.key)
def test_no_role_of_the_table_can_change_rights_or_read_keys(one: Any, recorded: dict[str, Any]) -> None:
    actions = [a.casefold() for p in recorded[one.id]["permissions"] for a in p["actions"]]
    refused = ("microsoft.authorization/roleassignments", "listkeys", "listaccountsas", "/assign/action")
    assert "*" not in actions
    assert not [a for a in actions if any(word in a for word in refused) and not a.endswith("/read")]


@pytest.mark.parametrize("one", ARM_ROLES, ids=lambda r: r.key)
def test_what_a_role_includes_is_among_its_own_rights(one: Any, recorded: dict[str, Any]) -> None:
    def rights(guid: str) -> list[str]:
        return [a.casefold() for p in recorded[guid]["permissions"] for a in p["dataActions"]]

    def covers(wide: str, narrow: str) -> bool:
        start, star, end = wide.partition("*")
        return narrow == wide or bool(star and narrow.startswith(start) and narrow.endswith(end))

    for key in one.includes:
        missing = [r for r in rights(role(key).id) if not any(covers(own, r) for own in rights(one.id))]
        assert not missing


def test_the_guides_roles_come_first_and_the_sixth_is_cosmos() -> None:
    assert tuple(r.key for r in ROLES[:5]) == GUIDE
    assert {r.key for r in ROLES if r.plane == "cosmos"} == {"cosmos-data-reader", "cosmos-data-contributor"}


def test_keys_guids_and_names_are_each_used_once() -> None:
    for values in ([r.key for r in ROLES], [r.id for r in ROLES], [r.name for r in ROLES]):
        assert len(set(values)) == len(values)


def test_a_role_is_found_by_key_guid_and_name() -> None:
    secrets = role("key-vault-secrets-user")
    assert by_id("4633458B-17DE-408A-B874-0445C86B69E6") == secrets
    assert by_name("key vault  secrets user") == secrets
    assert by_id("00000000-0000-0000-0000-00000000ffff") is None
    with pytest.raises(KeyError):
        role("owner")


@pytest.mark.parametrize("one", ROLES, ids=lambda r: r.key)
def test_every_role_makes_sense_somewhere_and_does_something(one: Any) -> None:
    assert one.recommended in one.kinds
    assert all(kind in RESOURCE_TYPES for kind in one.kinds)
    assert one.actions
    assert Action.USE not in one.actions
    assert one.does(Action.USE)


def test_a_role_says_what_it_lets_a_workload_do_there() -> None:
    vault = Scope(id=f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv", kind=ScopeKind.VAULT, name="kv")
    secret = Scope(id=f"{vault.id}/secrets/stripe", kind=ScopeKind.SECRET, name="kv/stripe")
    assert can("key-vault-secrets-user", vault) == "read every secret of key vault kv"
    assert can("key-vault-secrets-user", secret) == "read secret kv/stripe"


def test_what_stops_working_below_the_recommended_scope_is_known() -> None:
    assert "dataFrom" in (role("key-vault-secrets-user").warning(ScopeKind.SECRET) or "")
    assert "user delegation" in (role("storage-blob-data-reader").warning(ScopeKind.CONTAINER) or "")
    assert "change feed" in (role("cosmos-data-reader").warning(ScopeKind.COSMOS_CONTAINER) or "")
    assert role("key-vault-secrets-user").warning(ScopeKind.VAULT) is None


def test_a_scope_wider_than_the_recommended_one_is_known() -> None:
    receiver = role("service-bus-data-receiver")
    assert receiver.is_wider_than_recommended(ScopeKind.SERVICE_BUS)
    assert not receiver.is_wider_than_recommended(ScopeKind.QUEUE)
    assert not receiver.is_wider_than_recommended(ScopeKind.TOPIC_SUBSCRIPTION)
    assert not role("service-bus-data-sender").is_wider_than_recommended(ScopeKind.TOPIC)
    assert not role("key-vault-secrets-user").is_wider_than_recommended(ScopeKind.SECRET)


@pytest.mark.parametrize(
    ("rest", "kind"),
    [
        ("/providers/Microsoft.KeyVault/vaults/kv", ScopeKind.VAULT),
        ("/providers/microsoft.keyvault/VAULTS/kv/secrets/a", ScopeKind.SECRET),
        ("/providers/Microsoft.Storage/storageAccounts/st", ScopeKind.STORAGE),
        (
            "/providers/Microsoft.Storage/storageAccounts/st/blobServices/default/containers/c",
            ScopeKind.CONTAINER,
        ),
        ("/providers/Microsoft.ServiceBus/namespaces/sb/queues/q", ScopeKind.QUEUE),
        (
            "/providers/Microsoft.ServiceBus/namespaces/sb/topics/t/subscriptions/s",
            ScopeKind.TOPIC_SUBSCRIPTION,
        ),
        ("/providers/Microsoft.DocumentDB/databaseAccounts/c/dbs/d/colls/x", ScopeKind.COSMOS_CONTAINER),
        ("/providers/Microsoft.Compute/virtualMachines/vm", ScopeKind.OTHER),
        ("/providers/Microsoft.KeyVault/vaults", ScopeKind.OTHER),
        (
            "/providers/Microsoft.KeyVault/vaults/kv/providers/Microsoft.Authorization/locks/l",
            ScopeKind.OTHER,
        ),
        ("", ScopeKind.RESOURCE_GROUP),
        ("/", ScopeKind.RESOURCE_GROUP),
    ],
)
def test_an_id_tells_what_it_is_the_id_of(rest: str, kind: ScopeKind) -> None:
    assert scope_kind_of(GROUP + rest) is kind


@pytest.mark.parametrize(
    "text", ["", "/", "kv-payments", "/subscriptions", "/subscriptions//", "//providers/x"]
)
def test_what_is_no_id_is_some_other_resource(text: str) -> None:
    assert scope_kind_of(text) is ScopeKind.OTHER


def test_a_subscription_is_one() -> None:
    assert scope_kind_of("/subscriptions/1a2b3c4d-0001-4000-8000-00000000aaaa") is ScopeKind.SUBSCRIPTION
