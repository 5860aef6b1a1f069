"""A repository whose GitHub limits, refuses or does not answer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from github_bench import NAME, WANTED, Bench, bench

from gitops.errors import NotAllowed, NotVisible, Unavailable


@pytest.fixture
async def git(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as one:
        yield one


async def test_a_secondary_limit_of_github_is_waited_for_as_it_says(git: Bench) -> None:
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    git.refuse("POST", "/git/trees", 403, message, headers={"Retry-After": "42"})
    with pytest.raises(Unavailable) as told:
        await git.propose()
    assert told.value.after == 42


async def test_the_hourly_limit_is_waited_for_until_it_is_reset(tmp_path: Path) -> None:
    async with bench(tmp_path, {"requests_per_hour": 1}) as git:
        await git.head()
        with pytest.raises(Unavailable) as told:
            await git.propose()
        assert 3590 <= told.value.after <= 3600


@pytest.mark.parametrize("status", [409, 500, 502, 503])
async def test_an_answer_that_passes_is_tried_later_and_never_by_itself(git: Bench, status: int) -> None:
    git.refuse("POST", "/git/trees", status, "Server Error", times=0)
    with pytest.raises(Unavailable):
        await git.propose()
    assert len([line for line in git.requests if "/git/trees" in line]) == 1


async def test_a_token_that_is_refused_says_so(git: Bench) -> None:
    async with git.another(token="wrong-one") as other:
        with pytest.raises(NotAllowed, match="does not accept the token"):
            await other.head(NAME, "main")


async def test_a_token_without_a_right_names_the_rights_that_it_needs(tmp_path: Path) -> None:
    tokens = {
        "reader": {"login": "identity-bot[bot]", "permissions": {"contents": "read", "metadata": "read"}}
    }
    async with bench(tmp_path, {"tokens": tokens}) as git:
        with pytest.raises(NotAllowed, match="contents and pull requests, read and write"):
            await git.propose()


async def test_a_repository_or_branch_that_is_not_there_is_not_visible(git: Bench) -> None:
    for repository, branch in ((NAME, "gone"), ("shop/gone", "main")):
        with pytest.raises(NotVisible):
            await git.repository.head(repository, branch)


async def test_an_operation_whose_turn_was_cancelled_makes_no_further_request(git: Bench) -> None:
    held = git.fault("POST", "/git/trees", action="hold")
    running = asyncio.create_task(git.propose())
    await held.reached.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    held.released.set()

    await git.head()  # goes through the same threads
    assert [line for line in git.requests if line.startswith("POST")] == ["POST /git/trees 201"]


async def test_a_row_of_requests_ends_inside_its_time(tmp_path: Path) -> None:
    async with bench(tmp_path, operation_seconds=0.1) as git:
        git.world.latency["github"] = 80
        head = await git.head()
        with pytest.raises(Unavailable, match="too slow"):
            await git.repository.open_pull_request(WANTED, head)


async def test_nothing_listening_is_tried_later(git: Bench) -> None:
    async with git.another(base_url="http://127.0.0.1:9/api/v3") as other:
        with pytest.raises(Unavailable, match="could not be reached"):
            await other.head(NAME, "main")
