"""A pull request and what people wrote on it. Times are ISO 8601 UTC with seconds, as GitHub gives them."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


def stamp(at: datetime) -> str:
    """A time as GitHub writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Comment:
    """Somebody's words under a pull request."""

    id: int
    login: str
    body: str
    at: str


@dataclass(frozen=True)
class Review:
    """Somebody's verdict on one commit: APPROVED, CHANGES_REQUESTED or COMMENTED."""

    id: int
    login: str
    state: str
    body: str
    at: str
    sha: str


@dataclass
class Pull:
    """One pull request; `head` and `base` are branches, their hashes those last seen while it was open."""

    number: int
    title: str
    body: str | None
    author: str
    head: str
    head_sha: str
    base: str
    base_sha: str
    created_at: str
    updated_at: str
    draft: bool = False
    state: str = "open"
    closed_at: str | None = None
    merged_at: str | None = None
    merged_by: str | None = None
    merge_sha: str | None = None
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)

    @property
    def stage(self) -> str:
        """`open`, `closed` or `merged`."""
        return "merged" if self.merged_at else self.state

    def approvals(self) -> set[str]:
        """Who approves: everybody's latest verdict counts, and it outlives later commits."""
        latest = {r.login: r.state for r in self.reviews if r.state != "COMMENTED"}
        return {login for login, state in latest.items() if state == "APPROVED"}

    def saved(self) -> dict[str, Any]:
        """The pull request as JSON values."""
        return asdict(self)

    @classmethod
    def loaded(cls, saved: dict[str, Any]) -> "Pull":
        """The pull request that was saved."""
        comments = [Comment(**c) for c in saved["comments"]]
        reviews = [Review(**r) for r in saved["reviews"]]
        return cls(**{**saved, "comments": comments, "reviews": reviews})
