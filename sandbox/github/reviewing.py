"""The life of a pull request: opened, changed and talked about, with GitHub's own refusals."""

from typing import Any

from sandbox.github.hosting import DEFAULT_COLOR, Hosting
from sandbox.github.objects import Commit
from sandbox.github.options import Account
from sandbox.github.pull import Comment, Pull, Review, stamp
from sandbox.github.refusal import Refused, invalid, not_found

TITLE_LIMIT = 256
BODY_LIMIT = 65_536


def pull_request(hosting: Hosting, number: int) -> Pull:
    """The pull request of this number. 404 when there is none."""
    if (pull := hosting.pulls.get(number)) is None:
        raise not_found()
    return pull


def open_pull(
    hosting: Hosting, account: Account, *, title: str, body: str | None, head: str, base: str, draft: bool
) -> Pull:
    """A pull request is open from one branch of this repository to another."""
    _check_words(title, body)
    owner, _, branch = head.rpartition(":")
    missing = [field for field, name in (("base", base), ("head", branch)) if not _exists(hosting, name)]
    if owner and owner.lower() != hosting.options.owner.lower() and "head" not in missing:
        missing.append("head")
    if missing:
        wrong = [{"resource": "PullRequest", "field": field, "code": "invalid"} for field in missing]
        raise Refused(422, "Validation Failed", wrong)
    shown = f"{hosting.options.owner}:{branch}"
    if any(p.head == branch and p.base == base for p in hosting.open_pulls()):
        raise invalid("PullRequest", None, "custom", f"A pull request already exists for {shown}.")
    head_sha, base_sha = hosting.branch(branch), hosting.branch(base)
    if hosting.git.merge_base(base_sha, head_sha) is None:
        raise invalid(
            "PullRequest", None, "custom", f"The {branch} branch has no history in common with {base}"
        )
    if hosting.git.descends(base_sha, head_sha):
        raise invalid("PullRequest", None, "custom", f"No commits between {base} and {branch}")
    now = stamp(hosting.now())
    number = hosting.next_number()
    pull = Pull(number, title, body or None, account.login, branch, head_sha, base, base_sha, now, now, draft)
    hosting.pulls[number] = pull
    hosting.git.move(f"refs/pull/{number}/head", head_sha)
    hosting.told("opened", pull, {})
    return pull


def edit_pull(hosting: Hosting, pull: Pull, changes: dict[str, Any]) -> None:
    """Title, body, base and state are as told; what is not told stays."""
    title = changes.get("title")
    _check_words(pull.title if title is None else title, changes.get("body"))
    before = (pull.title, pull.body, pull.base)
    if (base := changes.get("base")) and base != pull.base:
        if not _exists(hosting, base):
            told = f"Proposed base branch '{base}' was not found"
            raise invalid("PullRequest", "base", "invalid", told)
        if pull.state == "closed":
            raise invalid(
                "PullRequest", "base", "invalid", "Cannot change the base branch of a closed pull request."
            )
        pull.base, pull.base_sha = base, hosting.branch(base)
    pull.title = title or pull.title
    if "body" in changes:
        pull.body = changes["body"] or None
    if before != (pull.title, pull.body, pull.base):
        pull.updated_at = stamp(hosting.now())
        hosting.told("edited", pull, {})
    if changes.get("state") == "closed" and pull.state == "open":
        hosting.close(pull)
    elif changes.get("state") == "open" and pull.state == "closed":
        reopen_pull(hosting, pull)


def reopen_pull(hosting: Hosting, pull: Pull) -> None:
    """A closed pull request is open again, if its branches still are what they were."""
    if pull.merged_at:
        raise _stuck("The pull request has been merged.")
    for branch in (pull.head, pull.base):
        if not _exists(hosting, branch):
            raise _stuck(f"The {branch} branch has been deleted.")
    if not hosting.git.descends(hosting.branch(pull.head), pull.head_sha):
        raise _stuck(f"The {pull.head} branch was force-pushed or recreated.")
    if any(p.head == pull.head and p.base == pull.base for p in hosting.open_pulls()):
        raise _stuck(f"There is already an open pull request for {hosting.options.owner}:{pull.head}.")
    pull.state, pull.closed_at, pull.updated_at = "open", None, stamp(hosting.now())
    pull.head_sha, pull.base_sha = hosting.branch(pull.head), hosting.branch(pull.base)
    hosting.told("reopened", pull, {})


def comment_on(hosting: Hosting, pull: Pull, account: Account, body: str) -> Comment:
    """Somebody's words stand under the pull request."""
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field")
    if len(body) > BODY_LIMIT:
        raise invalid(
            "IssueComment", "body", "custom", f"body is too long (maximum is {BODY_LIMIT} characters)"
        )
    comment = Comment(hosting.next_number(), account.login, body, stamp(hosting.now()))
    pull.comments.append(comment)
    pull.updated_at = comment.at
    hosting.told("commented", pull, {"comment": comment.id})
    return comment


def review_pull(hosting: Hosting, pull: Pull, account: Account, state: str, body: str) -> Review:
    """Somebody's verdict stands. Nobody judges a pull request of their own."""
    if account.login == pull.author and state == "APPROVED":
        raise Refused(422, "Unprocessable Entity", ["Can not approve your own pull request"])
    if account.login == pull.author and state == "CHANGES_REQUESTED":
        raise Refused(422, "Unprocessable Entity", ["Can not request changes on your own pull request"])
    review = Review(hosting.next_number(), account.login, state, body, stamp(hosting.now()), pull.head_sha)
    pull.reviews.append(review)
    pull.reviewers = [r for r in pull.reviewers if r != account.login]
    pull.updated_at = review.at
    hosting.told("reviewed", pull, {"review": review.id})
    return review


def label_pull(hosting: Hosting, pull: Pull, names: list[str]) -> None:
    """The pull request carries these labels too; a label that is new comes to be."""
    for name in names:
        if not 0 < len(name) <= 50:
            raise invalid("Label", "name", "custom", "name is too long (maximum is 50 characters)", name)
        hosting.labels.setdefault(name, DEFAULT_COLOR)
        if name not in pull.labels:
            pull.labels.append(name)
            hosting.told("labeled", pull, {"label": name})
    pull.updated_at = stamp(hosting.now())


def request_reviews(hosting: Hosting, pull: Pull, people: list[str], teams: list[str]) -> None:
    """These people and teams are asked for a review."""
    if pull.author in people:
        raise unresolved("Review cannot be requested from pull request author.")
    options = hosting.options
    if not set(people) <= set(options.people) or not set(teams) <= set(options.teams):
        raise unresolved(
            "Reviews may only be requested from collaborators. One or more of the users or teams you "
            f"specified is not a collaborator of the {options.full_name} repository."
        )
    pull.reviewers += [p for p in people if p not in pull.reviewers]
    pull.teams += [t for t in teams if t not in pull.teams]
    pull.updated_at = stamp(hosting.now())
    hosting.told("review_requested", pull, {})


def commits_of(hosting: Hosting, pull: Pull) -> list[Commit]:
    """A pull request's commits, oldest first."""
    return hosting.git.between(pull.base_sha, pull.head_sha)


def unresolved(message: str) -> Refused:
    """A review was asked of somebody who cannot give it."""
    return Refused(422, message)


def _check_words(title: str, body: str | None) -> None:
    if not title.strip():
        raise invalid("PullRequest", "title", "missing_field")
    if len(title) > TITLE_LIMIT:
        raise invalid(
            "PullRequest", "title", "custom", f"title is too long (maximum is {TITLE_LIMIT} characters)"
        )
    if body and len(body) > BODY_LIMIT:
        raise invalid(
            "PullRequest", "body", "custom", f"body is too long (maximum is {BODY_LIMIT} characters)"
        )


def _exists(hosting: Hosting, branch: str) -> bool:
    return bool(branch) and hosting.git.ref(f"refs/heads/{branch}") is not None


def _stuck(why: str) -> Refused:
    return invalid("PullRequest", "state", "invalid", f"state cannot be changed. {why}")
