"""One plan step → one adapter call → its outputs. Every effect is safe to repeat."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from bot import views
from bot.arm import Arm
from bot.domain.catalog import Catalog
from bot.domain.plan import (
    IDENTITY,
    EnsureCredential,
    EnsureIdentity,
    EnsureRoleAssignment,
    OpenPullRequest,
    Step,
)
from bot.domain.request import IdentityRequest, PullRequest
from bot.messenger import Messenger
from bot.proposals import Proposals, reading
from gitops.repository import NewPullRequest, Opened, Repository


@dataclass(frozen=True)
class Done:
    """What a step brought about: values that later steps need, and pull requests that are open now."""

    outputs: dict[str, str]
    opened: tuple[PullRequest, ...] = ()


class Apply:
    """Takes steps. What stands in the way is raised as TryLater, NeedsOperator or WorldChanged."""

    def __init__(
        self,
        arms: Mapping[str, Arm],
        repository: Repository,
        proposals: Proposals,
        messenger: Messenger,
        catalog: Catalog,
    ) -> None:
        self._arms = arms
        self._repository = repository
        self._proposals = proposals
        self._messenger = messenger
        self._catalog = catalog

    async def take(self, step: Step, record: IdentityRequest) -> Done:
        """The step's effect is there, made now or before."""
        assert record.plan is not None
        arm = self._arms[record.plan.spec.tenant]
        match step:
            case EnsureIdentity():
                return Done(await arm.ensure_identity(step))
            case EnsureCredential():
                return Done(await arm.ensure_credential(step))
            case EnsureRoleAssignment():
                principal = record.outputs[IDENTITY]["principal_id"]
                description = f"request {record.id}, plan {record.plan.digest[:12]}"
                return Done(await arm.ensure_role_assignment(step, principal, description))
            case OpenPullRequest():
                return await self._propose(step, record)
            case _:
                assert_never(step)

    async def _propose(self, step: OpenPullRequest, record: IdentityRequest) -> Done:
        """The pull request is there.

        An earlier try may have opened it and died. People may have merged it since, and then the base
        holds the edits: that is looked for before anything is compared with the base.
        """
        opened = None
        if record.progress[step.key].attempts > 1:
            opened = await reading(self._repository.decided(step.repository, step.branch))
        opened = opened or await self._open(step, record)
        outputs = {"number": str(opened.number), "url": opened.url, "head": opened.head_sha}
        if opened.complaints:
            outputs["complaints"] = "; ".join(opened.complaints)
        return Done(outputs, (await self._as_decided(step.repository, opened),))

    async def _open(self, step: OpenPullRequest, record: IdentityRequest) -> Opened:
        assert record.plan is not None
        client_id = record.outputs[IDENTITY]["client_id"]
        settled, names = await asyncio.gather(
            self._proposals.settled(step, record.plan.spec, client_id), self._names(record)
        )
        return await reading(
            self._repository.open_pull_request(
                NewPullRequest(
                    repository=step.repository,
                    base=step.base,
                    branch=step.branch,
                    title=views.pull_request_title(record, step),
                    body=views.pull_request_body(record, step, names),
                    message=views.commit_message(record, step, names),
                    edits=settled.edits,
                    labels=self._catalog.labels,
                ),
                settled.head,
            )
        )

    async def _as_decided(self, repository: str, opened: Opened) -> PullRequest:
        """The pull request, with what people decided on it before the bot knew that it had opened it."""
        merged_as = None
        if opened.state == "merged":
            seen = await reading(self._repository.pull_request(repository, opened.number))
            merged_as = seen.merge_commit
        return PullRequest(
            repository=repository,
            number=opened.number,
            url=opened.url,
            head=opened.head_sha,
            merged_as=merged_as,
            closed=opened.state == "closed",
        )

    async def _names(self, record: IdentityRequest) -> dict[str, str]:
        """What the people of a request are called; their user ids where Slack does not say."""
        users = sorted({record.requester.user, *(a.person.user for a in record.approvals)})
        names = await asyncio.gather(*(self._messenger.name_of(user) for user in users))
        return dict(zip(users, names, strict=True))
