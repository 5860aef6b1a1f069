"""The judge finds a right proposal right, and says what is wrong with any other."""

from pathlib import Path
from typing import Any

import pytest
from git_world import PROD, SAMPLE, Bench, running

from sandbox.argocd.options import read_options
from sandbox.judge import Workload, judge

CLIENT = "0b1e6a3c-5d2f-4a7b-8c9d-1e2f3a4b5c6d"
TENANT = "3f6c2a1e-8f0d-4b57-9a3c-5d1e7b2f4a60"
ISSUER = "https://issuer.example/prod/"
OTHERS = read_options(SAMPLE["argocd"], "shop/gitops", "main").applications
PAYMENTS = Workload.read(
    {
        "cluster": "prod-weu",
        "namespace": "payments",
        "service_account": "payments-api",
        "path": PROD,
        "grants": [{"role": "Key Vault Secrets User", "scope": "kv-payments"}],
    }
)
ANNOTATED = f"""  annotations:
    azure.workload.identity/client-id: "{CLIENT}"
    azure.workload.identity/tenant-id: "{TENANT}"
"""
LABELLED = 'environment: prod\n        azure.workload.identity/use: "true"'


def azure(**change: Any) -> dict[str, Any]:
    """The view of an Azure that holds just what payments-api needs, but for the change of its identity."""
    credential = {
        "issuer": ISSUER,
        "subject": "system:serviceaccount:payments:payments-api",
        "audience": "api://AzureADTokenExchange",
        "cluster": "prod-weu",
    }
    grant = {
        "role": "Key Vault Secrets User",
        "short": "kv-payments",
        "scope": "/subscriptions/…/kv-payments",
    }
    identity = {
        "name": "id-payments-api",
        "subscription": "shop-production",
        "client_id": CLIENT,
        "credentials": [credential],
        "assignments": [grant],
    }
    return {
        "clusters": [{"name": "prod-weu", "issuer": ISSUER}],
        "subscriptions": [{"name": "shop-production", "tenant": TENANT}],
        "identities": [identity | change],
    }


async def propose(bench: Bench, *edits: tuple[str, str, str]) -> int:
    """A pull request with these replacements in files; its number."""
    await bench.call("POST", "git/refs", {"ref": "refs/heads/x", "sha": bench.github.view()["head"]})
    for path, old, new in edits:
        tip = str(bench.github.hosting.git.resolve("x"))
        text = bench.github.hosting.git.text(tip, path)
        assert text is not None
        assert old in text
        await bench.github.people.push("ann", "x", path, text.replace(old, new, 1))
    made = await bench.call("POST", "pulls", {"title": "t", "head": "x", "base": "main"})
    return int(made.json["number"])


ACCOUNT = (f"{PROD}/serviceaccount.yaml", "  annotations:\n", ANNOTATED)
LABEL = (f"{PROD}/deployment.yaml", "environment: prod", LABELLED)


async def complaints(
    folder: Path, *edits: tuple[str, str, str], seen: Any = None, others: Any = ()
) -> list[str]:
    async with running(folder) as bench:
        number = await propose(bench, *edits)
        return await judge(bench.github, seen or azure(), PAYMENTS, number, others)


async def test_a_right_proposal_has_nothing_wrong_open_or_merged(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        number = await propose(bench, ACCOUNT, LABEL)
        assert await judge(bench.github, azure(), PAYMENTS, number, OTHERS) == []
        await bench.github.people.merge("ann", number)
        assert await judge(bench.github, azure(), PAYMENTS, number) == []
        assert await judge(bench.github, azure(), PAYMENTS, None) == []


@pytest.mark.parametrize(
    ("edits", "part"),
    [
        ([ACCOUNT], 'azure.workload.identity/use: None, not "true"'),
        ([LABEL], "has no azure.workload.identity/client-id"),
        (
            [(ACCOUNT[0], "  annotations:\n", ANNOTATED.replace(CLIENT, "0" * 36)), LABEL],
            "No identity in Azure",
        ),
        (
            [(ACCOUNT[0], "  annotations:\n", ANNOTATED.replace(TENANT, "0" * 36)), LABEL],
            "id-payments-api is in",
        ),
        ([ACCOUNT, LABEL, (f"{PROD}/pdb.yaml", "minAvailable: 3", "minAvailable: 2")], "PodDisruptionBudget"),
        ([ACCOUNT, LABEL, (f"{PROD}/deployment.yaml", "500m", "600m")], "changes in more than the identity"),
        (
            [ACCOUNT, LABEL, (f"{PROD}/kustomization.yaml", "  - pdb.yaml\n", "")],
            "PodDisruptionBudget/payments-api is gone",
        ),
        (
            [ACCOUNT, LABEL, (f"{PROD}/kustomization.yaml", "  - pdb.yaml", "  - nope.yaml")],
            "does not render",
        ),
        (
            [
                ACCOUNT,
                (f"{PROD}/deployment.yaml", "environment: prod", f"environment: prod\n        {LABELLED}"),
            ],
            "stands twice",
        ),
    ],
)
async def test_a_wrong_proposal_is_complained_of(tmp_path: Path, edits: Any, part: str) -> None:
    found = await complaints(tmp_path, *edits)

    assert any(part in complaint for complaint in found), found


async def test_a_proposal_that_reaches_further_than_asked_is_complained_of(tmp_path: Path) -> None:
    shared = "        app: payments-api\n"
    base = (
        "apps/payments-api/base/deployment.yaml",
        shared + "      ann",
        shared + '        x: "true"\n      ann',
    )
    orders = ("apps/orders/prod/report.yaml", "0 4 * * *", "0 5 * * *")
    near = [a for a in OTHERS if a.name in ("payments-api-dev", "orders-prod", "orders-dev")]

    found = await complaints(tmp_path, ACCOUNT, LABEL, base, orders, others=near)

    assert found == [
        "Deployment/payments-api changes in more than the identity",
        "payments-api-dev (apps/payments-api/overlays/dev) changes too",
        "orders-prod (apps/orders/prod) changes too",
    ]


CREDENTIAL = azure()["identities"][0]["credentials"][0]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"credentials": []}, "has not exactly one credential"),
        (
            {"credentials": [CREDENTIAL | {"issuer": "https://issuer.example/dev/"}]},
            "has not exactly one credential",
        ),
        (
            {"credentials": [CREDENTIAL | {"subject": "system:serviceaccount:payments:default"}]},
            "not exactly one",
        ),
        ({"credentials": [CREDENTIAL | {"audience": "api://other"}]}, "has not exactly one credential"),
        ({"assignments": []}, "does not hold Key Vault Secrets User on kv-payments"),
        (
            {"assignments": [{"role": "Owner", "short": "kv-payments", "scope": "/…"}]},
            "holds Owner on kv-payments, which nobody asked for",
        ),
    ],
)
async def test_an_azure_that_does_not_fit_is_complained_of(tmp_path: Path, change: Any, part: str) -> None:
    found = await complaints(tmp_path, ACCOUNT, LABEL, seen=azure(**change))

    assert any(part in complaint for complaint in found), found


async def test_a_closed_or_unknown_proposal_is_not_right(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        number = await propose(bench, ACCOUNT, LABEL)
        await bench.github.people.close("ann", number)

        assert await judge(bench.github, azure(), PAYMENTS, number) == [
            f"Pull request {number} was closed without a merge"
        ]
        assert await judge(bench.github, azure(), PAYMENTS, 99) == ["There is no pull request 99"]
