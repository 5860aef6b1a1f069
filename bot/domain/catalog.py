"""What the operators of this bot wrote down: tenants, clusters, roles offered, teams."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from bot.domain.value import Strict

Guid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$")]
GroupName = Annotated[str, StringConstraints(pattern=r"^[-\w.()]{1,90}$")]
RepositoryName = Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
SlackUser = Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]+$")]
SlackGroup = Annotated[str, StringConstraints(pattern=r"^S[A-Z0-9]+$")]
SlackChannel = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]+$")]

PLACEHOLDERS = {"cluster", "environment", "namespace", "service_account"}


class When(StrEnum):
    """When role assignments are made: before the pull request is reviewed, or once it is merged."""

    BEFORE_REVIEW = "before-review"
    AFTER_MERGE = "after-merge"


class Tenant(Strict):
    """One Entra tenant that the bot serves, and the subscriptions in which it looks for resources."""

    name: Name
    id: Guid
    subscriptions: tuple[Guid, ...] = Field(min_length=1)


class Place(Strict):
    """A resource group, its subscription and the region for what is made there."""

    subscription: Guid
    resource_group: GroupName
    region: str


class Approvers(Strict):
    """Who may approve: members of one Slack user group, or listed people, or both."""

    group: SlackGroup | None = None
    people: tuple[SlackUser, ...] = ()
    needed: int = Field(default=1, ge=1, le=5)

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.group and not self.people:
            raise ValueError("give a group, people, or both: with neither nobody could ever approve")
        return self


class Cluster(Strict):
    """One AKS cluster: where it is, whose tokens it signs, where its manifests live."""

    name: Name
    aliases: tuple[str, ...] = ()
    environment: Name
    tenant: Name
    subscription: Guid
    resource_group: GroupName
    region: str
    issuer: str = Field(pattern=r"^https://\S+/$")
    identities: Place
    repository: RepositoryName
    branch: str = "main"
    paths: tuple[str, ...] = Field(min_length=1)
    argocd: Name | None = None
    approvers: Approvers
    hold_seconds: int = Field(default=0, ge=0, le=3600)
    grants: When = When.BEFORE_REVIEW

    @model_validator(mode="after")
    def _paths_stay_inside(self) -> Self:
        for path in self.paths:
            unknown = set(re.findall(r"{([^}]*)}", path)) - PLACEHOLDERS
            if unknown:
                raise ValueError(f"path {path!r} uses {sorted(unknown)}; known are {sorted(PLACEHOLDERS)}")
            if path.startswith("/") or ".." in path.split("/"):
                raise ValueError(f"path {path!r} must stay inside the repository")
        return self


class ArgoCdServer(Strict):
    """One Argo CD; its token comes from the environment variable named here."""

    name: Name
    url: str = Field(pattern=r"^https?://\S+$")
    token_variable: str = "IDENTITY_BOT_ARGOCD_TOKEN"


class Team(Strict):
    """A team: the people whose workloads live in these namespaces (`*` at the end matches any rest)."""

    name: Name
    namespaces: tuple[str, ...]
    people: tuple[SlackUser, ...] = ()
    group: SlackGroup | None = None


class TagNames(Strict):
    """How the tags on an identity are called here."""

    application: str = "application"
    team: str = "team"
    managed_by: str = "managed-by"
    first_request: str = "first-request"


class Controller(Strict):
    """A service account that is no ordinary workload, and may stand where those may not."""

    namespace: Name
    service_account: Name


class Own(Strict):
    """The bot itself, which can never be a target: Azure names and its own place in the cluster."""

    principal: Guid
    resource_group: GroupName
    subscription: Guid
    identity: str
    namespace: Name
    service_account: Name


class Catalog(Strict):
    """Everything that the bot knows before anybody speaks."""

    version: int = Field(default=1, ge=1, le=1)
    channels: tuple[SlackChannel, ...] = Field(min_length=1)
    tenants: tuple[Tenant, ...] = Field(min_length=1)
    clusters: tuple[Cluster, ...] = Field(min_length=1)
    argocd: tuple[ArgoCdServer, ...] = ()
    roles: tuple[str, ...] = Field(min_length=1)
    teams: tuple[Team, ...] = ()
    controllers: tuple[Controller, ...] = ()
    tags: TagNames = TagNames()
    labels: tuple[str, ...] = ("azure-identity",)
    """Labels of the pull requests."""
    bot: Own

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        for kind, names in (("tenant", self.tenants), ("cluster", self.clusters), ("argocd", self.argocd)):
            seen: set[str] = set()
            for one in names:
                if one.name in seen:
                    raise ValueError(f"{kind} {one.name!r} stands twice")
                seen.add(one.name)
        tenants, servers = {t.name for t in self.tenants}, {a.name for a in self.argocd}
        for cluster in self.clusters:
            if cluster.tenant not in tenants:
                raise ValueError(f"cluster {cluster.name!r}: tenant {cluster.tenant!r} is not under tenants")
            if cluster.argocd and cluster.argocd not in servers:
                raise ValueError(f"cluster {cluster.name!r}: {cluster.argocd!r} is not under argocd")
        return self

    def cluster(self, name: str) -> Cluster | None:
        """The cluster of this name or alias, compared without case."""
        wanted = name.casefold()
        for cluster in self.clusters:
            if wanted == cluster.name or wanted in (a.casefold() for a in cluster.aliases):
                return cluster
        return None

    def tenant(self, name: str) -> Tenant:
        """The tenant of this name; the catalog was checked to hold it."""
        return next(t for t in self.tenants if t.name == name)

    def team_of(self, namespace: str) -> Team | None:
        """The team in whose namespaces this one is, if any."""
        for team in self.teams:
            if any(_covers(pattern, namespace) for pattern in team.namespaces):
                return team
        return None


def _covers(pattern: str, namespace: str) -> bool:
    return namespace.startswith(pattern[:-1]) if pattern.endswith("*") else namespace == pattern
