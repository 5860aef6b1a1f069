"""Each kind of step in words: what it does in full, and how it is called while it runs."""

from bot.domain.catalog import Catalog
from bot.domain.observed import PodsSeen
from bot.domain.plan import EnsureCredential, EnsureIdentity, EnsureRoleAssignment, OpenPullRequest, Step
from bot.domain.roles import can, role
from bot.domain.spec import Grant, IdentityRef
from bot.views.words import Bold, Code, Line, line

EFFECTS = {
    "rolls now": "its pods are replaced as soon as the merge is synced",
    "next run": "its pods see it from their next run on",
    "never by itself": "its pods see it only once somebody restarts them",
    "breaks the sync": "it cannot take the change: its pod template is fixed",
}
"""What `gitops.manifests.Effect` means."""


def sentence(step: Step) -> Line:
    """Exactly what the step does, as an approver reads it."""
    match step:
        case EnsureIdentity(present=True):
            return line(
                "Keep the managed identity ",
                Bold(step.identity.name),
                " as it is, in ",
                *place(step.identity),
            )
        case EnsureIdentity():
            tags = ", ".join(f"{name}={value}" for name, value in sorted(step.tags.items()))
            made = line("Make the managed identity ", Bold(step.identity.name), " in ", *place(step.identity))
            return (*made, ", tagged ", Code(tags)) if tags else made
        case EnsureCredential():
            return line(
                "Let it be used with tokens of ",
                Code(step.subject),
                " issued by ",
                Code(step.issuer),
                ": the federated credential ",
                Code(step.name),
                " for ",
                Code(step.audience),
            )
        case EnsureRoleAssignment():
            return line("Give it ", *granted(step.role, step.scope.short))
        case OpenPullRequest():
            paths = ", ".join(step.paths)
            return line(
                "Open a pull request in ",
                Bold(step.repository),
                " from ",
                Code(step.branch),
                " to ",
                Code(step.base),
                ", for ",
                Code(paths),
            )


def label(step: Step) -> str:
    """What the step is about, in a few words."""
    match step:
        case EnsureIdentity():
            return f"managed identity {step.identity.name}"
        case EnsureCredential():
            return f"credential for {step.subject.removeprefix('system:serviceaccount:').replace(':', '/')}"
        case EnsureRoleAssignment():
            return f"{role_name(step.role)} on {step.scope.short}"
        case OpenPullRequest():
            return f"pull request in {step.repository}"


def granted(role_key: str, scope: str) -> Line:
    """A role and where it counts."""
    return line(Bold(role_name(role_key)), " on ", Bold(scope))


def place(identity: IdentityRef) -> Line:
    """Where an identity stands."""
    return line(
        "resource group ",
        Code(identity.resource_group),
        " (",
        identity.region,
        ", subscription ",
        Code(identity.subscription),
        ")",
    )


def allows(grant: Grant) -> str:
    """What a grant lets a workload do, in plain words: `read every secret of key vault kv-payments`."""
    try:
        return can(grant.role, grant.scope)
    except KeyError:
        return f"use {grant.role} on {grant.scope.short}"


def noticed(pods: PodsSeen) -> str:
    """What happens to the pods of a template that uses the account."""
    return EFFECTS.get(pods.effect, pods.effect)


def role_name(key: str) -> str:
    """Azure's name of a role; its key once it has left the table, so that old cards can still be drawn."""
    try:
        return role(key).name
    except KeyError:
        return key


def role_names(catalog: Catalog) -> tuple[str, ...]:
    """The roles that are offered."""
    return tuple(role_name(key) for key in catalog.roles)
