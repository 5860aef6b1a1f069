"""How a proposal gets to GitHub: in five requests, once, whatever breaks on the way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from github_bench import BRANCH, NAME, PATH, WANTED, Bench, bench

from gitops.errors import BranchTouched, Rejected, Unavailable
from gitops.repository import FileEdit


@pytest.fixture
async def git(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as one:
        yield one


async def test_a_proposal_is_five_requests_and_one_commit(git: Bench) -> None:
    opened = await git.propose()

    assert git.requests == [
        "GET /branches/main 200",
        "POST /git/trees 201",
        "POST /git/commits 201",
        "POST /git/refs 201",
        "POST /pulls 201",
    ]
    (pull,) = git.pulls
    assert (pull["number"], pull["title"], pull["body"]) == (opened.number, WANTED.title, WANTED.body)
    assert [f["path"] for f in pull["files"]] == [PATH]
    (commit,) = pull["commits"]
    assert commit["sha"] == opened.head_sha
    assert commit["message"] == WANTED.message
    assert opened.url.endswith(f"/pull/{opened.number}")
    assert git.text(BRANCH, PATH) == "kind: ServiceAccount\n"


async def test_a_proposal_keeps_modes_removes_files_and_carries_any_bytes(git: Bench) -> None:
    await git.propose(
        edits=(
            FileEdit("run.sh", b"#!/bin/sh\r\n", "100755"),
            FileEdit("latin.txt", b"caf\xe9"),
            FileEdit("README.md", None),
        )
    )
    tree = git.github.hosting.git
    root = tree.commit(git.github.hosting.branch(BRANCH)).tree
    assert tree.find(root, "run.sh").mode == "100755"
    assert tree.blob(tree.find(root, "run.sh").sha) == b"#!/bin/sh\r\n"
    assert tree.blob(tree.find(root, "latin.txt").sha) == b"caf\xe9"
    assert git.text(BRANCH, "README.md") is None


async def test_the_same_proposal_again_finds_its_pull_request(git: Bench) -> None:
    first = await git.propose()
    assert await git.propose() == first
    assert len(git.pulls) == 1
    assert len(git.pulls[0]["commits"]) == 1


@pytest.mark.parametrize("path", ["/git/trees$", "/git/commits$", "/git/refs$", "/pulls$"])
@pytest.mark.parametrize("action", ["cut", "drop"])
async def test_a_connection_lost_at_any_request_makes_nothing_twice(
    git: Bench, path: str, action: str
) -> None:
    git.fault("POST", path, action=action)
    with pytest.raises(Unavailable):
        await git.propose()

    opened = await git.propose()

    (pull,) = git.pulls
    assert pull["number"] == opened.number
    assert len(pull["commits"]) == 1
    assert git.text(BRANCH, PATH) == "kind: ServiceAccount\n"


async def test_a_proposal_made_anew_on_a_moved_base_replaces_the_bots_commit(git: Bench) -> None:
    first = await git.propose()
    await git.github.people.push("ann", "main", "README.md", "moved\n")

    second = await git.propose()

    assert second.number == first.number
    assert second.head_sha != first.head_sha
    (pull,) = git.pulls
    assert len(pull["commits"]) == 1
    assert git.text(BRANCH, "README.md") == "moved\n"


async def test_where_force_pushing_is_forbidden_the_new_version_goes_on_top(git: Bench) -> None:
    first = await git.propose()
    git.refuse("PATCH", "/git/refs/heads/", 422, "Cannot force-push to this branch")

    second = await git.propose(edits=(FileEdit(PATH, b"kind: Other\n"),))

    assert second.number == first.number
    assert git.text(BRANCH, PATH) == "kind: Other\n"
    assert first.head_sha in [commit["sha"] for commit in git.pulls[0]["commits"]]


async def test_a_branch_that_a_person_pushed_to_is_left_alone(git: Bench) -> None:
    await git.propose()
    theirs = await git.github.people.push("ann", BRANCH, PATH, "kind: Mine\n")

    with pytest.raises(BranchTouched, match="Ann Lindqvist pushed to") as told:
        await git.propose()

    assert told.value.people == ("Ann Lindqvist",)
    assert git.github.hosting.branch(BRANCH) == theirs["sha"]


async def test_a_branch_that_a_person_pushed_to_and_took_back_counts_as_touched(git: Bench) -> None:
    await git.propose()
    await git.github.people.push("ann", BRANCH, "README.md", "mine\n")
    await git.github.people.push("ann", BRANCH, "README.md", git.text("main", "README.md"))
    with pytest.raises(BranchTouched):
        await git.propose()


async def test_a_proposal_that_somebody_closed_is_said_to_be_closed_and_not_made_again(git: Bench) -> None:
    first = await git.propose()
    await git.github.people.close("ann", first.number)

    again = await git.propose()

    assert (again.number, again.state) == (first.number, "closed")
    assert len(git.pulls) == 1


async def test_a_proposal_that_was_merged_is_said_to_be_merged(git: Bench) -> None:
    head = await git.head()
    first = await git.repository.open_pull_request(WANTED, head)
    await git.github.people.merge("ann", first.number)

    again = await git.repository.open_pull_request(WANTED, head)

    assert (again.number, again.state) == (first.number, "merged")


async def test_a_change_that_the_base_has_already_is_no_proposal(git: Bench) -> None:
    readme = git.text("main", "README.md")
    assert readme is not None
    with pytest.raises(Rejected, match="holds these edits already"):
        await git.propose(edits=(FileEdit("README.md", readme.encode()),))
    assert git.pulls == []


async def test_a_new_title_and_body_reach_the_open_pull_request(git: Bench) -> None:
    await git.propose()
    await git.propose(title="Another", body="More")
    assert (git.pulls[0]["title"], git.pulls[0]["body"]) == ("Another", "More")


async def test_labels_and_reviewers_are_set(git: Bench) -> None:
    opened = await git.propose(labels=("azure-identity",), reviewers=("ann",))
    assert opened.complaints == ()
    assert [label["name"] for label in git.pulls[0]["labels"]] == ["azure-identity"]
    assert git.pulls[0]["reviewers"] == ["ann"]


async def test_labels_and_reviewers_that_fail_do_not_fail_the_proposal(git: Bench) -> None:
    git.refuse("POST", "/labels", 403, "Resource not accessible by integration")
    opened = await git.propose(labels=("azure-identity",), reviewers=("nobody-here", "team:nowhere"))
    assert opened.state == "open"
    assert [complaint.split(":")[0] for complaint in opened.complaints] == ["labels", "reviewers"]


async def test_labels_that_nobody_answers_for_do_not_fail_the_proposal(git: Bench) -> None:
    git.fault("POST", "/labels", action="drop", times=0)
    opened = await git.propose(labels=("azure-identity",))
    assert opened.state == "open"
    assert "could not be reached" in opened.complaints[0]


async def test_texts_longer_than_github_takes_are_cut(git: Bench) -> None:
    await git.propose(title="t" * 300, body="b" * 70_000)
    assert len(git.pulls[0]["title"]) == 255
    assert len(git.pulls[0]["body"]) == 65_536


async def test_a_pull_request_is_followed_to_its_merge_and_costs_nothing_while_it_is_unchanged(
    git: Bench,
) -> None:
    opened = await git.propose()
    for _ in range(2):
        seen = await git.repository.pull_request(NAME, opened.number, opened.head_sha)
        assert (seen.state, seen.merge_commit, seen.changed_by_people) == ("open", None, False)
    assert git.requests[-1].endswith(" 304")

    await git.github.people.merge("ann", opened.number)

    seen = await git.repository.pull_request(NAME, opened.number, opened.head_sha)
    assert seen.state == "merged"
    assert seen.merge_commit == git.github.view()["head"]


async def test_a_pull_request_that_a_person_pushed_to_is_seen_to_be_changed(git: Bench) -> None:
    opened = await git.propose()
    await git.github.people.push("ann", BRANCH, PATH, "kind: Mine\n")
    assert (await git.repository.pull_request(NAME, opened.number, opened.head_sha)).changed_by_people


async def test_a_pull_request_that_is_closed_is_closed_and_not_merged(git: Bench) -> None:
    opened = await git.propose()
    await git.github.people.close("ann", opened.number)
    seen = await git.repository.pull_request(NAME, opened.number)
    assert (seen.state, seen.merge_commit) == ("closed", None)


async def test_forty_proposals_at_once_keep_to_eighty_writes_a_minute_and_come_back_when_told(
    git: Bench,
) -> None:
    async def propose(n: int) -> float:
        try:
            await git.propose(branch=f"azure-identity/{n}", edits=(FileEdit(f"{n}.yaml", b"a: b\n"),))
        except Unavailable as told:
            return told.after
        return 0.0

    first = await asyncio.gather(*map(propose, range(40)))
    assert first.count(0.0) == 20
    assert max(first) <= 65

    git.world.clock.advance(max(first))
    assert await asyncio.gather(*(propose(n) for n, wait in enumerate(first) if wait)) == [0.0] * 20
    assert len(git.pulls) == 40
    assert not [line for line in git.requests if line.endswith(" 403")]


async def test_writes_of_one_proposal_are_not_spaced_out(git: Bench) -> None:
    await git.propose()
    posts = [entry for entry in git.world.journal.read("github") if entry.method == "POST"]
    assert sum(entry.ms for entry in posts) < 1000
