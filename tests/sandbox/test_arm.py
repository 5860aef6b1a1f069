"""The sandbox's Azure through the unmodified SDKs: what the bot calls, on a good day."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from arm_world import BOT, DATA, IDENTITIES, PROD, SECRETS_USER, TENANT, VAULT, Cloud, running
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignmentCreateParameters
from azure.mgmt.containerservice.aio import ContainerServiceClient
from azure.mgmt.cosmosdb.aio import CosmosDBManagementClient
from azure.mgmt.cosmosdb.models import SqlRoleAssignmentCreateUpdateParameters, SqlRoleAssignmentResource
from azure.mgmt.msi.aio import ManagedServiceIdentityClient
from azure.mgmt.resourcegraph.aio import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

GROUP, NAME = "rg-identities-prod", "id-payments-api"
FIRST = "aaaaaaaa-0000-4000-8000-000000000001"
ACCOUNT = f"{DATA}/Microsoft.DocumentDB/databaseAccounts/cosmos-catalogue"
SECOND = "aaaaaaaa-0000-4000-8000-000000000002"
ROLE = f"/subscriptions/{PROD}/providers/Microsoft.Authorization/roleDefinitions/{SECRETS_USER}"


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    async with running(tmp_path) as found:
        yield found


async def _identity(cloud: Cloud, **body: Any) -> Any:
    async with cloud.sdk(ManagedServiceIdentityClient) as client:
        wanted = {"location": "westeurope", **body}
        return await client.user_assigned_identities.create_or_update(GROUP, NAME, wanted)


def _given(principal: str, **more: Any) -> RoleAssignmentCreateParameters:
    kind = more.pop("principal_type", "ServicePrincipal")
    return RoleAssignmentCreateParameters(
        role_definition_id=ROLE, principal_id=principal, principal_type=kind, **more
    )


async def test_an_identity_is_made_once_and_keeps_its_principal(cloud: Cloud) -> None:
    made = await _identity(cloud, tags={"team": "payments"})

    again = await _identity(cloud)

    assert (again.principal_id, again.client_id, again.tags) == (
        made.principal_id,
        made.client_id,
        {"team": "payments"},
    )
    assert made.tenant_id == TENANT
    assert f"/resourcegroups/{GROUP}/" in made.id


async def test_a_new_identity_is_answered_with_201_and_its_place_and_a_known_one_with_200(
    cloud: Cloud,
) -> None:
    first = await cloud.call("PUT", f"{IDENTITIES}/{NAME}", {"location": "westeurope"})
    second = await cloud.call("PUT", f"{IDENTITIES}/{NAME}", {"location": "westeurope"})

    assert (first.status, first.headers["Location"]) == (201, first.body["id"])
    assert (second.status, "Location" in second.headers) == (200, False)


async def test_lists_come_in_pages(cloud: Cloud) -> None:
    cloud.arm.options.page_size = 3
    async with cloud.sdk(ManagedServiceIdentityClient) as client:
        for n in range(7):
            await client.user_assigned_identities.create_or_update(
                GROUP, f"id-{n}xx", {"location": "westeurope"}
            )
        found = [i.name async for i in client.user_assigned_identities.list_by_resource_group(GROUP)]
        everywhere = [i.name async for i in client.user_assigned_identities.list_by_subscription()]

    assert found == [f"id-{n}xx" for n in range(7)]
    assert set(found) < set(everywhere)


async def test_credentials_are_written_read_and_taken_away(cloud: Cloud) -> None:
    await _identity(cloud)
    async with cloud.sdk(ContainerServiceClient) as client:
        cluster = await client.managed_clusters.get("rg-aks-prod", "prod-weu")
    issuer = cluster.oidc_issuer_profile.issuer_url
    assert issuer.endswith("/") and cluster.security_profile.workload_identity.enabled
    wanted = {
        "issuer": issuer,
        "subject": "system:serviceaccount:a:b",
        "audiences": ["api://AzureADTokenExchange"],
    }

    async with cloud.sdk(ManagedServiceIdentityClient) as client:
        credentials = client.federated_identity_credentials
        made = await credentials.create_or_update(GROUP, NAME, "one", {"properties": wanted})
        assert (made.issuer, made.subject, made.audiences) == tuple(wanted.values())
        assert [c.name async for c in credentials.list(GROUP, NAME)] == ["one"]
        await credentials.delete(GROUP, NAME, "one")
        with pytest.raises(ResourceNotFoundError) as caught:
            await credentials.get(GROUP, NAME, "one")

    assert caught.value.error.code == "NotFound"


async def test_a_role_is_given_once_whatever_the_name(cloud: Cloud) -> None:
    made = await _identity(cloud)
    async with cloud.sdk(AuthorizationManagementClient) as client:
        roles = [
            r
            async for r in client.role_definitions.list(VAULT, filter="roleName eq 'key vault secrets user'")
        ]
        assert [r.id for r in roles] == [ROLE]
        first = await client.role_assignments.create(
            VAULT, FIRST, _given(made.principal_id, description="one")
        )
        again = await client.role_assignments.create(
            VAULT, FIRST, _given(made.principal_id, description="two")
        )
        with pytest.raises(ResourceExistsError) as caught:
            await client.role_assignments.create(VAULT, SECOND, _given(made.principal_id))
        seen = await client.role_assignments.get(VAULT, FIRST)
        own = client.role_assignments.list_for_scope(VAULT, filter=f"assignedTo('{made.principal_id}')")
        assert [a.name async for a in own] == [FIRST]
        await client.role_assignments.delete(VAULT, FIRST)
        with pytest.raises(ResourceNotFoundError) as gone:
            await client.role_assignments.get(VAULT, FIRST)

    assert (first.description, again.description, seen.created_by) == ("one", "two", BOT)
    assert caught.value.error.code == "RoleAssignmentExists"
    assert gone.value.error.code == "RoleAssignmentNotFound"


async def test_at_scope_shows_what_is_inherited_and_not_what_lies_below(cloud: Cloud) -> None:
    made = await _identity(cloud)
    async with cloud.sdk(AuthorizationManagementClient) as client:
        await client.role_assignments.create(f"/subscriptions/{PROD}", FIRST, _given(made.principal_id))
        await client.role_assignments.create(f"{VAULT}/secrets/stripe-key", SECOND, _given(made.principal_id))
        at = [a.name async for a in client.role_assignments.list_for_scope(VAULT, filter="atScope()")]
        all_of = [a.name async for a in client.role_assignments.list_for_scope(VAULT)]

    assert FIRST in at and SECOND not in at
    assert {FIRST, SECOND} <= set(all_of)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"principal_id": "wow"}, "InvalidPrincipalId"),
        ({"principal_type": "User"}, "UnmatchedPrincipalType"),
        ({"role_definition_id": ROLE[:-4] + "0000"}, "RoleDefinitionDoesNotExist"),
    ],
)
async def test_a_wrong_assignment_is_refused_by_its_code(
    cloud: Cloud, change: dict[str, str], code: str
) -> None:
    made = await _identity(cloud)
    wanted = _given(made.principal_id)
    for name, value in change.items():
        setattr(wanted, name, value)

    async with cloud.sdk(AuthorizationManagementClient) as client:
        with pytest.raises(HttpResponseError) as caught:
            await client.role_assignments.create(VAULT, FIRST, wanted)

    assert caught.value.error.code == code


async def test_an_assignment_cannot_change_its_principal(cloud: Cloud) -> None:
    made = await _identity(cloud)
    async with cloud.sdk(AuthorizationManagementClient) as client:
        await client.role_assignments.create(VAULT, FIRST, _given(made.principal_id))
        with pytest.raises(HttpResponseError) as caught:
            await client.role_assignments.create(VAULT, FIRST, _given(BOT))

    assert (caught.value.status_code, caught.value.error.code) == (400, "RoleAssignmentUpdateNotPermitted")


async def test_cosmos_roles_are_given_by_a_long_running_operation(cloud: Cloud) -> None:
    made = await _identity(cloud)
    cloud.arm.options.cosmos_operation = 0.4
    wanted = SqlRoleAssignmentCreateUpdateParameters(
        properties=SqlRoleAssignmentResource(
            role_definition_id=f"{ACCOUNT}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000001",
            scope=f"{ACCOUNT}/dbs/catalogue",
            principal_id=made.principal_id,
        )
    )
    async with cloud.sdk(CosmosDBManagementClient) as client:
        roles = client.sql_resources.list_sql_role_definitions("rg-data-prod", "cosmos-catalogue")
        assert len([r async for r in roles]) == 2
        begun = await client.sql_resources.begin_create_update_sql_role_assignment(
            FIRST, "rg-data-prod", "cosmos-catalogue", wanted, polling_interval=0.2
        )
        done = await begun.result()

    assert done.properties.scope == f"{ACCOUNT}/dbs/catalogue"
    assert [a["short"] for a in cloud.arm.assignments if a["plane"] == "cosmos"] == [
        "cosmos-catalogue/dbs/catalogue"
    ]


async def test_resource_graph_finds_by_type_and_name_among_what_the_caller_sees(cloud: Cloud) -> None:
    query = (
        "resources | where type =~ 'Microsoft.KeyVault/vaults' and name in~ ('KV-Payments', 'kv-legacy', "
        "'none')"
        " | extend rbac = tobool(properties.enableRbacAuthorization) | project id, name, rbac, subscriptionId"
        " | order by name asc"
    )
    async with cloud.sdk(ResourceGraphClient, None) as client:
        found = await client.resources(QueryRequest(query=query))
        paged = await client.resources(QueryRequest(query="resources", options=QueryRequestOptions(top=3)))
        with pytest.raises(HttpResponseError) as caught:
            await client.resources(QueryRequest(query="resources | mv-expand tags"))

    assert [(r["name"], r["rbac"]) for r in found.data] == [("kv-legacy", False), ("kv-payments", True)]
    assert (len(paged.data), paged.skip_token) == (3, "3")
    assert caught.value.error.code == "BadRequest"
    assert [d.code for d in caught.value.error.details] == ["InvalidQuery", "ParserFailure"]
