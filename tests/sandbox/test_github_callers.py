"""Who may call, how often, and what an App's tokens can do."""

import asyncio
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from git_world import Bench, running
from github import Auth, Github, GithubIntegration


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    """An RSA key as PEM: private, public."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


async def test_without_a_good_token_nothing_is_told(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        nobody = await bench.call("GET", "", token=None)
        wrong = await bench.call("GET", "", token="guess")

        assert (nobody.status, nobody.json["message"]) == (401, "Requires authentication")
        assert (wrong.status, wrong.json["message"]) == (401, "Bad credentials")


async def test_the_scheme_token_is_as_good_as_bearer(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        answer = await bench.call("GET", "", token=None, Authorization="token sandbox-token")

        assert answer.json["full_name"] == "shop/gitops"


async def test_a_person_is_known_by_the_token_and_an_app_is_nobody(tmp_path: Path) -> None:
    async with running(tmp_path, tokens={"anns": "ann", "bots": "identity-bot[bot]"}) as bench:
        person = await bench.call("GET", "/user", token="anns")
        robot = await bench.call("GET", "/user", token="bots")

        assert (person.json["login"], person.json["name"]) == ("ann", "Ann Lindqvist")
        assert (robot.status, robot.json["message"]) == (403, "Resource not accessible by integration")


async def test_too_many_writes_in_a_minute_are_refused_with_the_time_to_wait(tmp_path: Path) -> None:
    async with running(tmp_path, writes_per_minute=3) as bench:
        for _ in range(3):
            assert (await bench.call("POST", "git/blobs", {"content": "x"})).status == 201

        refused = await bench.call("POST", "git/blobs", {"content": "x"})
        reading = await bench.call("GET", "branches/main")
        bench.world.clock.advance(61)
        later = await bench.call("POST", "git/blobs", {"content": "x"})

        assert refused.status == 403
        assert "secondary rate limit" in refused.json["message"]
        assert 50 <= int(refused.headers["Retry-After"]) <= 60
        assert (reading.status, later.status) == (200, 201)


async def test_the_hours_limit_is_counted_and_an_unchanged_answer_is_free(tmp_path: Path) -> None:
    async with running(tmp_path, requests_per_hour=3) as bench:
        first = await bench.call("GET", "branches/main")
        same = await bench.call("GET", "branches/main", If_None_Match=first.headers["ETag"])
        second = await bench.call("GET", "branches/main")
        await bench.call("GET", "branches/main")
        over = await bench.call("GET", "branches/main")

        assert (same.status, same.text) == (304, "")
        assert second.headers["X-RateLimit-Remaining"] == "1"
        assert over.status == 403
        assert over.json["message"].startswith("API rate limit exceeded")
        assert over.headers["X-RateLimit-Remaining"] == "0"
        assert (await bench.call("GET", "/rate_limit")).json["rate"]["remaining"] == 0


async def test_pygithub_works_as_an_app_and_its_commits_are_verified(
    tmp_path: Path, keys: tuple[str, str]
) -> None:
    private, public = keys
    async with running(
        tmp_path, app={"id": 7, "slug": "identity-bot", "installation": 42, "public_key": public}
    ) as bench:

        def work() -> dict[str, Any]:
            base = f"{bench.address}/github/api/v3"
            app = Auth.AppAuth(7, private)
            found = GithubIntegration(auth=app, base_url=base).get_repo_installation("shop", "gitops")
            client = Github(auth=app.get_installation_auth(found.id), base_url=base, seconds_between_writes=0)
            repo = client.get_repo("shop/gitops")
            tip = repo.get_git_commit(repo.get_branch("main").commit.sha)
            made = repo.create_git_commit("Change nothing", tip.tree, [tip])
            return {"installation": found.id, "verified": made.verification.verified, "by": made.author.name}

        assert await asyncio.to_thread(work) == {
            "installation": 42,
            "verified": True,
            "by": "identity-bot[bot]",
        }


def signed(private: str, **claims: Any) -> str:
    now = int(time.time())
    return jwt.encode({"iat": now - 60, "exp": now + 300, "iss": "7"} | claims, private, algorithm="RS256")


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"exp": int(time.time()) - 1}, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"exp": int(time.time()) + 3600}, "'Expiration time' claim ('exp') is too far in the future"),
        ({"iss": "8"}, "'Issuer' claim ('iss') must be an Integer"),
        ({"iat": int(time.time()) + 600}, "'Issued at' claim ('iat')"),
    ],
)
async def test_an_apps_word_has_to_be_good(
    tmp_path: Path, keys: tuple[str, str], claims: dict[str, Any], message: str
) -> None:
    private, public = keys
    async with running(tmp_path, app={"id": 7, "public_key": public}) as bench:
        answer = await bench.call("GET", "/app", token=signed(private, **claims))

        assert answer.status == 401
        assert answer.json["message"].startswith(message)


async def test_an_apps_word_counts_for_nothing_without_its_key_or_with_another(
    tmp_path: Path, keys: tuple[str, str]
) -> None:
    private, public = keys
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    other = stranger.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    async with running(tmp_path / "a", app={"id": 7}) as bench:
        unknown = await bench.call("GET", "/app", token=signed(private))
    async with running(tmp_path / "b", app={"id": 7, "public_key": public}) as bench:
        forged = await bench.call("GET", "/app", token=signed(other))
        good = await bench.call("GET", "/app", token=signed(private))

    assert unknown.status == forged.status == 401
    assert unknown.json["message"] == forged.json["message"] == "A JSON web token could not be decoded"
    assert good.json["slug"] == "identity-bot"


async def issue(bench: Bench, private: str, **permissions: str) -> Any:
    body = {"permissions": permissions} if permissions else {}
    return await bench.call("POST", "/app/installations/1/access_tokens", body, token=signed(private))


async def test_an_installations_token_does_what_it_was_asked_for_and_for_an_hour(
    tmp_path: Path, keys: tuple[str, str]
) -> None:
    private, public = keys
    async with running(tmp_path, app={"id": 7, "public_key": public}) as bench:
        reader = (await issue(bench, private, contents="read")).json["token"]
        too_much = await issue(bench, private, administration="write")

        reads = await bench.call("GET", "branches/main", token=reader)
        writes = await bench.call("POST", "git/blobs", {"content": "x"}, token=reader)
        settings = await bench.call("GET", "branches/main/protection", token=reader)
        bench.world.clock.advance(3601)
        old = await bench.call("GET", "branches/main", token=reader)

        assert reads.status == 200
        assert (writes.status, writes.json["message"]) == (403, "Resource not accessible by integration")
        assert writes.headers["X-Accepted-GitHub-Permissions"] == "contents=write"
        assert settings.status == 403
        assert too_much.status == 422
        assert (old.status, old.json["message"]) == (401, "Bad credentials")


async def test_an_app_that_cannot_see_teams_is_told_of_a_node(tmp_path: Path, keys: tuple[str, str]) -> None:
    private, public = keys
    async with running(tmp_path, app={"id": 7, "public_key": public}, teams={"platform": ["ann"]}) as bench:
        await bench.proposal()
        token = (await issue(bench, private, pull_requests="write")).json["token"]

        answer = await bench.call(
            "POST", "pulls/1/requested_reviewers", {"team_reviewers": ["platform"]}, token=token
        )

        assert answer.status == 422
        assert answer.json["message"].startswith("Could not resolve to a node with the global id of")
