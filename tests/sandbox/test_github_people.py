"""What people do beside the bot, and what outlives a restart."""

import asyncio
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pygit2
import pytest
from aiohttp import web
from git_world import PROD, running

from sandbox.github.refusal import Refused


async def test_a_merge_moves_the_branch_by_a_real_merge_commit(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        pull = await bench.proposal()
        before = (await bench.call("GET", "branches/main")).json["commit"]["sha"]

        answer = await bench.send("POST", "/github/people/ann/merge", {"number": 1})

        tip = (await bench.call("GET", "branches/main")).json["commit"]
        assert (answer.status, answer.json["state"], answer.json["merged_by"]) == (200, "merged", "ann")
        assert [p["sha"] for p in tip["parents"]] == [before, pull["head"]["sha"]]
        assert (
            tip["commit"]["message"] == "Merge pull request #1 from shop/azure-identity/x\n\nChange notes.md"
        )
        assert (await bench.call("GET", "contents/notes.md")).status == 200


@pytest.mark.parametrize(("method", "parents"), [("squash", 1), ("rebase", 1)])
async def test_a_merge_can_be_squashed_or_rebased(tmp_path: Path, method: str, parents: int) -> None:
    async with running(tmp_path) as bench:
        await bench.proposal()
        await bench.github.people.push("ann", "main", "other.md", "other\n")

        await bench.github.people.merge("ann", 1, method=method)

        tip = (await bench.call("GET", "branches/main")).json["commit"]
        assert len(tip["parents"]) == parents
        assert (await bench.call("GET", "contents/notes.md")).status == 200
        assert (await bench.call("GET", "contents/other.md")).status == 200


async def test_a_push_to_a_proposals_branch_is_the_persons_own_commit(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        await bench.proposal()

        await bench.github.people.push("rosa", "azure-identity/x", "notes.md", "better\n")

        commits = (await bench.call("GET", "pulls/1/commits")).json
        assert [c["commit"]["author"]["name"] for c in commits] == ["identity-bot[bot]", "Rosa Okafor"]
        assert commits[1]["author"]["login"] == "rosa"
        shown = bench.github.view()["pulls"][0]
        assert shown["files"][0]["patch"] == "@@ -0,0 +1 @@\n+better"
        assert [c["verified"] for c in shown["commits"]] == [True, False]


async def test_a_push_that_brings_the_proposals_commits_to_main_has_merged_it(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        pull = await bench.proposal()

        await bench.call("PATCH", "git/refs/heads/main", {"sha": pull["head"]["sha"]})

        assert (await bench.call("GET", "pulls/1")).json["merged"] is True


async def test_deleting_the_branch_closes_the_proposal(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        await bench.proposal()

        await bench.github.people.delete_branch("ann", "azure-identity/x")

        shown = bench.github.view()["pulls"][0]
        assert (shown["state"], shown["head"]["exists"]) == ("closed", False)
        assert shown["files"], "what was proposed can still be read"


async def test_close_comment_approve_and_reopen_are_seen_on_the_page_and_over_the_api(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        await bench.proposal()
        people = bench.github.people
        await people.comment("rosa", 1, "Is it right?")
        await people.approve("ann", 1)
        await people.close("rosa", 1)
        closed = (await bench.call("GET", "pulls/1")).json["state"]
        shown = await people.reopen("rosa", 1)

        assert (closed, shown["state"]) == ("closed", "open")
        assert [(r["login"], r["state"]) for r in shown["reviews"]] == [("ann", "APPROVED")]
        assert (await bench.call("GET", "issues/1/comments")).json[0]["user"]["login"] == "rosa"
        assert (await bench.call("GET", "pulls/1/reviews")).json[0]["state"] == "APPROVED"


@pytest.mark.parametrize(
    ("act", "body", "status", "part"),
    [
        ("fly", {}, 404, "Nobody can fly"),
        ("merge", {"number": 9}, 404, "Not Found"),
        ("merge", {"pull": 1}, 400, "does not fit merge"),
        ("push", {"branch": "main", "path": "../x", "text": ""}, 422, "no path in a repository"),
        ("push", {"branch": "main", "path": "apps", "text": ""}, 422, "is a folder"),
        ("push", {"branch": "main", "path": "nope", "text": None}, 404, "no file nope"),
        ("push", {"branch": "nope", "path": "a", "text": ""}, 404, "Branch not found"),
    ],
)
async def test_an_act_that_cannot_be_is_refused_with_a_reason(
    tmp_path: Path, act: str, body: Any, status: int, part: str
) -> None:
    async with running(tmp_path) as bench:
        answer = await bench.send("POST", f"/github/people/ann/{act}", body)

        assert answer.status == status
        assert part in answer.json["message"]


async def test_a_stranger_can_do_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        with pytest.raises(Refused, match="mallory is no member"):
            await bench.github.people.push("mallory", "main", "a.md", "a")


async def test_a_restart_keeps_branches_pull_requests_and_what_was_said(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        await bench.proposal()
        await bench.github.people.comment("ann", 1, "hello")
        await bench.call("POST", "issues/1/labels", {"labels": ["azure"]})
        before = bench.github.view()
    async with running(tmp_path) as bench:
        assert bench.github.view() == before
        second = await bench.proposal("azure-identity/y", "b.md")
        assert second["number"] > 1


async def test_any_local_checkout_can_be_the_repository_and_is_never_changed(tmp_path: Path) -> None:
    checkout = tmp_path / "mine"
    repo = pygit2.init_repository(str(checkout), initial_head="trunk")
    (checkout / "app.yaml").write_text("a: 1\n")
    repo.index.add("app.yaml")
    who = pygit2.Signature("Ann", "ann@shop.example")
    made = repo.create_commit("refs/heads/trunk", who, who, "first", repo.index.write_tree(), [])
    (checkout / "app.yaml").write_text("a: 2, not committed\n")

    async with running(tmp_path / "data", repository=checkout) as bench:
        shown = bench.github.view()
        assert (shown["default_branch"], shown["head"]) == ("trunk", str(made))
        await bench.github.people.push("ann", "trunk", "app.yaml", "a: 3\n")
        assert (await bench.call("GET", "contents/app.yaml")).status == 200

    assert (checkout / "app.yaml").read_text() == "a: 2, not committed\n"
    assert str(repo.references["refs/heads/trunk"].target) == str(made)
    assert list(repo.references) == ["refs/heads/trunk"]


@pytest.mark.parametrize("kind", ["empty", "none"])
async def test_a_folder_that_is_no_checkout_is_refused_with_a_reason(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    if kind == "empty":
        pygit2.init_repository(str(folder))
    with pytest.raises(ValueError, match="has no commit yet" if kind == "empty" else "is not a Git checkout"):
        async with running(tmp_path / "data", repository=folder):
            pass


async def test_a_webhook_is_told_of_a_merge_with_a_good_signature(tmp_path: Path) -> None:
    told: asyncio.Queue[tuple[str, bytes, str]] = asyncio.Queue()

    async def hook(request: web.Request) -> web.Response:
        body = await request.read()
        await told.put((request.headers["X-GitHub-Event"], body, request.headers["X-Hub-Signature-256"]))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    async with running(tmp_path, webhook={"url": url, "secret": "pssst"}) as bench:
        await bench.proposal()
        await bench.github.people.merge("ann", 1)
        async with asyncio.timeout(10):
            while True:
                event, body, signature = await told.get()
                found = json.loads(body)
                if event == "pull_request" and found["action"] == "closed":
                    break
    await runner.cleanup()

    assert found["pull_request"]["merged"] is True
    assert found["sender"]["login"] == "ann"
    assert signature == f"sha256={hmac.new(b'pssst', body, hashlib.sha256).hexdigest()}"


async def test_the_page_shows_a_proposal_as_a_reviewer_reads_it(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        path = f"{PROD}/serviceaccount.yaml"
        old = (await bench.send("GET", f"/github/people/file?path={path}&ref=main")).json["text"]
        await bench.proposal(path=path, text=old.replace("  annotations:\n", "  annotations:\n    x: y\n"))

        pull = bench.github.view()["pulls"][0]

        assert (pull["additions"], pull["deletions"], pull["mergeable"]) == (1, 0, True)
        assert (pull["files"][0]["status"], pull["files"][0]["path"]) == ("modified", path)
        assert "\n+    x: y\n" in pull["files"][0]["patch"]
        assert pull["author"] == {"login": "identity-bot[bot]", "name": "identity-bot", "bot": True}
        redirect = await bench.send("GET", pull["url"])
        assert (redirect.status, redirect.headers["Location"]) == (302, "/#github/pull/1")
