"""Argo CD follows Git: what a merge brings, what it refuses, and what the pods get."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from git_world import PROD, SAMPLE, Bench, running

APPS = SAMPLE["argocd"]["applications"]
CLIENT = "0b1e6a3c-5d2f-4a7b-8c9d-1e2f3a4b5c6d"


def only(*names: str, **change: Any) -> dict[str, Any]:
    """The Argo CD options with only these applications."""
    return {"applications": [a | change for a in APPS if a["name"] in names]}


async def push(bench: Bench, path: str, old: str, new: str) -> str:
    """One replacement in a file on main; the commit."""
    text = bench.github.hosting.git.text(str(bench.github.view()["head"]), path)
    assert text is not None
    assert old in text
    made = await bench.github.people.push("ann", "main", path, text.replace(old, new, 1))
    return str(made["sha"])


async def annotate(bench: Bench) -> str:
    """What the bot's proposal does to payments-api in production; the commit."""
    annotation = f'  annotations:\n    azure.workload.identity/client-id: "{CLIENT}"\n'
    await push(bench, f"{PROD}/serviceaccount.yaml", "  annotations:\n", annotation)
    label = 'environment: prod\n        azure.workload.identity/use: "true"'
    return await push(bench, f"{PROD}/deployment.yaml", "environment: prod", label)


async def application(bench: Bench, name: str, query: str = "") -> Any:
    answer = await bench.argo("GET", f"applications/{name}{query}")
    assert answer.status == 200, answer.text
    return answer.json


async def test_every_sample_application_is_synced_when_the_sandbox_starts(tmp_path: Path) -> None:
    async with running(tmp_path, argocd={}) as bench:
        listed = await bench.argo("GET", "applications")

        states = {a["metadata"]["name"]: a["status"]["sync"]["status"] for a in listed.json["items"]}
        assert states == {a["name"]: "Synced" for a in APPS}
        assert {a["status"]["sync"]["revision"] for a in listed.json["items"]} == {
            bench.github.view()["head"]
        }


async def test_a_refresh_brings_a_merged_identity_to_new_pods(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod")) as bench:
        await application(bench, "payments-api-prod")
        old = {pod["name"] for pod in bench.app("payments-api-prod")["pods"]}
        merged = await annotate(bench)

        found = await application(bench, "payments-api-prod", "?refresh=normal")
        assert found["status"]["sync"] | {"comparedTo": None} == {
            "status": "Synced",
            "revision": merged,
            "comparedTo": None,
        }
        assert found["status"]["health"]["status"] == "Progressing"
        assert found["status"]["operationState"]["phase"] == "Succeeded"

        await healthy(bench, "payments-api-prod", pods=4)
        pods = bench.app("payments-api-prod")["pods"]
        assert not old & {pod["name"] for pod in pods}
        assert {(pod["labelled"], pod["token"], pod["client_id"]) for pod in pods} == {(True, True, CLIENT)}


async def healthy(bench: Bench, name: str, pods: int) -> None:
    """Time goes on until the application is healthy with just these pods."""
    follower = bench.world.journal.follow()
    async with asyncio.timeout(5):
        while bench.app(name)["health"] != "Healthy" or len(bench.app(name)["pods"]) != pods:
            bench.world.clock.advance(1)
            await anext(follower)


async def test_without_a_refresh_the_poll_finds_the_merge(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod") | {"poll": 10}) as bench:
        await application(bench, "payments-api-prod")
        merged = await annotate(bench)
        assert bench.app("payments-api-prod")["revision"] != merged

        follower = bench.world.journal.follow()
        bench.world.clock.advance(11)

        async with asyncio.timeout(5):
            while bench.app("payments-api-prod")["revision"] != merged:
                await anext(follower)


async def test_annotating_the_account_alone_changes_no_pod_until_it_is_restarted(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("orders-dev")) as bench:
        label = 'labels: {app.kubernetes.io/name: orders, azure.workload.identity/use: "true"}'
        await push(
            bench,
            "apps/orders/dev/orders.yaml",
            "            labels: {app.kubernetes.io/name: orders}",
            f"            {label}",
        )
        await application(bench, "orders-dev", "?refresh=normal")
        await healthy(bench, "orders-dev", pods=1)
        before = bench.app("orders-dev")["pods"]
        assert [(p["token"], p["client_id"]) for p in before] == [(True, None)]
        account = f'    name: orders\n    annotations: {{azure.workload.identity/client-id: "{CLIENT}"}}\n'
        await push(
            bench,
            "apps/orders/dev/orders.yaml",
            "    name: orders        # the namespace comes from the Application\n",
            account,
        )

        await application(bench, "orders-dev", "?refresh=normal")
        assert bench.app("orders-dev")["pods"] == before
        assert bench.app("orders-dev")["service_accounts"][0]["client_id"] == CLIENT

        body = {
            "namespace": "orders",
            "resourceName": "orders",
            "group": "apps",
            "version": "v1",
            "kind": "Deployment",
            "action": "restart",
        }
        answer = await bench.argo("POST", "applications/orders-dev/resource/actions/v2", body)
        assert answer.status == 200
        assert CLIENT in {p["client_id"] for p in bench.app("orders-dev")["pods"]}
        assert bench.app("orders-dev")["sync"] == "Synced", "a restart is no difference to Git"


async def test_an_account_that_is_missing_keeps_pods_from_being_made_and_a_merge_mends_it(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, argocd=only("payments-api-dev")) as bench:
        found = await application(bench, "payments-api-dev")
        assert found["status"]["health"]["status"] == "Degraded"
        events = bench.argocd.view()["events"]
        assert any('serviceaccount "payments-api" not found' in e["message"] for e in events)
        folder = "apps/payments-api/overlays/dev"
        account = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: payments-api\n"
        await bench.github.people.push("ann", "main", f"{folder}/serviceaccount.yaml", account)
        await push(
            bench,
            f"{folder}/kustomization.yaml",
            "- configmap.yaml\n",
            "- configmap.yaml\n- serviceaccount.yaml\n",
        )

        await application(bench, "payments-api-dev", "?refresh=normal")

        assert len(bench.app("payments-api-dev")["pods"]) == 1


async def test_a_path_that_does_not_render_says_why(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod")) as bench:
        await application(bench, "payments-api-prod")
        await push(bench, f"{PROD}/kustomization.yaml", "  - pdb.yaml\n", "  - pdb.yaml\n  - nothing.yaml\n")

        found = await application(bench, "payments-api-prod", "?refresh=hard")

        assert found["status"]["sync"]["status"] == "Unknown"
        condition = found["status"]["conditions"][0]
        assert condition["type"] == "ComparisonError"
        assert "nothing.yaml" in condition["message"]
        assert found["status"]["health"]["status"] == "Healthy", "what runs goes on running"
        assert "/checkouts/" not in condition["message"]


async def test_a_label_that_is_no_string_fails_the_sync_as_kubernetes_would(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod")) as bench:
        await application(bench, "payments-api-prod")
        await push(bench, f"{PROD}/serviceaccount.yaml", 'cost-centre: "4711"', "cost-centre: 4711")
        unquoted = "environment: prod\n        azure.workload.identity/use: true"
        await push(bench, f"{PROD}/deployment.yaml", "environment: prod", unquoted)

        found = await application(bench, "payments-api-prod", "?refresh=normal")

        state = found["status"]["operationState"]
        assert state["phase"] == "Failed"
        assert "cannot unmarshal" in state["message"]
        assert found["status"]["sync"]["status"] == "OutOfSync"
        failed = {r["kind"] for r in state["syncResult"]["resources"] if r["status"] == "SyncFailed"}
        assert "Deployment" in failed


async def test_an_application_without_auto_sync_waits_for_somebody(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod", auto_sync=False)) as bench:
        await application(bench, "payments-api-prod")
        await annotate(bench)
        waiting = await application(bench, "payments-api-prod", "?refresh=normal")
        assert waiting["status"]["sync"]["status"] == "OutOfSync"

        synced = await bench.argo("POST", "applications/payments-api-prod/sync", {})

        assert synced.json["status"]["sync"]["status"] == "Synced"
        operation = synced.json["status"]["operationState"]["operation"]
        assert operation["initiatedBy"] == {"username": "identity-bot"}


async def test_what_is_gone_from_git_is_pruned(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod")) as bench:
        await application(bench, "payments-api-prod")
        await push(bench, f"{PROD}/kustomization.yaml", "  - pdb.yaml\n", "")

        await application(bench, "payments-api-prod", "?refresh=normal")

        kinds = {r["kind"] for r in bench.app("payments-api-prod")["resources"]}
        assert kinds == {"Deployment", "Service", "ServiceAccount"}


async def test_an_unmerged_commit_can_be_rendered(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod")) as bench:
        path = f"{PROD}/pdb.yaml"
        text = bench.github.hosting.git.text(str(bench.github.view()["head"]), path) or ""
        pull = await bench.proposal(path=path, text=text.replace("minAvailable: 3", "minAvailable: 2"))
        sha = pull["head"]["sha"]

        answer = await bench.argo("GET", f"applications/payments-api-prod/manifests?revision={sha}")

        found = [json.loads(text) for text in answer.json["manifests"]]
        budget = next(m for m in found if m["kind"] == "PodDisruptionBudget")
        assert (answer.json["revision"], budget["spec"]["minAvailable"]) == (sha, 2)


async def test_a_restart_of_the_sandbox_keeps_pods_and_histories(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod")) as bench:
        await application(bench, "payments-api-prod")
        await annotate(bench)
        await application(bench, "payments-api-prod", "?refresh=normal")
        await healthy(bench, "payments-api-prod", pods=4)
        before = [pod["name"] for pod in bench.app("payments-api-prod")["pods"]]
    async with running(tmp_path, argocd=only("payments-api-prod")) as bench:
        await application(bench, "payments-api-prod")
        assert [pod["name"] for pod in bench.app("payments-api-prod")["pods"]] == before
        assert bench.app("payments-api-prod")["sync"] == "Synced"


async def test_a_foreign_repository_shows_its_applications_as_not_comparable(tmp_path: Path) -> None:
    lost = {"applications": [{"name": "lost", "cluster": "c", "path": "nowhere", "namespace": "n"}]}
    async with running(tmp_path, argocd=lost) as bench:
        found = await application(bench, "lost")

        assert found["status"]["sync"]["status"] == "Unknown"
        assert found["status"]["health"]["status"] == "Unknown"
        assert found["status"]["conditions"][0]["message"].endswith("nowhere: app path does not exist")


async def test_a_link_that_leads_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("orders-dev")) as bench:
        tip = (await bench.call("GET", "branches/main")).json["commit"]
        row = {
            "path": "apps/orders/dev/out.yaml",
            "mode": "120000",
            "type": "blob",
            "content": "/etc/hostname",
        }
        tree = {"base_tree": tip["commit"]["tree"]["sha"], "tree": [row]}
        made = (await bench.call("POST", "git/trees", tree)).json["sha"]
        body = {"message": "m", "tree": made, "parents": [tip["sha"]]}
        commit = (await bench.call("POST", "git/commits", body)).json["sha"]
        await bench.call("PATCH", "git/refs/heads/main", {"sha": commit})

        found = await application(bench, "orders-dev", "?refresh=normal")

        assert "out-of-bounds symlinks" in found["status"]["conditions"][0]["message"]


@pytest.mark.parametrize(
    "act",
    [("restart", {"kind": "Deployment", "resource": "orders"}), ("run-job", {"resource": "orders-report"})],
)
async def test_people_restart_workloads_and_run_jobs(tmp_path: Path, act: tuple[str, dict[str, str]]) -> None:
    async with running(tmp_path, argocd=only("orders-prod")) as bench:
        await application(bench, "orders-prod")
        before = {p["name"] for p in bench.app("orders-prod")["pods"]}

        answer = await bench.send("POST", f"/argocd/people/ann/{act[0]}", {"name": "orders-prod", **act[1]})

        assert answer.status == 200, answer.text
        assert {p["name"] for p in answer.json["pods"]} - before
