"""How a pull request's changes come into its base, and what keeps them out."""

from dataclasses import dataclass
from typing import Literal

from sandbox.github.hosting import Hosting
from sandbox.github.options import Account
from sandbox.github.pull import Pull
from sandbox.github.refusal import Refused
from sandbox.github.reviewing import commits_of

Method = Literal["merge", "squash", "rebase"]
NOT_MERGEABLE = "Pull Request is not mergeable"


@dataclass(frozen=True)
class Merge:
    """How to merge: only if the head still is `sha`, with these words instead of GitHub's own."""

    method: Method = "merge"
    sha: str | None = None
    title: str | None = None
    message: str | None = None


def merge_pull(hosting: Hosting, pull: Pull, account: Account, how: Merge) -> str:
    """The base branch has the changes; the result is the commit that brought them. 405 and 409 as GitHub."""
    if pull.draft:
        raise Refused(405, "Pull Request is still a draft")
    if pull.state != "open":
        raise Refused(405, NOT_MERGEABLE)
    if how.sha is not None and how.sha != pull.head_sha:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    if hint := blocked(hosting, pull):
        raise Refused(405, f"Repository rule violations found\n\n{hint}\n\n")
    tree = hosting.test_merge(pull)
    if tree is None:
        raise Refused(405, NOT_MERGEABLE)
    made = _rebased(hosting, pull) if how.method == "rebase" else _joined(hosting, pull, account, tree, how)
    hosting.close(pull, merged_as=made, by=account.login)
    hosting.advance(pull.base, made)
    return made


def blocked(hosting: Hosting, pull: Pull) -> str | None:
    """Why protection holds a pull request up, if it does."""
    wanted = hosting.options.protected(pull.base)
    if wanted is None or len(pull.approvals()) >= wanted.reviews:
        return None
    reviews = "review is" if wanted.reviews == 1 else "reviews are"
    return f"At least {wanted.reviews} approving {reviews} required by reviewers with write access."


def mergeability(hosting: Hosting, pull: Pull) -> tuple[bool | None, str]:
    """Whether it can be merged, and GitHub's word for it; a closed one is not judged any more."""
    if pull.state != "open":
        return None, "unknown"
    if hosting.test_merge(pull) is None:
        return False, "dirty"
    if pull.draft:
        return True, "draft"
    return True, "blocked" if blocked(hosting, pull) else "clean"


def _joined(hosting: Hosting, pull: Pull, account: Account, tree: str, how: Merge) -> str:
    if how.method == "squash":
        parents, first = [pull.base_sha], how.title or f"{pull.title} (#{pull.number})"
        second = "\n\n".join(f"* {c.message.strip()}" for c in commits_of(hosting, pull))
    else:
        parents = [pull.base_sha, pull.head_sha]
        first = how.title or f"Merge pull request #{pull.number} from {hosting.options.owner}/{pull.head}"
        second = pull.title
    words = f"{first}\n\n{second if how.message is None else how.message}".strip()
    return hosting.git.write_commit(tree, parents, words, hosting.signature(account), hosting.web_flow())


def _rebased(hosting: Hosting, pull: Pull) -> str:
    onto = pull.base_sha
    for commit in commits_of(hosting, pull):
        tree = None
        if len(commit.parents) == 1:
            tree = hosting.git.merged(onto, commit.sha, ancestor=commit.parents[0])
        if tree is None:
            raise Refused(405, "This branch can't be rebased")
        onto = hosting.git.write_commit(tree, [onto], commit.message, commit.author, hosting.web_flow())
    return onto
