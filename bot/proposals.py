"""What the GitOps repository would get for a spec: read at one commit, proposed by `gitops`."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.domain.catalog import Catalog, Cluster
from bot.domain.observed import FileChange, PodsSeen, ProposalSeen
from bot.domain.plan import OpenPullRequest
from bot.domain.spec import Consumer, Spec, Workload
from bot.domain.value import canonical
from bot.errors import AskAgain, NeedsOperator, Obstacle, TryLater, WorldChanged
from gitops.argocd import ApplicationSeen, ArgoCd, covers
from gitops.errors import BranchTouched, NotAllowed, NotVisible, Refused, Rejected, Unavailable
from gitops.files import Files, NotLoaded
from gitops.propose import KNOWN_AFTER_APPLY, FileEdit, Proposal, Wanted, missing, propose, prove
from gitops.propose.prove import Proof
from gitops.repository import FileEdit as Written
from gitops.repository import Head, Repository

T = TypeVar("T")
REMEMBERED = 512
ROUNDS = 40  # a kustomization deeper than this is a circle


@dataclass(frozen=True)
class SettledEdits:
    """The edits of one repository with their outputs filled in, and the commit they are made on."""

    head: Head
    edits: tuple[Written, ...]


@dataclass(frozen=True)
class _Proposed:
    """A proposal, and its proof by rendering where one was needed."""

    proposal: Proposal
    proof: Proof | None


@dataclass(frozen=True)
class _Sought:
    """What is looked for in one repository for one workload; the first path that exists is its directory."""

    paths: tuple[str, ...]
    wanted: Wanted


class Proposals:
    """Proposals for specs. What was worked out for a commit is kept: the second look costs one request."""

    def __init__(self, repository: Repository, argocd: Mapping[str, ArgoCd], catalog: Catalog) -> None:
        self._repository = repository
        self._argocd = argocd
        self._catalog = catalog
        self._known: OrderedDict[tuple[str, str, _Sought], tuple[str, _Proposed | Refused]] = OrderedDict()

    async def preview(self, spec: Spec) -> tuple[ProposalSeen, ...]:
        """One for each workload, refused or not, with the client id known after apply."""
        return tuple(await asyncio.gather(*(self._one(spec, workload) for workload in spec.workloads)))

    async def settled(self, step: OpenPullRequest, spec: Spec, client_id: str) -> SettledEdits:
        """The step's edits on the base branch as it is now; WorldChanged when they come to something else."""
        head = await self._head(step.repository, step.base)
        files = Files()
        edits: dict[str, FileEdit] = {}
        for workload, approved in zip(step.workloads, step.essence, strict=True):
            sought = self._sought(spec, workload, client_id)
            # On the commit that was reviewed the same edits were proved by rendering already.
            reviewed = (step.repository, head.commit, self._sought(spec, workload, KNOWN_AFTER_APPLY))
            path, found, files = await self._proposed(head, sought, files, reviewed in self._known)
            if isinstance(found, Refused) or canonical(found.proposal.essence()) != approved:
                reason = found.sentence if isinstance(found, Refused) else "the edit would be another one now"
                raise WorldChanged(f"{step.repository}, {path}: {reason}.")
            edits |= _joined(edits, found.proposal.edits)
            files = files.with_files({edit.path: edit.after for edit in found.proposal.edits})
        written = tuple(Written(path, edits[path].after, edits[path].mode) for path in sorted(edits))
        return SettledEdits(head, written)

    async def _one(self, spec: Spec, workload: Workload) -> ProposalSeen:
        cluster = self._cluster(workload)
        sought = self._sought(spec, workload, KNOWN_AFTER_APPLY)
        head, applications = await asyncio.gather(
            self._head(cluster.repository, cluster.branch), self._applications(cluster)
        )
        key = (cluster.repository, head.commit, sought)
        if key not in self._known:
            path, found, _ = await self._proposed(head, sought, Files())
            self._known[key] = (path, found)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        path, found = self._known[key]
        seen = ProposalSeen(
            workload=workload.key,
            repository=cluster.repository,
            branch=cluster.branch,
            path=path,
            base=head.commit,
            applications=_reached(applications, cluster, path),
        )
        return _told(seen, found)

    async def _proposed(
        self, head: Head, sought: _Sought, files: Files, is_proved: bool = False
    ) -> tuple[str, _Proposed | Refused, Files]:
        for _ in range(ROUNDS):
            try:
                path, found = await asyncio.to_thread(_attempt, files, sought, is_proved)
                return path, found, files
            except NotLoaded as need:
                files = await reading(self._repository.load(head, files, need.missing))
        raise NeedsOperator(
            f"{head.repository}: the kustomization of {sought.paths[0]} includes itself or goes too deep.",
            "Look at its resources.",
            Obstacle.REFUSED_EDIT,
        )

    async def _head(self, repository: str, branch: str) -> Head:
        return await reading(self._repository.head(repository, branch))

    async def _applications(self, cluster: Cluster) -> tuple[ApplicationSeen, ...]:
        if cluster.argocd is None:
            return ()
        return await reading(self._argocd[cluster.argocd].applications())

    def _cluster(self, workload: Workload) -> Cluster:
        cluster = self._catalog.cluster(workload.cluster)
        if cluster is None:
            raise AskAgain(f"The cluster {workload.cluster} is no longer in the catalog.", "Ask anew.")
        return cluster

    def _sought(self, spec: Spec, workload: Workload, client_id: str) -> _Sought:
        cluster = self._cluster(workload)
        paths = tuple(
            pattern.format(
                cluster=cluster.name,
                environment=cluster.environment,
                namespace=workload.namespace,
                service_account=workload.service_account,
            )
            for pattern in cluster.paths
        )
        wanted = Wanted(
            path=paths[0],
            namespace=workload.namespace,
            service_account=workload.service_account,
            client_id=client_id,
            tenant_id=self._catalog.tenant(spec.tenant).id,
            label_pods=workload.consumer is not Consumer.EXTERNAL_SECRETS,
        )
        return _Sought(paths, wanted)


async def reading(answer: Awaitable[T]) -> T:
    """The answer of GitHub or Argo CD; what they refuse with is told in the bot's errors."""
    try:
        return await answer
    except Unavailable as busy:
        raise TryLater(busy.problem, busy.after) from busy
    except Rejected as refused:
        raise NeedsOperator(refused.problem, refused.remedy, _obstacle(refused)) from refused


def _obstacle(refused: Rejected) -> Obstacle:
    match refused:
        case NotVisible():
            return Obstacle.NOT_VISIBLE
        case NotAllowed():
            return Obstacle.NO_RIGHT
        case BranchTouched():
            return Obstacle.FOREIGN
        case _:
            return Obstacle.UNEXPECTED


def _attempt(files: Files, sought: _Sought, is_proved: bool) -> tuple[str, _Proposed | Refused]:
    path = next((p for p in sought.paths if files.entries(p)), sought.paths[0])
    wanted = replace(sought.wanted, path=path)
    if need := missing(files, wanted):
        raise NotLoaded(need)
    try:
        proposal = propose(files, wanted)
        proof = prove(files, wanted, proposal) if proposal.edits and not is_proved else None
    except Refused as refused:
        return path, refused
    return path, _Proposed(proposal, proof)


def _joined(edits: Mapping[str, FileEdit], more: tuple[FileEdit, ...]) -> dict[str, FileEdit]:
    """Later edits of the same file keep what was there before the first."""
    return {e.path: replace(e, before=edits[e.path].before) if e.path in edits else e for e in more}


def _reached(applications: tuple[ApplicationSeen, ...], cluster: Cluster, path: str) -> tuple[str, ...]:
    return tuple(sorted(a.name for a in applications if covers(a, cluster.repository, cluster.branch, path)))


def _proof(proof: Proof | None) -> str:
    if proof is None:
        return ""
    if proof.is_proved:
        return f"rendered before and after with {proof.engine}, nothing else changes."
    return f"not verified by rendering: {proof.why.rstrip('.')}."


def _told(seen: ProposalSeen, result: _Proposed | Refused) -> ProposalSeen:
    if isinstance(result, Refused):
        return seen.model_copy(update={"refused": result.sentence, "remedy": result.remedy})
    found = result.proposal
    changes = tuple(
        FileChange(path=e.path, what=e.what, new=e.before is None, diff=e.diff()) for e in found.edits
    )
    pods = tuple(PodsSeen(kind=w.kind, name=w.name, effect=str(w.effect)) for w in found.workloads)
    return seen.model_copy(
        update={
            "strategy": found.strategy,
            "why": found.why,
            "proof": _proof(result.proof),
            "essence": canonical(found.essence()),
            "changes": changes,
            "pods": pods,
        }
    )
