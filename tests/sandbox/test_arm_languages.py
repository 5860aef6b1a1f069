"""The small languages that Azure takes: queries, conditions of assignments, expressions of credentials."""

from typing import Any

import pytest

from sandbox.arm import conditions, flexible, kql

ROWS: list[dict[str, Any]] = [
    {
        "name": "kv-a",
        "type": "microsoft.keyvault/vaults",
        "tags": {"team": "Payments"},
        "properties": {"rbac": True},
    },
    {"name": "kv-b", "type": "microsoft.keyvault/vaults", "tags": None, "properties": {"rbac": False}},
    {"name": "o'st", "type": "microsoft.storage/storageaccounts", "tags": {}, "properties": {}},
]
REQUEST = "@request[microsoft.authorization/roleassignments:roledefinitionid]"
WRITE = "Microsoft.Authorization/roleAssignments/write"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
ROLE = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("resources", ["kv-a", "kv-b", "o'st"]),
        ("resources | where type =~ 'Microsoft.KeyVault/Vaults'", ["kv-a", "kv-b"]),
        ("Resources | where name == 'KV-A'", []),
        ("resources | where name in~ ('KV-A', \"o'st\")", ["kv-a", "o'st"]),
        ("resources | where name in ('KV-A')", []),
        ("resources | where name !in~ ('kv-a')", ["kv-b", "o'st"]),
        ("resources | where name == 'o\\'st'", ["o'st"]),
        ("resources | where tags.team =~ 'payments' or tags['team'] == 'x'", ["kv-a"]),
        ("resources | where isnotempty(tags.team)", ["kv-a"]),
        ("resources | where not(type contains 'keyvault') and name startswith 'O'", ["o'st"]),
        ("resources | where tobool(properties.rbac) == true", ["kv-a"]),
        ("resources | where name has 'kv' | order by name desc | take 1", ["kv-b"]),
        ("resources // all of them\n| limit 1;", ["kv-a"]),
    ],
)
def test_a_query_finds_what_resource_graph_would_find(query: str, names: list[str]) -> None:
    assert [row["name"] for row in kql.run(query, {"resources": ROWS})] == names


def test_a_query_shapes_its_rows() -> None:
    found = kql.run("resources | project n = tolower(name), properties.rbac | limit 1", {"resources": ROWS})
    kinds = kql.run("resources | distinct type", {"resources": ROWS})

    assert found == [{"n": "kv-a", "properties": True}]
    assert (len(kinds), kql.run("resources | count", {"resources": ROWS})) == (2, [{"Count": 3}])


@pytest.mark.parametrize(
    "query",
    ["", "secrets", "resources | join x", "resources | where", "resources | where name == 'a", "resources x"],
)
def test_a_query_that_is_not_understood_is_refused(query: str) -> None:
    with pytest.raises(kql.QueryError):
        kql.run(query, {"resources": ROWS})


@pytest.mark.parametrize(
    ("text", "role", "action", "holds"),
    [
        (f"{ROLE} ForAnyOfAnyValues:GuidEquals {{{READER}}}", READER, WRITE, True),
        (f"{ROLE} ForAnyOfAnyValues:GuidEquals {{{READER}}}", OWNER, WRITE, False),
        (f"{ROLE} ForAnyOfAllValues:GuidNotEquals {{{OWNER}, {READER}}}", OWNER, WRITE, False),
        (f"{ROLE} GuidEquals {READER.replace('-', '')!r}", READER, WRITE, True),
        (
            f"!(ActionMatches{{'{WRITE}'}}) OR {ROLE} ForAnyOfAnyValues:GuidEquals {{{READER}}}",
            OWNER,
            WRITE,
            False,
        ),
        (
            f"!(ActionMatches{{'{WRITE}'}}) OR {ROLE} ForAnyOfAnyValues:GuidEquals {{{READER}}}",
            OWNER,
            "x/read",
            True,
        ),
        (f"Exists {ROLE} && NOT ActionMatches{{'*/delete'}}", OWNER, WRITE, True),
        ("@Request[other] StringEquals 'x'", OWNER, WRITE, False),
    ],
)
def test_a_condition_holds_for_what_it_says(text: str, role: str, action: str, holds: bool) -> None:
    assert conditions.parse(text)(conditions.Question(action, {REQUEST: role})) is holds


@pytest.mark.parametrize(
    "text", ["", "(", f"{ROLE} Sounds 'x'", "x StringEquals 'y'", f"{ROLE} GuidEquals 'a' b"]
)
def test_a_condition_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(conditions.ConditionError):
        conditions.parse(text)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("claims['sub'] eq 'system:serviceaccount:a:b'", True),
        ("claims['sub'] matches 'system:serviceaccount:a:*'", True),
        ("claims['sub'] matches 'system:serviceaccount:*' and claims['aud'] eq 'other'", False),
        ("claims['sub'] contains 'a'", False),
    ],
)
def test_a_flexible_credential_matches_by_its_expression(expression: str, holds: bool) -> None:
    assert flexible.matches(expression, {"sub": "system:serviceaccount:a:b", "aud": "x"}) is holds
