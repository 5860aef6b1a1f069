"""The plan: exactly what will happen, as data, in the order in which it may happen.

`build` is a pure function of what is wanted and what is seen. Its digest is what a reaction approves.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from bot.domain import names
from bot.domain.catalog import Catalog, When
from bot.domain.observed import AssignmentSeen, CredentialSeen, FileChange, Observed, PodsSeen, ProposalSeen
from bot.domain.roles import role
from bot.domain.spec import Grant, IdentityRef, Scope, Spec, Workload
from bot.domain.value import Value, canonical, sha256

AUDIENCE = "api://AzureADTokenExchange"
MANAGED_BY = "identity-bot"
IDENTITY = "identity"
T = TypeVar("T")


class EnsureIdentity(Value):
    """The user-assigned managed identity is there. `present` says that it is there already and is ours."""

    kind: Literal["identity"] = "identity"
    key: str = IDENTITY
    needs: tuple[str, ...] = ()
    identity: IdentityRef
    tags: dict[str, str]
    present: bool = False


class EnsureCredential(Value):
    """The identity trusts tokens of this issuer and subject."""

    kind: Literal["credential"] = "credential"
    key: str
    needs: tuple[str, ...]
    identity: IdentityRef
    name: str
    issuer: str
    subject: str
    audience: str = AUDIENCE


class EnsureRoleAssignment(Value):
    """The identity's principal holds a role on a scope; `role_id` is the definition's GUID."""

    kind: Literal["assignment"] = "assignment"
    key: str
    needs: tuple[str, ...]
    role: str
    role_id: str
    scope: Scope


class OpenPullRequest(Value):
    """One commit on one branch and its pull request stand in the GitOps repository.

    `essence` is what the edits come to; the commit that they are made on is not part of it.
    """

    kind: Literal["proposal"] = "proposal"
    key: str
    needs: tuple[str, ...]
    repository: str
    base: str
    branch: str
    workloads: tuple[Workload, ...]
    paths: tuple[str, ...]
    essence: tuple[str, ...]


Step = Annotated[
    EnsureIdentity | EnsureCredential | EnsureRoleAssignment | OpenPullRequest, Field(discriminator="kind")
]


class Plan(Value):
    """The steps before the pull request (it is their last) and those after its merge; what was found there.

    `changes`, `pods` and `applications` show what the edits come to, `strategies` why these files and
    `proofs` how that was checked. `kept` says in words what is already as it should be.
    """

    spec: Spec
    before: tuple[Step, ...]
    after: tuple[Step, ...] = ()
    changes: tuple[FileChange, ...] = ()
    pods: tuple[PodsSeen, ...] = ()
    applications: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in order."""
        return self.before + self.after

    @property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal, of what an approval is for: the spec, the steps, the reach."""
        covered = self.model_dump(mode="json", include={"spec", "before", "after", "pods", "applications"})
        return sha256(canonical(covered))

    def step(self, key: str) -> Step:
        """The step of this key; KeyError when the plan has none."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)


def build(spec: Spec, observed: Observed, catalog: Catalog, request: str) -> Plan:
    """The plan that makes the world what the spec says, and nothing that is so already."""
    identity = _identity(spec, observed, catalog, request)
    credentials = _credentials(spec, observed)
    early, late = _grants(spec, observed, catalog)
    needs = (identity.key, *(s.key for s in credentials), *(s.key for s in early))
    opened = _proposals(spec, observed, request, needs)
    shown = tuple(p for p in observed.proposals if p.changes)
    return Plan(
        spec=spec,
        before=(identity, *credentials, *early, *opened),
        after=late,
        changes=_one_each(c for p in shown for c in p.changes),
        pods=_one_each(pods for p in observed.proposals for pods in p.pods),
        applications=tuple(sorted({a for p in observed.proposals for a in p.applications})),
        strategies=_one_each(f"{p.strategy}: {p.why}" for p in shown),
        proofs=_one_each(f"{p.path}: {p.proof}" for p in shown if p.proof),
        kept=_kept(spec, observed),
    )


def _identity(spec: Spec, observed: Observed, catalog: Catalog, request: str) -> EnsureIdentity:
    tags = catalog.tags
    wanted = {
        tags.application: spec.application,
        tags.team: spec.team or "",
        tags.managed_by: MANAGED_BY,
        tags.first_request: request,
    }
    seen = observed.identity
    if seen is None:
        return EnsureIdentity(identity=spec.identity, tags={k: v for k, v in wanted.items() if v})
    return EnsureIdentity(identity=spec.identity, tags=seen.tags, present=True)


def _credentials(spec: Spec, observed: Observed) -> tuple[EnsureCredential, ...]:
    """One for each workload, each after the one before: Azure refuses parallel writes (azure.md 0.2)."""
    steps: list[EnsureCredential] = []
    for workload in spec.workloads:
        issuer = issuer_of(workload, observed)
        if not issuer or _trusted(workload, issuer, observed.credentials):
            continue
        name = names.credential(workload, issuer)
        steps.append(
            EnsureCredential(
                key=f"credential:{name}",
                needs=(steps[-1].key if steps else IDENTITY,),
                identity=spec.identity,
                name=name,
                issuer=issuer,
                subject=workload.subject,
            )
        )
    return tuple(steps)


def issuer_of(workload: Workload, observed: Observed) -> str | None:
    """The issuer that AKS names for the workload's cluster, byte for byte."""
    return next((c.issuer for c in observed.clusters if c.name == workload.cluster), None)


def _trusted(workload: Workload, issuer: str, credentials: Iterable[CredentialSeen]) -> bool:
    return any(
        c.issuer == issuer and c.subject == workload.subject and c.audiences == (AUDIENCE,)
        for c in credentials
    )


def _grants(
    spec: Spec, observed: Observed, catalog: Catalog
) -> tuple[tuple[EnsureRoleAssignment, ...], tuple[EnsureRoleAssignment, ...]]:
    steps = tuple(
        EnsureRoleAssignment(
            key=f"grant:{grant.role}:{grant.scope.id.casefold()}",
            needs=(IDENTITY,),
            role=grant.role,
            role_id=role(grant.role).id,
            scope=grant.scope,
        )
        for grant in spec.grants
        if not held(grant, observed.assignments)
    )
    clusters = [catalog.cluster(w.cluster) for w in spec.workloads]
    waits = any(c and c.grants is When.AFTER_MERGE for c in clusters)
    return ((), steps) if waits else (steps, ())


def held(grant: Grant, assignments: Iterable[AssignmentSeen]) -> bool:
    """Whether an assignment gives this role on exactly this scope."""
    return any(a.role_id == role(grant.role).id and grant.scope.same_as(a.scope) for a in assignments)


def _proposals(
    spec: Spec, observed: Observed, request: str, needs: tuple[str, ...]
) -> tuple[OpenPullRequest, ...]:
    """One for each repository, however many workloads it holds."""
    places: dict[tuple[str, str], list[ProposalSeen]] = {}
    for seen in observed.proposals:
        if seen.changes:
            places.setdefault((seen.repository, seen.branch), []).append(seen)
    workloads = {w.key: w for w in spec.workloads}
    return tuple(
        OpenPullRequest(
            key=f"proposal:{repository}",
            needs=needs,
            repository=repository,
            base=base,
            branch=names.branch(workloads[group[0].workload], request),
            workloads=tuple(workloads[p.workload] for p in group),
            paths=tuple(p.path for p in group),
            essence=tuple(p.essence for p in group),
        )
        for (repository, base), group in sorted(places.items())
    )


def _kept(spec: Spec, observed: Observed) -> tuple[str, ...]:
    kept: list[str] = []
    for grant in spec.grants:
        if held(grant, observed.assignments):
            kept.append(f"{role(grant.role).name} on {grant.scope.short} is held already")
    for seen in observed.proposals:
        if not seen.changes and not seen.refused:
            kept.append(f"{seen.path} says already what it should")
    return tuple(kept)


def _one_each(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))
