"""How the bot signs in to GitHub, and what `bot check` says of a repository."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from github_bench import NAME, WANTED, Bench, bench

from gitops.errors import NotAllowed, Rejected
from gitops.repository import AppKey, GitHubSettings, Repository


@pytest.fixture
async def git(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as one:
        yield one


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    """A private and a public key (PEM) for these tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


async def test_an_app_gets_one_token_and_opens_pull_requests_with_it(
    tmp_path: Path, keys: tuple[str, str]
) -> None:
    private, public = keys
    app = AppKey(id="1", installation=1, private_key=private)
    async with bench(tmp_path, {"app": {"id": 1, "public_key": public}}, token=None, app=app) as git:
        await git.propose()
        await git.head()
        assert len([line for line in git.requests if "access_tokens" in line]) == 1
        assert git.pulls[0]["author"]["login"] == "identity-bot[bot]"


async def test_commits_are_made_without_an_author_so_that_github_can_sign_them(git: Bench) -> None:
    await git.propose()
    (body,) = [e.request for e in git.world.journal.read("github") if e.path.endswith("/git/commits")]
    assert set(body) == {"message", "tree", "parents"}


async def test_an_app_with_another_key_is_told_so(tmp_path: Path, keys: tuple[str, str]) -> None:
    _, public = keys
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    app = AppKey(id="1", installation=1, private_key=stranger.decode())
    async with bench(tmp_path, {"app": {"id": 1, "public_key": public}}, token=None, app=app) as git:
        with pytest.raises(NotAllowed, match="getting a token"):
            await git.head()


def test_no_way_to_sign_in_is_said_at_once() -> None:
    with pytest.raises(Rejected, match="no way to sign in"):
        Repository(GitHubSettings(), lambda: WANTED)  # type: ignore[arg-type,return-value]


def test_a_key_that_is_no_key_is_said_at_once() -> None:
    app = AppKey(id="1", installation=1, private_key="not a key")
    with pytest.raises(Rejected, match="private key"):
        Repository(GitHubSettings(app=app), lambda: WANTED)  # type: ignore[arg-type,return-value]


def test_settings_show_no_secret() -> None:
    shown = repr(GitHubSettings(token="hush", app=AppKey("1", 1, "hush")))
    assert "hush" not in shown


async def test_a_repository_that_is_ready_is_told_so(git: Bench) -> None:
    lines = await git.repository.check(NAME, "main")
    assert [(line.about, line.verdict) for line in lines] == [
        (f"repository {NAME}", "ok"),
        (f"contents of {NAME}", "ok"),
        (f"pull requests of {NAME}", "ok"),
        (f"branch main of {NAME}", "ok"),
        (f"rules of {NAME}", "ok"),
    ]
    assert [branch["name"] for branch in git.github.view()["branches"]] == ["main"]
    assert git.pulls == []


async def test_a_repository_that_is_not_seen_is_wrong(git: Bench) -> None:
    (line,) = await git.repository.check("shop/gone", "main")
    assert line.verdict == "wrong"
    assert "does not see it" in line.problem


async def test_a_token_that_is_refused_is_wrong(git: Bench) -> None:
    async with git.another(token="wrong-one") as other:
        (line,) = await other.check(NAME, "main")
    assert (line.verdict, line.remedy) == ("wrong", "Give the bot a new one.")


async def test_a_token_that_only_reads_is_wrong(tmp_path: Path) -> None:
    tokens = {
        "reader": {"login": "identity-bot[bot]", "permissions": {"contents": "read", "metadata": "read"}}
    }
    async with bench(tmp_path, {"tokens": tokens}) as git:
        _, contents, pulls, *_ = await git.repository.check(NAME, "main")
    assert (contents.verdict, pulls.verdict) == ("wrong", "wrong")
    assert "contents and pull requests, read and write" in contents.remedy


async def test_a_branch_of_the_catalog_that_is_not_there_is_wrong(git: Bench) -> None:
    branch = (await git.repository.check(NAME, "gone"))[3]
    assert (branch.verdict, branch.about) == ("wrong", f"branch gone of {NAME}")


async def test_rules_that_forbid_force_pushing_are_told(tmp_path: Path) -> None:
    protection = {"azure-identity/sample": {"reviews": 1}}
    async with bench(tmp_path, {"protection": protection}) as git:
        *_, rules = await git.repository.check(NAME, "main")
    assert rules.verdict == "ok"
    assert "force-pushed" in rules.problem


async def test_whether_a_revision_has_the_merge_is_read_by_ancestry(git: Bench) -> None:
    first = (await git.head()).commit
    second = (await git.github.people.push("ann", "main", "README.md", "more\n"))["sha"]
    contains = git.repository.contains
    assert await contains(NAME, first, first)
    assert await contains(NAME, first, second)
    assert not await contains(NAME, second, first)
    assert not await contains(NAME, first, "0" * 40)
