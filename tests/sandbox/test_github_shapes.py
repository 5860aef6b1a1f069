"""Every answer holds what GitHub's OpenAPI description promises."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from git_world import PROD, SHARED, Bench, running
from test_github_callers import signed

DESCRIPTION = SHARED / "github" / "openapi-subset.json"
pytestmark = pytest.mark.skipif(
    not DESCRIPTION.exists(), reason="GitHub's OpenAPI description is not beside the project's root"
)


@cache
def description() -> Any:
    def strict(value: Any) -> Any:
        """OpenAPI 3.0's `nullable` in JSON Schema's words."""
        if isinstance(value, list):
            return [strict(v) for v in value]
        if not isinstance(value, dict):
            return value
        kept = {k: strict(v) for k, v in value.items()}
        return {"anyOf": [kept, {"type": "null"}]} if value.get("nullable") is True else kept

    return strict(json.loads(DESCRIPTION.read_text()))


def check(value: Any, path: str, method: str, status: int) -> None:
    """The value is what this operation may answer with this status."""
    answers = description()["paths"][path][method]["responses"]
    answer = answers[str(status)]
    if "$ref" in answer:
        answer = description()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = answer["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator(schema | {"components": description()["components"]}).validate(value)


REPO = "/repos/{owner}/{repo}"


async def checked(
    bench: Bench, method: str, path: str, template: str, body: Any = None, **headers: str
) -> Any:
    answer = await bench.call(method, path, body, **headers)
    assert answer.status < 300, answer.text
    check(answer.json, REPO + template, method.lower(), answer.status)
    return answer.json


async def test_git_objects_are_as_described(tmp_path: Path) -> None:
    async with running(tmp_path, protection={"guarded": {"reviews": 2}}) as bench:
        await checked(bench, "GET", "", "")
        branch = await checked(bench, "GET", "branches/main", "/branches/{branch}")
        tip, root = branch["commit"]["sha"], branch["commit"]["commit"]["tree"]["sha"]
        await checked(bench, "GET", "git/ref/heads/main", "/git/ref/{ref}")
        listed = await checked(bench, "GET", f"git/trees/{root}?recursive=1", "/git/trees/{tree_sha}")
        blob = next(row for row in listed["tree"] if row["type"] == "blob")
        await checked(bench, "GET", f"git/blobs/{blob['sha']}", "/git/blobs/{file_sha}")
        await checked(bench, "GET", f"git/commits/{tip}", "/git/commits/{commit_sha}")
        rows = [{"path": "a.md", "mode": "100644", "type": "blob", "content": "a\n"}]
        tree = await checked(bench, "POST", "git/trees", "/git/trees", {"base_tree": root, "tree": rows})
        sent = {"message": "m", "tree": tree["sha"], "parents": [tip]}
        commit = await checked(bench, "POST", "git/commits", "/git/commits", sent)
        ref = {"ref": "refs/heads/x", "sha": tip}
        await checked(bench, "POST", "git/refs", "/git/refs", ref)
        await checked(bench, "PATCH", "git/refs/heads/x", "/git/refs/{ref}", {"sha": commit["sha"]})
        await checked(bench, "GET", "compare/main...x", "/compare/{basehead}")


async def test_pull_requests_are_as_described_open_and_merged(tmp_path: Path) -> None:
    async with running(tmp_path, teams={"platform": ["ann"]}) as bench:
        await bench.commit_on("x", f"{PROD}/a.yaml", "a: 1\n")
        sent = {"title": "t", "head": "x", "base": "main", "body": "b"}
        await checked(bench, "POST", "pulls", "/pulls", sent)
        number = "{issue_number}"
        await checked(bench, "POST", "issues/1/labels", f"/issues/{number}/labels", {"labels": ["azure"]})
        await checked(bench, "POST", "issues/1/comments", f"/issues/{number}/comments", {"body": "c"})
        asked = {"reviewers": ["ann"], "team_reviewers": ["platform"]}
        template = "/pulls/{pull_number}/requested_reviewers"
        await checked(bench, "POST", "pulls/1/requested_reviewers", template, asked)
        await checked(bench, "GET", "pulls/1", "/pulls/{pull_number}")
        await checked(bench, "PATCH", "pulls/1", "/pulls/{pull_number}", {"title": "better"})
        await checked(bench, "GET", "pulls?state=all&head=shop:x", "/pulls")

        await bench.github.people.merge("ann", 1)

        merged = await checked(bench, "GET", "pulls/1", "/pulls/{pull_number}")
        assert merged["merged"] is True
        await checked(bench, "GET", "pulls?state=closed", "/pulls")


async def test_contents_are_as_described_for_files_and_folders(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        file = await checked(bench, "GET", f"contents/{PROD}/serviceaccount.yaml", "/contents/{path}")
        folder = await checked(bench, "GET", f"contents/{PROD}", "/contents/{path}")
        raw = await bench.call("GET", f"contents/{PROD}/pdb.yaml", Accept="application/vnd.github.raw+json")

        assert (file["type"], file["encoding"]) == ("file", "base64")
        assert [row["name"] for row in folder] == [
            "deployment.yaml",
            "kustomization.yaml",
            "pdb.yaml",
            "serviceaccount.yaml",
        ]
        assert raw.text.startswith("---\napiVersion: policy/v1\n")


async def test_an_apps_installation_and_tokens_are_as_described(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, raw = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, raw).decode()
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    async with running(tmp_path, app={"id": 7, "public_key": public}) as bench:
        token = signed(private)
        found = await bench.call("GET", "installation", token=token)
        check(found.json, f"{REPO}/installation", "get", 200)
        made = await bench.call(
            "POST", f"/app/installations/{found.json['id']}/access_tokens", {}, token=token
        )
        check(made.json, "/app/installations/{installation_id}/access_tokens", "post", 201)


async def test_refusals_are_as_described(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        missing = await bench.call("GET", "pulls/9")
        check(missing.json, f"{REPO}/pulls/{{pull_number}}", "get", 404)
        wrong = await bench.call("POST", "pulls", {"title": "t", "head": "nope", "base": "main"})
        check(wrong.json, f"{REPO}/pulls", "post", 422)
