"""PyGithub, unmodified, against the sandbox."""

import asyncio
import io
import tarfile
from pathlib import Path

import pytest
from git_world import PROD, running
from github import GithubException, InputGitTreeElement
from github.PullRequest import PullRequest
from github.Repository import Repository


def propose(repo: Repository, branch: str, path: str, text: str) -> PullRequest:
    """What a bot does for one proposal: tree, commit, reference, pull request."""
    tip = repo.get_branch("main").commit
    element = InputGitTreeElement(path, "100644", "blob", text)
    tree = repo.create_git_tree([element], base_tree=repo.get_git_tree(tip.commit.tree.sha))
    commit = repo.create_git_commit(f"Change {path}", tree, [repo.get_git_commit(tip.sha)])
    repo.create_git_ref(f"refs/heads/{branch}", commit.sha)
    return repo.create_pull(title=f"Change {path}", body="Why not", head=branch, base="main")


async def test_a_proposal_is_one_commit_with_exactly_the_files_that_were_sent(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:

        def work(repo: Repository) -> tuple[list[tuple[str, str, str]], list[str], bytes]:
            pull = propose(repo, "azure-identity/x", f"{PROD}/extra.yaml", "a: 1\n")
            files = [(f.filename, f.status, f.patch) for f in pull.get_files()]
            content = repo.get_contents(f"{PROD}/extra.yaml", ref="azure-identity/x")
            assert not isinstance(content, list)
            return files, [c.commit.message for c in pull.get_commits()], content.decoded_content

        files, messages, content = await bench.pygithub(work)

        assert files == [(f"{PROD}/extra.yaml", "added", "@@ -0,0 +1 @@\n+a: 1")]
        assert messages == [f"Change {PROD}/extra.yaml"]
        assert content == b"a: 1\n"


async def test_a_merge_by_a_person_is_seen_by_whoever_follows_the_pull_request(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        pull = await bench.pygithub(lambda repo: propose(repo, "x", "notes.md", "hello\n"))
        assert await asyncio.to_thread(pull.update), "mergeability was not known yet"
        assert not await asyncio.to_thread(pull.update), "nothing changed: 304"

        await bench.github.people.merge("ann", pull.number)

        assert await asyncio.to_thread(pull.update)
        merged, sha, by = pull.merged, pull.merge_commit_sha, pull.merged_by.login
        assert (merged, by) == (True, "ann")
        assert sha == await bench.pygithub(lambda repo: repo.get_branch("main").commit.sha)
        assert await bench.pygithub(lambda repo: repo.compare(sha, "main").status) == "identical"


async def test_labels_reviewers_and_comments_stand_on_the_pull_request(tmp_path: Path) -> None:
    async with running(tmp_path, teams={"platform": ["ann"]}) as bench:

        def work(repo: Repository) -> None:
            pull = propose(repo, "x", "notes.md", "hello\n")
            pull.add_to_labels("azure-identity", "production")
            pull.create_review_request(["ann"], ["platform"])
            pull.create_issue_comment("Ready for a look.")

        await bench.pygithub(work)

        shown = bench.github.view()["pulls"][0]
        assert [label["name"] for label in shown["labels"]] == ["azure-identity", "production"]
        assert (shown["reviewers"], shown["teams"]) == (["ann"], ["platform"])
        assert [(c["login"], c["body"]) for c in shown["comments"]] == [
            ("identity-bot[bot]", "Ready for a look.")
        ]


async def test_fifty_proposals_at_once_are_fifty_branches_and_pull_requests(tmp_path: Path) -> None:
    async with running(tmp_path, writes_per_minute=0) as bench:
        work = [
            bench.pygithub(lambda repo, n=n: propose(repo, f"b/{n}", f"f/{n}.md", "x\n").number)
            for n in range(50)
        ]

        numbers = await asyncio.gather(*work)

        assert len(set(numbers)) == 50
        assert {p.number for p in await bench.pygithub(lambda repo: list(repo.get_pulls()))} == set(numbers)
        assert len(bench.github.view()["pulls"]) == 50
        assert all(len(pull["files"]) == 1 for pull in bench.github.view()["pulls"])


async def test_a_second_reference_of_the_same_name_is_refused_in_githubs_words(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        await bench.pygithub(
            lambda repo: repo.create_git_ref("refs/heads/x", repo.get_branch("main").commit.sha)
        )

        with pytest.raises(GithubException, match="Reference already exists") as refused:
            await bench.pygithub(
                lambda repo: repo.create_git_ref("refs/heads/x", repo.get_branch("main").commit.sha)
            )

        assert refused.value.status == 422


async def test_the_whole_repository_comes_as_one_archive(tmp_path: Path) -> None:
    async with running(tmp_path) as bench:
        link = await bench.pygithub(lambda repo: repo.get_archive_link("tarball", "main"))

        async with bench.session.get(link) as answer:
            packed = await answer.read()
        bench.world.clock.advance(301)
        async with bench.session.get(link) as late:
            status = late.status

        name = f"shop-gitops-{bench.github.view()['head'][:7]}/{PROD}/pdb.yaml"
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            file = archive.extractfile(name)
            assert file is not None
            assert file.read().startswith(b"---\napiVersion: policy/v1\n")
        assert status == 404
