"""The rules that a request must keep, checked before anybody is asked to approve it.

Each rule is a pure function of what is wanted, what is seen and the catalog; `RULES` is the table of them.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum

from bot.domain.catalog import Catalog
from bot.domain.observed import ClusterSeen, Observed
from bot.domain.spec import Spec
from bot.domain.value import Value

CREDENTIALS = 20  # per identity: entra-docs, workload-identity-federation-considerations
IDENTITIES = (
    800  # per resource group and type: azure-resource-manager, resources-without-resource-group-limit
)
NEARLY = 0.8


class Weight(StrEnum):
    """What a finding does: it stops the request, or is shown to the approver."""

    BLOCKS = "blocks"
    WARNS = "warns"


class Finding(Value):
    """A rule's complaint: which rule, in one sentence, and what to do about it."""

    rule: str
    weight: Weight
    problem: str
    remedy: str = ""

    @property
    def blocks(self) -> bool:
        """Whether nobody can approve this away."""
        return self.weight is Weight.BLOCKS


Complaint = tuple[Weight, str, str]
Rule = Callable[[Spec, Observed, Catalog], Iterator[Complaint]]


def check(spec: Spec, observed: Observed, catalog: Catalog) -> tuple[Finding, ...]:
    """Every rule's findings, those that block first."""
    found = [
        Finding(rule=name, weight=weight, problem=problem, remedy=remedy)
        for name, rule in RULES.items()
        for weight, problem, remedy in rule(spec, observed, catalog)
    ]
    return tuple(sorted(found, key=lambda f: not f.blocks))


def _not_the_bot_itself(spec: Spec, observed: Observed, catalog: Catalog) -> Iterator[Complaint]:
    own = catalog.bot
    remedy = "The bot never changes its own rights; an administrator does."
    place = (spec.identity.subscription, spec.identity.resource_group.casefold())
    if place == (own.subscription, own.resource_group.casefold()) or spec.identity.name == own.identity:
        yield Weight.BLOCKS, "The identity would stand in the bot's own resource group.", remedy
    for workload in spec.workloads:
        if workload.namespace == own.namespace:
            yield Weight.BLOCKS, f"{workload.namespace} is the bot's own namespace.", remedy
    if observed.identity and observed.identity.principal_id == own.principal:
        yield Weight.BLOCKS, "This identity is the bot itself.", remedy


def _role_offered(spec: Spec, observed: Observed, catalog: Catalog) -> Iterator[Complaint]:
    for grant in spec.grants:
        if grant.role not in catalog.roles:
            yield (
                Weight.BLOCKS,
                f"The role {grant.role} is not offered here.",
                "Ask for one of the roles listed by `help`.",
            )


def _scope_is_a_resource(spec: Spec, observed: Observed, catalog: Catalog) -> Iterator[Complaint]:
    for grant in spec.grants:
        if "/providers/" not in grant.scope.id.casefold():
            yield (
                Weight.BLOCKS,
                f"{grant.scope.id} is a whole resource group or subscription.",
                "Name the one resource that the workload needs.",
            )


def _identity_is_ours(spec: Spec, observed: Observed, catalog: Catalog) -> Iterator[Complaint]:
    seen = observed.identity
    if seen is None:
        return
    tags = catalog.tags
    if seen.tags.get(tags.managed_by) != "identity-bot":
        yield (
            Weight.BLOCKS,
            f"An identity {spec.identity.name} exists already and was not made by this bot.",
            "Ask its owner to remove or rename it, or ask for another service account.",
        )
    elif seen.tags.get(tags.application) not in (None, spec.application):
        yield (
            Weight.BLOCKS,
            f"The identity {spec.identity.name} belongs to {seen.tags[tags.application]}.",
            "One identity serves one application: ask for another service account.",
        )


def _issuer_as_recorded(spec: Spec, observed: Observed, catalog: Catalog) -> Iterator[Complaint]:
    seen = {c.name: c for c in observed.clusters}
    for name in sorted({w.cluster for w in spec.workloads}):
        cluster, recorded = seen.get(name), catalog.cluster(name)
        if cluster is None or recorded is None:
            yield (
                Weight.BLOCKS,
                f"The cluster {name} could not be read in Azure.",
                "Ask an operator to check the bot's rights on it.",
            )
        else:
            yield from _issuer(cluster, recorded.issuer)


def _issuer(cluster: ClusterSeen, recorded: str) -> Iterator[Complaint]:
    if not cluster.oidc_enabled or not cluster.issuer:
        yield (
            Weight.BLOCKS,
            f"{cluster.name} has its OIDC issuer switched off.",
            "Ask the cluster's owners to enable it.",
        )
    elif cluster.issuer != recorded:
        yield (
            Weight.BLOCKS,
            f"{cluster.name} names the issuer {cluster.issuer}, the catalog says {recorded}.",
            "Was the cluster rebuilt? An operator must correct the catalog.",
        )
    if not cluster.workload_identity_enabled:
        yield (
            Weight.BLOCKS,
            f"{cluster.name} has workload identity switched off: pods would get no token.",
            "Ask the cluster's owners to enable it.",
        )


def _target_reachable(spec: Spec, observed: Observed, catalog: Catalog) -> Iterator[Complaint]:
    for target in observed.targets:
        name = target.scope.rsplit("/", 1)[-1]
        if not target.exists:
            yield (
                Weight.BLOCKS,
                f"{name} is not in the {target.visible_subscriptions} subscriptions that I can see.",
                "Check the name, or ask an operator to let the bot read its subscription.",
            )
        elif target.access_policies:
            yield (
                Weight.BLOCKS,
                f"{name} uses access policies: a role does nothing there.",
                "Ask its owner to switch the vault to Azure RBAC.",
            )


def _quotas(spec: Spec, observed: Observed, catalog: Catalog) -> Iterator[Complaint]:
    credentials = len(observed.credentials) + len(spec.workloads)
    yield from _quota(
        credentials, CREDENTIALS, f"credentials of {spec.identity.name}", "Use a second identity."
    )
    made = observed.identities_in_group + (observed.identity is None)
    yield from _quota(
        made,
        IDENTITIES,
        f"identities in {spec.identity.resource_group}",
        "An operator must add a resource group.",
    )


def _quota(count: int, most: int, what: str, remedy: str) -> Iterator[Complaint]:
    if count > most:
        yield Weight.BLOCKS, f"Azure allows {most} {what}, and this would be number {count}.", remedy
    elif count > most * NEARLY:
        yield Weight.WARNS, f"This makes {count} of at most {most} {what}.", remedy


def _edit_possible(spec: Spec, observed: Observed, catalog: Catalog) -> Iterator[Complaint]:
    for proposal in observed.proposals:
        if proposal.refused:
            yield (
                Weight.BLOCKS,
                f"{proposal.repository}, {proposal.path}: {proposal.refused}",
                proposal.remedy,
            )


def _pods_see_it(spec: Spec, observed: Observed, catalog: Catalog) -> Iterator[Complaint]:
    for proposal in observed.proposals:
        for pods in proposal.pods:
            if pods.effect == "breaks the sync":
                yield (
                    Weight.BLOCKS,
                    f"{pods.kind} {pods.name} cannot take a changed pod template.",
                    "Delete the finished object, or let Argo CD replace it, and ask again.",
                )
            elif pods.effect == "never by itself":
                yield (
                    Weight.WARNS,
                    f"Pods of {pods.kind} {pods.name} see the identity only once somebody restarts them.",
                    "Restart them after the merge.",
                )


RULES: dict[str, Rule] = {
    "not-the-bot-itself": _not_the_bot_itself,
    "role-offered": _role_offered,
    "scope-is-a-resource": _scope_is_a_resource,
    "identity-is-ours": _identity_is_ours,
    "issuer-as-recorded": _issuer_as_recorded,
    "target-reachable": _target_reachable,
    "quotas": _quotas,
    "edit-possible": _edit_possible,
    "pods-see-it": _pods_see_it,
}
