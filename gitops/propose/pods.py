"""The workloads whose pods use the service account: found, labelled, and told to use a new account."""

from __future__ import annotations

from dataclasses import dataclass

from gitops import helm
from gitops.edits import Path, string
from gitops.edits.model import text
from gitops.errors import Reason, Refused
from gitops.layout import Layout, Patch, Placed
from gitops.manifests import (
    USE,
    Manifest,
    account_of,
    account_path,
    effect,
    is_complete,
    is_workload,
    label_path,
    pod_template,
)
from gitops.propose import new
from gitops.propose.draft import Draft
from gitops.propose.result import Account
from gitops.propose.values import Wanted, WorkloadChange


@dataclass(frozen=True)
class Users:
    """The workloads whose pods use the account; those in `told` name it only once the proposal is merged."""

    using: tuple[Placed, ...] = ()
    told: tuple[Placed, ...] = ()
    why: str = ""

    @property
    def all(self) -> tuple[Placed, ...]:
        """All of them."""
        return (*self.using, *self.told)


def users(layout: Layout, wanted: Wanted, found: Placed | None) -> Users:
    """Who uses the account, or who is to use it when there is none yet.

    Refused when nobody can be told apart, with the candidates.
    """
    workloads = [
        one
        for one in layout.objects
        if is_workload(one.manifest) and one.namespace in (None, wanted.namespace)
    ]
    names = {wanted.service_account} | ({found.manifest.name} if found else set())
    using = tuple(one for one in workloads if _account(layout, one) in names)
    if using or found is not None or not wanted.label_pods:
        return Users(using)
    return _told(layout, wanted, workloads)


def label(
    draft: Draft, layout: Layout, wanted: Wanted, users: Users, account: Account
) -> tuple[WorkloadChange, ...]:
    """Each workload's pods carry the label in the draft, and those that are told to use the account do."""
    changes = []
    for one in users.all:
        name = account.source_name if one in users.told else None
        changed = wanted.label_pods and _change(draft, layout, one, name)
        changes.append(
            WorkloadChange(
                one.manifest.kind,
                one.name,
                one.namespace or wanted.namespace,
                one.manifest.path,
                effect(one.manifest, changed),
                wanted.label_pods,
                changed,
            )
        )
    return tuple(sorted(changes, key=lambda change: (change.kind, change.name)))


def notes(layout: Layout, wanted: Wanted, users: Users) -> tuple[str, ...]:
    """What a reviewer should know about the pods beside the edits."""
    if not wanted.label_pods or users.all:
        return ()
    return (
        f"No workload that this application renders uses service account {wanted.service_account}: "
        f'pods that do need the label {USE}: "true".',
    )


def _told(layout: Layout, wanted: Wanted, workloads: list[Placed]) -> Users:
    """The one workload that a new account can only be for."""
    free = [
        one for one in workloads if _account(layout, one) in (None, "default") and is_complete(one.manifest)
    ]
    fitting = [one for one in free if _fits(one, wanted.service_account)]
    candidates = fitting or free
    if len(candidates) == 1:
        one = candidates[0]
        return Users(
            told=(one,),
            why=f"The application renders no ServiceAccount {wanted.service_account}, and "
            f"{one.manifest.title} in {one.manifest.path} names no account yet.",
        )
    taken = [f"{one.manifest.title} runs as {_account(layout, one) or 'default'}" for one in workloads]
    if not workloads:
        raise _nobody(layout, wanted)
    if candidates:
        raise Refused(
            Reason.AMBIGUOUS,
            f"No workload uses service account {wanted.service_account}, and {len(candidates)} could.",
            "Name the workload's service account in its pod template, or ask for another account.",
            candidates=tuple(taken),
        )
    raise Refused(
        Reason.OTHER_ACCOUNT,
        f"No workload uses service account {wanted.service_account}: {'; '.join(taken)}.",
        "Ask for the account that the workload runs as.",
        candidates=tuple(taken),
    )


def _nobody(layout: Layout, wanted: Wanted) -> Refused:
    releases = sorted(one.manifest.title for one in layout.objects if helm.orders_release(one.manifest))
    if releases:
        return Refused(
            Reason.UNSUPPORTED,
            f"The directory orders charts ({', '.join(releases[:5])}), and what they render is not in it.",
            "Give the chart's directory, or set the annotations and the pod label in the values by hand.",
            layout.path,
            candidates=tuple(releases),
        )
    unread = [one.why.at(one.path) for one in layout.unread]
    more = f" Not read: {'; '.join(str(one) for one in unread[:3])}" if unread else ""
    remote = f" It also renders remote resources: {', '.join(layout.remote[:3])}." if layout.remote else ""
    accounts = {one.name for one in layout.objects if one.manifest.kind == "ServiceAccount"}
    return Refused(
        Reason.NOT_FOUND,
        f"The application renders neither ServiceAccount {wanted.service_account} nor a workload that uses "
        f"it in namespace {wanted.namespace}.{remote}{more}",
        "Give the directory that declares the workload.",
        candidates=tuple(sorted(accounts)),
    )


def _fits(one: Placed, account: str) -> bool:
    labels = one.manifest.get("metadata", "labels")
    called = {one.manifest.name, one.name, string(labels, "app"), string(labels, "app.kubernetes.io/name")}
    bare = account.removesuffix("-sa").removeprefix("sa-")
    return bool(called & {account, bare})


def _account(layout: Layout, one: Placed) -> str | None:
    """The account that a workload's pods run as once patches are laid over it."""
    named = account_of(one.manifest)
    for patch in _patches(layout, one):
        named = account_of(patch.manifest) or named
    return named


def _is_labelled(layout: Layout, one: Placed) -> bool:
    path = label_path(one.manifest)
    value = one.manifest.get(*path)
    for patch in _patches(layout, one):
        value = patch.manifest.get(*path) or value
    return value == text("true") or any(through.labels_pods(USE, "true") for through in layout.through(one))


def _change(draft: Draft, layout: Layout, one: Placed, account: str | None) -> bool:
    """The label, and the account if one is given, stand in the draft; False when nothing had to change."""
    wanted: list[tuple[Path, str]] = []
    if not _is_labelled(layout, one):
        wanted.append((label_path(one.manifest), "true"))
    if account is not None:
        wanted.append((account_path(one.manifest), account))
    if not wanted:
        return False
    where = _place(layout, one)
    if where is None:
        new.add_pod_patch(draft, layout, one, account)
        return True
    for path, value in wanted:
        # `false` is what a base says for all; this application asks for the label.
        draft.put(where, path, value, "default" if path[-1] == "serviceAccountName" else "false")
    return True


def _place(layout: Layout, one: Placed) -> Manifest | None:
    """The object to edit: the source if it is this application's own, else its own patch, else none."""
    if layout.kind == "plain" or (layout.owns(one.manifest.path) and not layout.is_repeated(one)):
        return one.manifest
    own = [
        patch
        for patch in _patches(layout, one)
        if patch.directory == layout.path and layout.owns(patch.manifest.path) and patch.target is None
    ]
    return own[-1].manifest if own else None


def _patches(layout: Layout, one: Placed) -> list[Patch]:
    """The patches of a workload, in the order in which they are laid over it."""
    names = (one.manifest.name, one.name)
    return [
        patch
        for through in layout.through(one)
        for patch in layout.patches
        if patch.directory == through.directory
        and patch.manifest.kind == one.manifest.kind
        and patch.manifest.name in names
        and pod_template(patch.manifest) is not None
    ]
