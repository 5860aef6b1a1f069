"""What reading a repository costs: the files that an application renders from, and nothing for the rest."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from github_bench import NAME, Bench, bench

from gitops import layout
from gitops.errors import NotVisible, Rejected
from gitops.files import Files, Missing
from gitops.propose import KNOWN_AFTER_APPLY, Wanted, missing
from gitops.repository import Repository
from sandbox.github.objects import Change, Signature

PROD = "apps/payments-api/overlays/prod"


@pytest.fixture
async def git(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as one:
        yield one


def _wanted(path: str) -> Wanted:
    return Wanted(path, "payments", "payments-api", KNOWN_AFTER_APPLY, "3f6c2a1e-8f0d-4b57-9a3c-5d1e7b2f4a60")


async def closure(repository: Repository, path: str) -> Files:
    """Everything that the application at a path renders from."""
    head = await repository.head(NAME, "main")
    return await repository.files(head, lambda files: missing(files, _wanted(path)))


def commit(git: Bench, paths: Iterable[str], text: bytes = b"a: b\n") -> None:
    """Main has these files beside its own."""
    store = git.github.hosting.git
    before = git.github.hosting.branch("main")
    blob = store.write_blob(text)
    tree = store.write_tree(store.commit(before).tree, [Change(path, "100644", blob) for path in paths])
    who = Signature("Ann Lindqvist", "ann@shop.test", git.world.clock.now())
    git.github.hosting.update_ref(
        "refs/heads/main", store.write_commit(tree, [before], "More", who, who), force=False
    )


def reads(git: Bench) -> list[str]:
    """The requests for trees and files so far."""
    return [line for line in git.requests if "/git/trees/" in line or "/git/blobs/" in line]


async def test_the_closure_of_a_kustomization_is_read_with_its_base(git: Bench) -> None:
    files = await closure(git.repository, PROD)
    read = layout.read(files, PROD)
    assert read.kind == "kustomize"
    assert {path.rsplit("/", 1)[0] for path in files.contents} == {PROD, "apps/payments-api/base"}
    for path, content in files.contents.items():
        assert content.decode() == git.text("main", path)


async def test_an_unchanged_head_costs_one_request_that_counts_nothing(git: Bench) -> None:
    await closure(git.repository, PROD)
    before = len(git.requests)

    await closure(git.repository, PROD)

    assert git.requests[before:] == ["GET /branches/main 304"]


async def test_after_a_change_elsewhere_only_the_trees_on_the_way_are_read_again(git: Bench) -> None:
    await closure(git.repository, PROD)
    await git.github.people.push("ann", "main", "apps/orders/prod/new.yaml", "a: b\n")
    before = len(reads(git))

    await closure(git.repository, PROD)

    assert len(reads(git)) - before == 2  # the root and apps


async def test_three_requests_lead_to_any_applications_directory(git: Bench) -> None:
    head = await git.head()
    files = await git.repository.load(head, Files(), Missing(directories=frozenset({PROD})))
    assert f"{PROD}/kustomization.yaml" in files.entries(PROD)
    assert len(reads(git)) == 3


async def test_a_directory_that_does_not_exist_is_empty(git: Bench) -> None:
    head = await git.head()
    for directory in ("apps/nowhere/overlays/prod", "README.md/x", "nowhere"):
        files = await git.repository.load(head, Files(), Missing(directories=frozenset({directory})))
        assert files.entries(directory) == []


async def test_a_file_that_does_not_exist_is_not_visible(git: Bench) -> None:
    with pytest.raises(NotVisible, match=r"no file apps/x\.yaml"):
        await git.repository.load(await git.head(), Files(), Missing(files=frozenset({"apps/x.yaml"})))


async def test_modes_are_those_of_git(git: Bench) -> None:
    store = git.github.hosting.git
    before = git.github.hosting.branch("main")
    changes = [
        Change("x/run.sh", "100755", store.write_blob(b"#!/bin/sh\n")),
        Change("x/link", "120000", store.write_blob(b"run.sh")),
    ]
    who = Signature("Ann Lindqvist", "ann@shop.test", git.world.clock.now())
    made = store.write_commit(store.write_tree(store.commit(before).tree, changes), [before], "x", who, who)
    git.github.hosting.update_ref("refs/heads/main", made, force=False)

    files = await git.repository.load(
        await git.head(), Files(), Missing(directories=frozenset({"x", "apps"}))
    )

    assert files.modes["x/run.sh"] == "100755"
    assert files.modes["x/link"] == "120000"
    assert files.modes["apps/orders"] == "040000"


async def test_a_file_too_big_to_edit_is_refused(git: Bench) -> None:
    commit(git, ["big.yaml"], b"a" * (5 * 1024 * 1024 + 1))
    with pytest.raises(Rejected, match="has 5242881 bytes"):
        await git.repository.load(await git.head(), Files(), Missing(files=frozenset({"big.yaml"})))


async def test_need_that_never_ends_is_refused(git: Bench) -> None:
    with pytest.raises(Rejected, match="ever more files"):
        await git.repository.files(await git.head(), lambda _: Missing(directories=frozenset({"apps"})))


async def test_thirty_thousand_files_cost_as_many_requests_as_the_sample(tmp_path: Path) -> None:
    async with bench(tmp_path / "small") as small, bench(tmp_path / "large") as large:
        commit(large, (f"apps/app-{n // 10:04}/overlays/prod/file-{n % 10}.yaml" for n in range(30_000)))
        for one in (small, large):
            await closure(one.repository, PROD)
        assert reads(large) and len(reads(large)) == len(reads(small))


async def test_a_tree_that_github_cuts_off_is_read_level_by_level(git: Bench) -> None:
    wide = (f"apps/wide/sets/set-{n // 100:03}/{'long' * 40}-{n}.yaml" for n in range(30_000))
    commit(git, [*wide, "apps/wide/sets/set-007/kustomization.yaml"])
    head = await git.head()
    path = "apps/wide/sets/set-007"

    files = await git.repository.load(head, Files(), Missing(directories=frozenset({path})))

    assert len(files.entries(path)) == 101


async def test_a_cache_of_few_bytes_forgets_and_reads_again(git: Bench) -> None:
    async with git.another(cache_bytes=1) as forgetful:
        first = await closure(forgetful, PROD)
        assert (await closure(forgetful, PROD)).contents == first.contents
