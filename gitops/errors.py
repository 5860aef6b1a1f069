"""Everything that this library can say no with, by what the reader should do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why no edit is proposed; stable codes for history, metrics and tests."""

    ALIAS = "alias"
    ALREADY_OTHERWISE = "already-otherwise"
    AMBIGUOUS = "ambiguous"
    BAD_REQUEST = "bad-request"
    DUPLICATE_KEY = "duplicate-key"
    FLOW_STYLE = "flow-style"
    GENERATED = "generated"
    GATE = "gate"
    MERGE_KEY = "merge-key"
    NAMESPACE_DIFFERS = "namespace-differs"
    NOT_FOUND = "not-found"
    NOT_PROVED = "not-proved"
    NOT_UTF8 = "not-utf8"
    NOT_YAML = "not-yaml"
    OTHER_ACCOUNT = "other-account"
    REACH = "reach"
    SYMLINK = "symlink"
    TEMPLATE = "template"
    TOO_BIG = "too-big"
    UNBOUNDED = "unbounded"
    UNSUPPORTED = "unsupported"


class GitopsError(Exception):
    """Something that this library cannot or will not do."""


@dataclass(eq=False)
class Refused(GitopsError):
    """No edit is proposed: why in a sentence, what a person does instead, and what they may paste."""

    reason: Reason
    sentence: str
    remedy: str
    path: str | None = None
    snippet: str | None = None
    candidates: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.sentence} {self.remedy}"

    def at(self, path: str) -> Refused:
        """The same refusal, said of a file."""
        return Refused(
            self.reason, self.sentence, self.remedy, self.path or path, self.snippet, self.candidates
        )


class Unavailable(GitopsError):
    """A service did not answer as it should; nobody need act, and in `after` seconds it may."""

    def __init__(self, problem: str, after: float = 5.0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.after = after


class Rejected(GitopsError):
    """A service says no, and will say it again until a person acts; `remedy` says how."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


class NotVisible(Rejected):
    """It is not there, or not for these eyes: services answer alike."""


class NotAllowed(Rejected):
    """The token is refused, or lacks the right that this needs."""


class BranchTouched(Rejected):
    """Somebody else pushed to the branch, and it is left as it is; `people` are the authors' names."""

    def __init__(self, branch: str, people: tuple[str, ...]) -> None:
        super().__init__(
            f"{', '.join(people)} pushed to {branch}.",
            "Merge the pull request as it is, or delete the branch so that it is made anew.",
        )
        self.branch = branch
        self.people = people
