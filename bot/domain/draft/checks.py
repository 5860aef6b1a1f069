"""Bad input: what can never be granted, said in a sentence that tells what to do."""

import re

from bot.domain import names
from bot.domain.catalog import Catalog
from bot.domain.draft.addresses import TOO_WIDE, is_id, names_in
from bot.domain.draft.nearness import nearest
from bot.domain.draft.values import Draft, Wish
from bot.domain.roles import role, scope_kind_of
from bot.domain.spec import ScopeKind, Workload

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
"""RFC 1123 label: what Kubernetes allows as a namespace."""
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)
"""RFC 1123 subdomain, at most 253 characters: what Kubernetes allows as a service account."""
SYSTEM = "kube-system"


def problems(draft: Draft, catalog: Catalog) -> tuple[str, ...]:
    """What is wrong with what was said so far; nothing about what is merely missing."""
    found = (
        cluster_problem(draft, catalog),
        namespace_problem(draft, catalog),
        account_problem(draft, catalog),
        _own_identity(draft, catalog),
        *(_wish_problem(wish, catalog) for wish in draft.wishes),
    )
    return tuple(dict.fromkeys(problem for problem in found if problem))


def cluster_problem(draft: Draft, catalog: Catalog) -> str | None:
    """Why the cluster cannot be meant."""
    if draft.cluster is None or catalog.cluster(draft.cluster):
        return None
    known = [c.name for c in catalog.clusters]
    near = nearest(draft.cluster, known)
    hint = f" Did you mean {near}?" if near else ""
    return f"I know no cluster “{draft.cluster}”.{hint} Known are {_listed(known)}."


def namespace_problem(draft: Draft, catalog: Catalog) -> str | None:
    """Why the namespace cannot be used."""
    name = draft.namespace
    if name is None:
        return None
    if not LABEL.fullmatch(name):
        return (
            f"“{name}” cannot be a namespace: Kubernetes allows up to 63 lower-case letters, digits and"
            " hyphens, and a letter or digit at both ends. Please give its name as kubectl shows it."
        )
    if name == "default":
        return (
            "Workloads in the namespace “default” get no identity: everything that names no namespace ends"
            " up there. Please move the workload to a namespace of its own."
        )
    if name == catalog.bot.namespace:
        return f"“{name}” is my own namespace, and nothing in it gets an identity from me."
    if name == SYSTEM and draft.service_account and not _is_controller(draft, catalog):
        return (
            f"Workloads in {SYSTEM} get no identity, but for controllers that the catalog names."
            " Please use another namespace, or ask the operators to add the account under “controllers”."
        )
    return None


def account_problem(draft: Draft, catalog: Catalog) -> str | None:
    """Why the service account cannot be used."""
    name = draft.service_account
    if name is None:
        return None
    if len(name) > 253 or not SUBDOMAIN.fullmatch(name):
        return (
            f"“{name[:80]}” cannot be a service account: Kubernetes allows lower-case letters, digits,"
            " hyphens and dots, and a letter or digit at both ends. Please give its name as kubectl shows it."
        )
    if name == "default":
        return (
            "The service account “default” gets no identity: every pod that names none would hold it."
            " Please give the workload a service account of its own."
        )
    return None


def _is_controller(draft: Draft, catalog: Catalog) -> bool:
    return any(
        (c.namespace, c.service_account) == (draft.namespace, draft.service_account)
        for c in catalog.controllers
    )


def _own_identity(draft: Draft, catalog: Catalog) -> str | None:
    """The bot refuses itself: its account wherever it is, and the name of its identity."""
    if draft.service_account is None:
        return None
    own = catalog.bot
    if draft.service_account == own.service_account and draft.namespace in (None, own.namespace):
        return f"{own.service_account} is my own service account; I do not change my own rights."
    cluster = catalog.cluster(draft.cluster or "")
    if cluster is None or draft.namespace is None:
        return None
    workload = Workload(
        cluster=cluster.name, namespace=draft.namespace, service_account=draft.service_account
    )
    if names.identity(workload, cluster.environment).casefold() == own.identity.casefold():
        return f"{own.identity} is my own identity; I do not change my own rights."
    return None


def _wish_problem(wish: Wish, catalog: Catalog) -> str | None:
    wide = next((k for k in wish.kinds if k in TOO_WIDE), None)
    if wide is not None:
        return (
            f"“{wish.said}” means a whole {wide}; I give roles on single resources only."
            " Please name the key vault, storage account, queue or other resource that is needed."
        )
    if problem := _own_target(wish, catalog):
        return problem
    if wish.resource and is_id(wish.resource) and scope_kind_of(wish.resource) is ScopeKind.OTHER:
        return (
            f"“{wish.resource}” is nothing that I can give a role on. Please name the resource by its own id."
        )
    if wish.roles and not set(wish.roles) & set(catalog.roles):
        names_ = " or ".join(role(key).name for key in wish.roles[:3])
        offered = _listed([role(key).name for key in catalog.roles])
        return f"“{wish.said}” would take {names_}, which is not offered here. Offered are {offered}."
    if not wish.roles:
        return f"I know no role for “{wish.said}”. Please say what is to be read, written, sent or received."
    return None


def _own_target(wish: Wish, catalog: Catalog) -> str | None:
    own = catalog.bot
    group = f"/subscriptions/{own.subscription}/resourceGroups/{own.resource_group}".casefold()
    said = (wish.scope.id if wish.scope else wish.resource) or ""
    inside = said.casefold() == group or said.casefold().startswith(group + "/")
    named = {names_in(said)[-1].casefold(), said.casefold()} if said else set()
    if inside or named & {own.identity.casefold(), own.principal.casefold(), own.resource_group.casefold()}:
        return f"“{said}” is my own or in my own resource group; nobody gets a role there from me."
    return None


def _listed(names_: list[str]) -> str:
    return names_[0] if len(names_) == 1 else ", ".join(names_[:-1]) + " and " + names_[-1]
