"""What GitHub refuses, in its own words."""

import json
from pathlib import Path
from typing import Any

import pytest
from git_world import Bench, running

NOWHERE = "0" * 40


def tree(path: Any = "a.yaml", **more: Any) -> dict[str, Any]:
    return {"tree": [{"path": path, "mode": "100644", "type": "blob", "content": "a: 1\n"} | more]}


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (tree("../a.yaml"), "tree.path contains a malformed path component"),
        (tree("a//b.yaml"), "tree.path contains a malformed path component"),
        (tree(".git/config"), "tree.path contains a malformed path component"),
        (tree("x/.GIT/hooks/pre-commit"), "tree.path contains a malformed path component"),
        (tree("a/"), "tree.path contains a malformed path component"),
        (tree("/etc/passwd"), "tree.path cannot start with a slash"),
        (tree(mode="100666"), "Must supply a valid tree.mode"),
        (tree(mode="040000", type="tree"), "A subdirectory may not have content"),
        (tree(sha=NOWHERE), "Must supply either tree.sha or tree.content."),
        (tree(content=None), "Must supply either tree.sha or tree.content."),
        (tree(content=None, sha=NOWHERE), f"tree.sha {NOWHERE} is not a valid blob"),
        (tree(content=None, sha=None), "GitRPC::BadObjectState"),
        (tree() | {"base_tree": NOWHERE}, "base_tree is not a valid tree oid"),
        ({"tree": []}, "Invalid tree info"),
        ({}, 'Invalid request.\n\n"tree" wasn\'t supplied.'),
    ],
)
async def test_a_tree_that_github_would_not_make_is_refused(tmp_path: Path, sent: Any, message: str) -> None:
    async with running(tmp_path) as bench:
        answer = await bench.call("POST", "git/trees", sent)

        assert answer.status == 422
        assert answer.json["message"].startswith(message)
        assert answer.json["status"] == "422"


async def test_a_commit_needs_a_tree_and_parents_that_are_here(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        tip = (await bench.call("GET", "branches/main")).json["commit"]
        good = {"message": "m", "tree": tip["commit"]["tree"]["sha"], "parents": [tip["sha"]]}

        async def told(**change: Any) -> str:
            answer = await bench.call("POST", "git/commits", good | change)
            assert answer.status == 422
            return str(answer.json["message"])

        assert await told(tree=NOWHERE) == "Tree SHA does not exist"
        assert await told(tree=tip["sha"]) == "Tree SHA is not a tree object"
        assert await told(parents=[NOWHERE]) == "Parent SHA does not exist or is not a commit object"
        assert (
            await told(message=None) == "Invalid request.\n\nFor 'properties/message', nil is not a string."
        )
        assert (await bench.call("POST", "git/commits", good)).status == 201


async def test_references_are_guarded_as_on_github(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        tip = (await bench.call("GET", "branches/main")).json["commit"]
        other = await bench.commit_on("x", "a.md", "a\n")
        blob = (await bench.call("POST", "git/blobs", {"content": "x"})).json["sha"]

        async def made(ref: str, sha: str = tip["sha"]) -> str:
            return str((await bench.call("POST", "git/refs", {"ref": ref, "sha": sha})).json["message"])

        assert await made("heads/y") == "Reference name must start with 'refs/'."
        assert (
            await made("refs/y") == "Reference name must contain at least three slash-separated components."
        )
        assert await made("refs/heads/a..b") == "refs/heads/a..b is not a valid ref name."
        assert await made("refs/heads/x") == "Reference already exists"
        assert await made("refs/heads/y", NOWHERE) == "Object does not exist"
        assert await made("refs/heads/y", blob) == "Reference update failed"
        assert await made("refs/heads/x/below") == "Reference update failed"

        async def moved(ref: str, sha: str, **more: Any) -> Any:
            return await bench.call("PATCH", f"git/refs/{ref}", {"sha": sha} | more)

        assert (await moved("heads/nope", other)).json["message"] == "Reference does not exist"
        assert (await moved("heads/x", tip["sha"])).json["message"] == "Update is not a fast forward"
        assert (await moved("heads/x", tip["sha"], force=True)).status == 200
        assert (await bench.call("DELETE", "git/refs/heads/x")).status == 204
        assert (await bench.call("DELETE", "git/refs/heads/x")).json["message"] == "Reference does not exist"
        assert (await bench.call("GET", "git/ref/heads/x")).status == 404
        assert (await bench.call("GET", "branches/x")).json["message"] == "Branch not found"


async def refused_pull(bench: Bench, **change: Any) -> Any:
    good = {"title": "t", "head": "x", "base": "main"}
    answer = await bench.call("POST", "pulls", {k: v for k, v in (good | change).items() if v is not None})
    assert answer.status == 422, answer.text
    return answer.json


async def test_a_pull_request_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        await bench.commit_on("x", "a.md", "a\n")
        tip = (await bench.call("GET", "branches/main")).json["commit"]["sha"]
        await bench.call("POST", "git/refs", {"ref": "refs/heads/same", "sha": tip})

        missing = await refused_pull(bench, head="nope", base="neither")
        assert [(e["field"], e["code"]) for e in missing["errors"]] == [
            ("base", "invalid"),
            ("head", "invalid"),
        ]
        nothing = await refused_pull(bench, head="same")
        assert nothing["errors"][0]["message"] == "No commits between main and same"
        assert (await refused_pull(bench, title=""))["errors"][0]["code"] == "missing_field"
        long = await refused_pull(bench, title="t" * 257)
        assert long["errors"][0]["message"] == "title is too long (maximum is 256 characters)"
        long = await refused_pull(bench, body="b" * 65_537)
        assert long["errors"][0]["message"] == "body is too long (maximum is 65536 characters)"
        assert (await refused_pull(bench, head=None))[
            "message"
        ] == 'Invalid request.\n\n"head" wasn\'t supplied.'
        assert (
            await bench.call("POST", "pulls", {"title": "t", "head": "shop:x", "base": "main"})
        ).status == 201
        again = await refused_pull(bench)
        assert again["errors"][0]["message"] == "A pull request already exists for shop:x."


async def test_a_merge_is_refused_when_it_conflicts_or_the_head_moved_or_nobody_approved(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, protection={"main": {"reviews": 1}}) as bench:
        await bench.proposal("x", "README.md", "mine\n")

        unapproved = await bench.call("PUT", "pulls/1/merge", {})
        assert unapproved.status == 405
        assert "At least 1 approving review is required" in unapproved.json["message"]
        assert (await bench.call("GET", "pulls/1")).json["mergeable_state"] == "blocked"
        await bench.github.people.approve("ann", 1)
        stale = await bench.call("PUT", "pulls/1/merge", {"sha": NOWHERE})
        assert (stale.status, stale.json["message"]) == (
            409,
            "Head branch was modified. Review and try the merge again.",
        )
        bench.github.options.protection.clear()
        await bench.github.people.push("ann", "main", "README.md", "theirs\n")
        shown = (await bench.call("GET", "pulls/1")).json
        assert (shown["mergeable"], shown["mergeable_state"]) == (False, "dirty")
        conflict = await bench.call("PUT", "pulls/1/merge", {})
        assert (conflict.status, conflict.json["message"]) == (405, "Pull Request is not mergeable")


async def test_a_protected_branch_takes_no_direct_commit(tmp_path: Path) -> None:
    async with running(tmp_path, protection={"main": {"reviews": 1}}) as bench:
        commit = await bench.commit_on("x", "a.md", "a\n")

        answer = await bench.call("PATCH", "git/refs/heads/main", {"sha": commit})

        assert answer.status == 422
        assert "Changes must be made through a pull request." in answer.json["message"]
        assert (await bench.call("GET", "branches/main/protection")).status == 200
        assert (await bench.call("GET", "rules/branches/main")).json[0]["type"] == "pull_request"
        assert (await bench.call("GET", "branches/x/protection")).json["message"] == "Branch not protected"


async def test_reviews_can_only_be_asked_of_members(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        await bench.proposal()

        stranger = await bench.call("POST", "pulls/1/requested_reviewers", {"reviewers": ["nobody"]})
        author = await bench.call("POST", "pulls/1/requested_reviewers", {"reviewers": ["identity-bot[bot]"]})

        assert stranger.status == author.status == 422
        assert stranger.json["message"].startswith("Reviews may only be requested from collaborators.")
        assert author.json["message"] == "Review cannot be requested from pull request author."


async def test_a_closed_pull_request_stays_closed_when_its_branch_is_gone_or_was_rewritten(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as bench:
        await bench.proposal()
        await bench.github.people.close("ann", 1)
        tip = (await bench.call("GET", "branches/main")).json["commit"]["sha"]
        await bench.call("PATCH", "git/refs/heads/azure-identity/x", {"sha": tip, "force": True})

        rewritten = await bench.call("PATCH", "pulls/1", {"state": "open"})
        await bench.call("DELETE", "git/refs/heads/azure-identity/x")
        gone = await bench.call("PATCH", "pulls/1", {"state": "open"})

        assert "was force-pushed or recreated" in rewritten.json["errors"][0]["message"]
        assert "has been deleted" in gone.json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [(b"{", 400, "Problems parsing JSON"), (b"[1]", 400, "Body should be a JSON object")],
)
async def test_a_body_that_is_no_json_object_is_refused(
    tmp_path: Path, sent: bytes, status: int, message: str
) -> None:
    async with running(tmp_path) as bench:
        answer = await bench.call("POST", "git/refs", sent)

        assert (answer.status, answer.json["message"]) == (status, message)


async def test_what_is_not_there_is_not_found_in_json(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        for path in (
            "pulls/99",
            "contents/nope.yaml",
            "git/blobs/" + NOWHERE,
            "compare/main...nope",
            "nothing",
        ):
            answer = await bench.call("GET", path)
            assert (answer.status, json.loads(answer.text)["message"]) == (404, "Not Found"), path
        other = await bench.call("GET", "/repos/shop/other")
        assert (other.status, other.json["message"]) == (404, "Not Found")
