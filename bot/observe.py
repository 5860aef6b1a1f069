"""One workload as it is in Azure, Git, Argo CD and Slack, as plain values.

The reads of one look do not depend on each other and run together: a look takes as long as its slowest.
"""

import asyncio
from collections.abc import Mapping

from bot.arm import Arm
from bot.domain import draft as drafts
from bot.domain.approval import approvers_of
from bot.domain.catalog import Catalog
from bot.domain.conversation import Around
from bot.domain.draft import Draft
from bot.domain.observed import AssignmentSeen, Observed
from bot.domain.outcome import ApplicationSeen, ProposedSeen, PullRequestSeen
from bot.domain.people import People
from bot.domain.request import IdentityRequest, PullRequest, Said
from bot.domain.spec import Spec
from bot.errors import NeedsOperator
from bot.messenger import CardLost, Messenger
from bot.proposals import Proposals, reading
from gitops.argocd import ArgoCd
from gitops.repository import Repository


class Observe:
    """Looks, and never changes anything."""

    def __init__(
        self,
        arms: Mapping[str, Arm],
        repository: Repository,
        proposals: Proposals,
        argocd: Mapping[str, ArgoCd],
        messenger: Messenger,
        catalog: Catalog,
    ) -> None:
        self._arms = arms
        self._repository = repository
        self._proposals = proposals
        self._argocd = argocd
        self._messenger = messenger
        self._catalog = catalog

    async def world(self, spec: Spec, *, again: bool = False) -> Observed:
        """Everything that the plan and the policy need of one spec.

        `again` is the second look: quotas, which no plan depends on, are not counted once more.
        """
        arm = self._arms[spec.tenant]
        wanted = [
            c for name in {w.cluster: None for w in spec.workloads} if (c := self._catalog.cluster(name))
        ]
        scopes = tuple(dict.fromkeys(grant.scope for grant in spec.grants))
        own, places, proposals, count = await asyncio.gather(
            asyncio.gather(arm.read_identity(spec.identity), arm.read_credentials(spec.identity)),
            asyncio.gather(
                asyncio.gather(*(arm.read_cluster(cluster) for cluster in wanted)),
                asyncio.gather(*(arm.read_target(scope) for scope in scopes)),
                asyncio.gather(*(arm.read_assignments(scope.id) for scope in scopes)),
            ),
            self._proposals.preview(spec),
            _nothing() if again else arm.count_identities(wanted[0].identities),
        )
        identity, credentials = own
        clusters, targets, assignments = places
        principal = identity.principal_id if identity else None
        return Observed(
            identity=identity,
            credentials=credentials,
            assignments=_held_by(principal, assignments),
            clusters=tuple(clusters),
            targets=tuple(targets),
            proposals=proposals,
            identities_in_group=count,
        )

    async def around(self, draft: Draft) -> Around:
        """The resources that the draft's words can mean, and in how many subscriptions was looked."""
        tenant = self._tenant_of(draft)
        arm = self._arms[tenant]
        looked = await asyncio.gather(*(arm.find(lookup) for lookup in drafts.lookups(draft)))
        found = tuple(dict.fromkeys(one for some in looked for one in some))
        return Around(found=found, subscriptions=len(self._catalog.tenant(tenant).subscriptions))

    async def missed(self, record: IdentityRequest) -> tuple[Said, ...]:
        """What the requester wrote in the thread and the record does not hold."""
        thread, known = record.thread, {said.ts for said in record.said}
        words = await self._messenger.words_of(record.requester.user, thread.channel, thread.ts)
        at = record.said[-1].at
        return tuple(
            Said(person=record.requester, text=text, ts=ts, at=at) for ts, text in words if ts not in known
        )

    async def people(self, record: IdentityRequest, catalog: Catalog) -> People:
        """Who reacted or approved, and who is in the groups that may approve."""
        users = {r.person.user for r in record.reactions[record.weighed :]}
        users |= {a.person.user for a in record.approvals}
        groups = {a.group for a in approvers_of(record.spec, catalog) if a.group} if record.spec else set()
        seen, members = await asyncio.gather(
            asyncio.gather(*(self._messenger.read_person(user) for user in sorted(users))),
            asyncio.gather(*(self._group(group) for group in sorted(groups))),
        )
        return People(
            seen={one.user: one for one in seen if one},
            groups={
                group: who for group, who in zip(sorted(groups), members, strict=True) if who is not None
            },
        )

    async def reactions(self, record: IdentityRequest) -> tuple[tuple[str, str], ...]:
        """Every (name, user) that stands on the request's card at this moment; none on a deleted one."""
        card = record.card
        if card is None or card.ts is None:
            return ()
        try:
            return await self._messenger.read_reactions(record.thread.channel, card.ts)
        except CardLost:
            return ()

    async def proposed(self, record: IdentityRequest) -> ProposedSeen:
        """The request's pull requests, and once merged the applications that they reach."""
        pulls = await asyncio.gather(*(self._pull(pull) for pull in record.pull_requests))
        merged = {p.repository: p.merged_as for p in pulls if p.merged_as}
        if len(merged) < len(record.pull_requests):
            return ProposedSeen(pull_requests=tuple(pulls))
        return ProposedSeen(pull_requests=tuple(pulls), applications=await self._applications(record, merged))

    async def _group(self, group: str) -> frozenset[str] | None:
        """The group's members; None when Slack refuses to say, which counts as nobody.

        What is only passing is raised: nobody is refused, and nothing begun, because Slack was busy.
        """
        try:
            return await self._messenger.read_group(group)
        except NeedsOperator:
            return None

    async def _pull(self, pull: PullRequest) -> PullRequestSeen:
        seen = await reading(self._repository.pull_request(pull.repository, pull.number, ours=pull.head))
        return PullRequestSeen(
            repository=pull.repository,
            number=pull.number,
            state=seen.state,
            merged_as=seen.merge_commit,
            touched=seen.changed_by_people,
        )

    async def _applications(
        self, record: IdentityRequest, merged: Mapping[str, str | None]
    ) -> tuple[ApplicationSeen, ...]:
        assert record.plan is not None
        wanted = {
            (server, name)
            for cluster in (self._catalog.cluster(w.cluster) for w in record.plan.spec.workloads)
            if cluster and (server := cluster.argocd)
            for name in record.plan.applications
        }
        repository, commit = next(iter(merged.items()), ("", None))
        return tuple(
            await asyncio.gather(
                *(self._application(server, name, repository, commit) for server, name in sorted(wanted))
            )
        )

    async def _application(
        self, server: str, name: str, repository: str, commit: str | None
    ) -> ApplicationSeen:
        seen = await reading(self._argocd[server].application(name, refresh=True))
        has_merge = commit is None or await self._contains(repository, commit, seen.revisions)
        return ApplicationSeen(
            name=name, has_merge=has_merge, synced=seen.sync == "Synced", healthy=seen.health == "Healthy"
        )

    async def _contains(self, repository: str, commit: str, revisions: tuple[str, ...]) -> bool:
        """Whether what Argo CD runs has the merge in it; later commits go over it."""
        for revision in revisions:
            held: bool = await reading(self._repository.contains(repository, commit, revision))
            if held:
                return True
        return False

    def _tenant_of(self, draft: Draft) -> str:
        cluster = self._catalog.cluster(draft.cluster) if draft.cluster else None
        return cluster.tenant if cluster else self._catalog.tenants[0].name


async def _nothing() -> int:
    return 0


def _held_by(principal: str | None, lists: list[tuple[AssignmentSeen, ...]]) -> tuple[AssignmentSeen, ...]:
    if principal is None:
        return ()
    held = (a for some in lists for a in some if a.principal_id.casefold() == principal.casefold())
    return tuple(dict.fromkeys(held))
