"""Argo CD's REST API: who may ask, what is found, and the shapes of its answers."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from aiohttp import web
from git_world import PROD, SHARED, Bench, running
from test_argocd_follow import CLIENT, annotate, only

SWAGGER = SHARED / "argocd" / "swagger.json"


@cache
def swagger() -> Any:
    return json.loads(SWAGGER.read_text())


def check(value: Any, name: str) -> None:
    """The value has the types of this definition, and nothing that the definition does not know."""
    known = swagger()["definitions"]

    def closed(schema: Any) -> Any:
        if isinstance(schema, list):
            return [closed(s) for s in schema]
        if not isinstance(schema, dict):
            return schema
        kept = {k: closed(v) for k, v in schema.items()}
        if "properties" in schema and "additionalProperties" not in schema:
            kept["additionalProperties"] = False
        if "allOf" in kept:
            # What Go embeds stands beside the rest: both together are what is known.
            for part in kept.pop("allOf"):
                named = known.get(str(part.get("$ref", "")).rpartition("/")[2], part)
                kept["properties"] = {**closed(named)["properties"], **kept.get("properties", {})}
        return kept

    definitions = {k: closed(v) for k, v in known.items()}
    schema = definitions[name] | {"definitions": definitions}
    jsonschema.Draft4Validator(schema).validate(value)


swaggered = pytest.mark.skipif(
    not SWAGGER.exists(), reason="Argo CD's swagger is not beside the project's root"
)


async def get(bench: Bench, path: str) -> Any:
    answer = await bench.argo("GET", path)
    assert answer.status == 200, answer.text
    return answer.json


@swaggered
async def test_answers_are_as_the_swagger_describes_them(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod", "catalogue-dev")) as bench:
        await annotate(bench)
        app = "applications/payments-api-prod"
        check(await get(bench, app), "v1alpha1Application")
        check(await get(bench, "applications"), "v1alpha1ApplicationList")
        check(await get(bench, f"{app}/resource-tree"), "v1alpha1ApplicationTree")
        check(await get(bench, f"{app}/managed-resources"), "applicationManagedResourcesResponse")
        check(await get(bench, f"{app}/manifests"), "repositoryManifestResponse")
        check(await get(bench, "clusters"), "v1alpha1ClusterList")
        check(await get(bench, "session/userinfo"), "sessionGetUserInfoResponse")
        await bench.github.people.push("ann", "main", f"{PROD}/pdb.yaml", "kind: [")
        check(await get(bench, f"{app}?refresh=normal"), "v1alpha1Application")


async def test_the_live_manifest_of_account_and_pod_tells_what_a_diagnosis_reads(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod") | {"tenant": "the-tenant"}) as bench:
        await annotate(bench)
        app = "applications/payments-api-prod"
        await get(bench, f"{app}?refresh=normal")
        bench.world.clock.advance(5)

        named = "namespace=payments&group=&version=v1&kind=ServiceAccount&resourceName=payments-api"
        account = json.loads((await get(bench, f"{app}/resource?{named}"))["manifest"])
        assert account["metadata"]["annotations"]["azure.workload.identity/client-id"]
        tracking = account["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
        assert tracking == "payments-api-prod:/ServiceAccount:payments/payments-api"

        nodes = (await get(bench, f"{app}/resource-tree"))["nodes"]
        pod = [n for n in nodes if n["kind"] == "Pod"][-1]
        assert pod["parentRefs"][0]["kind"] == "ReplicaSet"
        named = f"namespace=payments&group=&version=v1&kind=Pod&resourceName={pod['name']}"
        manifest = json.loads((await get(bench, f"{app}/resource?{named}"))["manifest"])
        env = {e["name"]: e["value"] for e in manifest["spec"]["containers"][0]["env"]}
        assert env["AZURE_TENANT_ID"] == "the-tenant"
        assert env["AZURE_FEDERATED_TOKEN_FILE"] == "/var/run/secrets/azure/tokens/azure-identity-token"
        token = manifest["spec"]["volumes"][-1]["projected"]["sources"][0]["serviceAccountToken"]
        assert token["audience"] == "api://AzureADTokenExchange"
        assert manifest["status"]["phase"] == "Running"


async def test_a_missing_application_is_forbidden_unless_its_project_is_named(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod")) as bench:
        bare = await bench.argo("GET", "applications/nope")
        named = await bench.argo("GET", "applications/nope?project=shop")
        elsewhere = await bench.argo("GET", "applications/payments-api-prod?project=other")

        assert (bare.status, bare.json["message"]) == (403, "permission denied")
        assert (named.status, named.json["code"]) == (404, 5)
        assert named.json["message"] == 'applications.argoproj.io "nope" not found'
        assert elsewhere.status == 404


async def test_without_a_good_token_nothing_but_the_version_is_told(tmp_path: Path) -> None:
    async with running(tmp_path, argocd={"applications": [], "password": "open sesame"}) as bench:
        nobody = await bench.argo("GET", "applications", token=None)
        wrong = await bench.argo("GET", "applications", token="guess")
        version = await bench.argo("GET", "version", token=None)
        refused = await bench.argo("POST", "session", {"username": "admin", "password": "x"}, token=None)
        session = await bench.argo(
            "POST", "session", {"username": "admin", "password": "open sesame"}, token=None
        )
        listed = await bench.argo("GET", "applications", token=session.json["token"])

        assert (nobody.status, nobody.json["message"]) == (401, "no session information")
        assert wrong.status == refused.status == 401
        assert version.status == 200
        assert listed.json["items"] == []


async def test_a_right_that_is_not_held_is_named(tmp_path: Path) -> None:
    account = {"name": "reader", "may": ["applications/get"]}
    async with running(tmp_path, argocd=only("payments-api-prod") | {"tokens": {"t": account}}) as bench:
        reads = await bench.argo("GET", "applications/payments-api-prod", token="t")
        syncs = await bench.argo("POST", "applications/payments-api-prod/sync", {}, token="t")
        logs = await bench.argo("GET", "applications/payments-api-prod/logs?podName=x", token="t")

        assert reads.status == 200
        assert (syncs.status, syncs.json["code"]) == (403, 7)
        assert syncs.json["message"] == "permission denied: applications, sync, sub: reader"
        assert logs.json["message"] == "permission denied: logs, get, sub: reader"


async def test_fields_projects_and_repository_narrow_a_list(tmp_path: Path) -> None:
    async with running(
        tmp_path, argocd=only("payments-api-prod", "orders-prod") | {"project": "shop"}
    ) as bench:
        fields = "items.metadata.name,items.status.sync.status"
        narrow = await get(bench, f"applications?fields={fields}&projects=shop")
        without = await get(bench, "applications/orders-prod?fields=-status,metadata.uid")
        nothing = await get(bench, "applications?projects=other")
        spelled = await get(bench, "applications?repo=git@github.com:shop/gitops.git")
        exact = await get(bench, "applications?repo=https://github.com/shop/gitops.git")

        assert narrow == {
            "items": [
                {"metadata": {"name": name}, "status": {"sync": {"status": "Synced"}}}
                for name in ("payments-api-prod", "orders-prod")
            ]
        }
        assert set(without) == {"metadata", "spec"}
        assert nothing["items"] == spelled["items"] == []
        assert len(exact["items"]) == 2


async def test_logs_are_lines_of_json_that_can_be_filtered(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("orders-dev")) as bench:
        await get(bench, "applications/orders-dev")
        told = {"name": "orders-dev", "resource": "orders", "lines": ["AADSTS70021: no match", "still here"]}
        await bench.send("POST", "/argocd/people/ann/log", told)

        async def lines(query: str) -> list[str]:
            answer = await bench.argo("GET", f"applications/orders-dev/logs?namespace=orders&{query}")
            rows = [json.loads(line)["result"] for line in answer.text.splitlines()]
            assert rows[-1]["last"] is True
            return [row["content"] for row in rows[:-1]]

        pod = bench.app("orders-dev")["pods"][0]["name"]
        assert await lines(f"podName={pod}") == ["starting", "AADSTS70021: no match", "still here"]
        assert await lines(f"podName={pod}&filter=AADSTS") == ["AADSTS70021: no match"]
        assert await lines(f"podName={pod}&filter=!AADSTS&tailLines=1") == ["still here"]
        whole = "group=apps&kind=Deployment&resourceName=orders"
        assert len(await lines(whole)) == 3
        assert (await bench.argo("GET", "applications/orders-dev/logs?podName=nope")).status == 400


async def test_events_are_found_only_when_the_object_is_named_in_full(tmp_path: Path) -> None:
    async with running(tmp_path, argocd=only("payments-api-dev")) as bench:
        nodes = (await get(bench, "applications/payments-api-dev/resource-tree"))["nodes"]
        owner = next(n for n in nodes if n["kind"] == "ReplicaSet")
        named = f"resourceName={owner['name']}&resourceNamespace=payments"

        found = await get(bench, f"applications/payments-api-dev/events?{named}&resourceUID={owner['uid']}")
        half = await bench.argo("GET", f"applications/payments-api-dev/events?{named}")

        assert {e["reason"] for e in found["items"]} == {"FailedCreate"}
        assert half.status == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        (
            "GET",
            "resource?kind=Pod&namespace=x&resourceName=y&group=",
            None,
            "Pod  y not found as part of application",
        ),
        ("POST", "sync", {"revision": "feature"}, "Cannot sync to feature: auto-sync currently set to main"),
        ("POST", "resource/actions/v2", {"kind": "ServiceAccount"}, "not found as part of application"),
        ("GET", "manifests?revision=nope", None, "unable to resolve 'nope' to a commit SHA"),
    ],
)
async def test_what_argo_cd_refuses_it_refuses_in_its_words(
    tmp_path: Path, method: str, path: str, body: Any, message: str
) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod")) as bench:
        answer = await bench.argo(method, f"applications/payments-api-prod/{path}", body)

        assert answer.status >= 400
        assert message in answer.json["message"]
        assert answer.json["error"] == answer.json["message"]


class Azure:
    """As much of the sandbox's Azure as a pod's token is judged by."""

    name = "arm"

    def __init__(self, *identities: Any) -> None:
        self._identities = list(identities)

    def app(self) -> web.Application:
        return web.Application()

    def snapshot(self) -> dict[str, Any]:
        return {}

    def restore(self, saved: dict[str, Any]) -> None:
        pass

    def view(self) -> dict[str, Any]:
        clusters = [{"name": "prod-weu", "issuer": "https://issuer/"}]
        return {"tenants": [{"id": "t"}], "clusters": clusters, "identities": self._identities}


GOOD = {
    "issuer": "https://issuer/",
    "subject": "system:serviceaccount:payments:payments-api",
    "audience": "api://AzureADTokenExchange",
}


@pytest.mark.parametrize(
    ("credentials", "line"),
    [
        (None, f"AADSTS700016: Application with identifier '{CLIENT}' was not found in the directory 't'."),
        ([], "AADSTS700211: No matching federated identity record found for presented assertion issuer"),
        ([GOOD | {"subject": "x"}], "AADSTS700213: No matching federated identity record found"),
        ([GOOD | {"audience": "x"}], "AADSTS700212: No matching federated identity record found"),
        ([GOOD], "DefaultAzureCredential acquired a token from WorkloadIdentityCredential"),
    ],
)
async def test_a_pods_log_says_what_entra_says_to_its_token(
    tmp_path: Path, credentials: Any, line: str
) -> None:
    async with running(tmp_path, argocd=only("payments-api-prod")) as bench:
        known = [] if credentials is None else [{"client_id": CLIENT, "credentials": credentials}]
        bench.world.add(Azure(*known))
        await annotate(bench)
        await get(bench, "applications/payments-api-prod?refresh=normal")
        bench.world.clock.advance(5)
        pod = next(p for p in bench.app("payments-api-prod")["pods"] if p["token"])

        answer = await bench.argo("GET", f"applications/payments-api-prod/logs?podName={pod['name']}")

        lines = [json.loads(row)["result"]["content"] for row in answer.text.splitlines()]
        assert lines[1].startswith(line)
        assert pod["logs"][0].startswith(line)
