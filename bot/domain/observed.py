"""What is seen in Azure, Git and Argo CD, as plain values."""

from bot.domain.value import Value


class IdentitySeen(Value):
    """A user-assigned managed identity as Azure answered."""

    id: str
    client_id: str
    principal_id: str
    tenant_id: str
    region: str
    tags: dict[str, str] = {}


class CredentialSeen(Value):
    """A federated identity credential of the identity."""

    name: str
    issuer: str
    subject: str
    audiences: tuple[str, ...]


class AssignmentSeen(Value):
    """A role assignment that the identity's principal holds, wherever it is."""

    id: str
    name: str
    scope: str
    role_id: str
    principal_id: str


class ClusterSeen(Value):
    """What AKS says of a cluster; `issuer` is byte for byte."""

    name: str
    issuer: str | None
    oidc_enabled: bool
    workload_identity_enabled: bool


class TargetSeen(Value):
    """A grant's resource: whether it is there, and what may keep the role from working."""

    scope: str
    exists: bool
    visible_subscriptions: int
    access_policies: bool = False
    """A vault in access-policy mode: a role does nothing there."""


class FileChange(Value):
    """One file as it would be changed; `diff` is unified, `path` from the repository's root."""

    path: str
    what: str
    new: bool
    diff: str


class PodsSeen(Value):
    """A pod template that uses the account, and when its pods see a change."""

    kind: str
    name: str
    effect: str


class ProposalSeen(Value):
    """What the repository would get for one workload, proved against the files as they are.

    `essence` is canonical JSON of the operations and the resulting ServiceAccount and labels:
    what an approval is for, whatever else changes in those files.
    `base` is the commit that was read; it is not part of what is approved.
    """

    workload: str
    repository: str
    branch: str
    path: str
    base: str
    strategy: str = ""
    why: str = ""
    proof: str = ""
    """What rendering before and after showed, or why nothing could be rendered here."""
    essence: str = ""
    changes: tuple[FileChange, ...] = ()
    pods: tuple[PodsSeen, ...] = ()
    applications: tuple[str, ...] = ()
    refused: str | None = None
    remedy: str = ""


class Observed(Value):
    """One look at the world for one spec."""

    identity: IdentitySeen | None
    credentials: tuple[CredentialSeen, ...] = ()
    assignments: tuple[AssignmentSeen, ...] = ()
    clusters: tuple[ClusterSeen, ...] = ()
    targets: tuple[TargetSeen, ...] = ()
    proposals: tuple[ProposalSeen, ...] = ()
    identities_in_group: int = 0
