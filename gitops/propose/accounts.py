"""The ServiceAccount: found, and annotated where that reaches this application and nothing else."""

from __future__ import annotations

from gitops.errors import Reason, Refused
from gitops.layout import Layout, Patch, Placed
from gitops.manifests import CLIENT_ID, TENANT_ID, Manifest
from gitops.propose import new
from gitops.propose.draft import Draft
from gitops.propose.pods import Users
from gitops.propose.result import Account, account_object, refuse_other, strings
from gitops.propose.values import Wanted

_ANNOTATIONS = ("metadata", "annotations")


def find(layout: Layout, wanted: Wanted) -> Placed | None:
    """The ServiceAccount as the application renders it; None when it renders none of that name."""
    named = [
        one
        for one in layout.objects
        if one.manifest.kind == "ServiceAccount"
        and one.manifest.group == ""
        and wanted.service_account == one.name
    ]
    fitting = [one for one in named if one.namespace in (None, wanted.namespace)]
    if len(fitting) > 1:
        raise Refused(
            Reason.AMBIGUOUS,
            f"The application declares ServiceAccount {wanted.service_account} {len(fitting)} times.",
            "Remove all but one first.",
            candidates=tuple(one.manifest.path for one in fitting),
        )
    if named and not fitting:
        raise Refused(
            Reason.NAMESPACE_DIFFERS,
            f"ServiceAccount {wanted.service_account} is in namespace {named[0].namespace} there, "
            f"not in {wanted.namespace}.",
            "Ask for that namespace, or give the directory that renders into the other one.",
            named[0].manifest.path,
        )
    return fitting[0] if fitting else None


def annotate(draft: Draft, layout: Layout, wanted: Wanted, found: Placed | None, users: Users) -> Account:
    """The ServiceAccount carries both annotations in the draft: edited, patched, or made."""
    if found is None:
        return _make(draft, layout, wanted, users)
    patches = _patches(layout, found)
    refuse_other(_annotations(found, patches), wanted, (patches[-1] if patches else found).manifest.path)
    where, strategy, why = _place(layout, found, patches)
    if where is not None:
        draft.put(where, (*_ANNOTATIONS, CLIENT_ID), wanted.client_id, wanted.replaces)
        draft.put(where, (*_ANNOTATIONS, TENANT_ID), wanted.tenant_id)
    elif _shown(found, patches) != _ours(wanted):
        new.add_account_patch(draft, layout, found, wanted)
    return Account(
        strategy, why, found.manifest.name, False, account_object(wanted, _annotations(found, patches))
    )


def _place(layout: Layout, found: Placed, patches: list[Patch]) -> tuple[Manifest | None, str, str]:
    """The object to edit, or None for a new patch; with the strategy and its reason."""
    source = found.manifest
    setting = [one for one in patches if one.manifest.string(*_ANNOTATIONS, CLIENT_ID)]
    own = [one for one in patches if one.directory == layout.path and layout.owns(one.manifest.path)]
    if setting and setting[-1] in own:
        path = setting[-1].manifest.path
        return (
            setting[-1].manifest,
            "annotate ServiceAccount patch in kustomize leaf",
            f"{path} is this overlay's own patch of the ServiceAccount and has the last word.",
        )
    if layout.kind == "plain":
        return (
            source,
            "annotate ServiceAccount in plain directory",
            f"{source.path} declares the ServiceAccount, and the application renders its directory as it is.",
        )
    if layout.owns(source.path) and not setting and not layout.is_repeated(found):
        return (
            source,
            "annotate ServiceAccount in kustomize leaf",
            f"{source.path} declares the ServiceAccount and belongs to this application's directory.",
        )
    if own and not setting:
        return (
            own[-1].manifest,
            "annotate ServiceAccount patch in kustomize leaf",
            f"{source.path} is outside this application's directory, which patches it in "
            f"{own[-1].manifest.path}.",
        )
    return (
        None,
        "patch ServiceAccount of a base in kustomize leaf",
        f"An edit of {source.path} would reach whatever else renders it, so the overlay gets a patch of its "
        "own.",
    )


def _patches(layout: Layout, found: Placed) -> list[Patch]:
    """The patches of this ServiceAccount, in the order in which they are laid over it."""
    names = (found.manifest.name, found.name)
    return [
        one
        for through in layout.through(found)
        for one in layout.patches
        if one.directory == through.directory
        and one.manifest.kind == "ServiceAccount"
        and one.manifest.name in names
    ]


def _shown(found: Placed, patches: list[Patch]) -> dict[str, str]:
    """The two annotations as they come out."""
    annotations = _annotations(found, patches)
    return {key: annotations[key] for key in (CLIENT_ID, TENANT_ID) if key in annotations}


def _annotations(found: Placed, patches: list[Patch]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for manifest in (found.manifest, *(one.manifest for one in patches)):
        merged |= strings(manifest.get(*_ANNOTATIONS))
    return merged


def _ours(wanted: Wanted) -> dict[str, str]:
    return {CLIENT_ID: wanted.client_id, TENANT_ID: wanted.tenant_id}


def _make(draft: Draft, layout: Layout, wanted: Wanted, users: Users) -> Account:
    name: str = wanted.service_account
    namespace: str | None = wanted.namespace
    leaf = layout.leaf
    if leaf is not None:
        if leaf.namespace not in (None, wanted.namespace):
            raise Refused(
                Reason.NAMESPACE_DIFFERS,
                f"The kustomization puts everything into namespace {leaf.namespace}, not {wanted.namespace}.",
                "Ask for that namespace, or give the directory that renders into the other one.",
                leaf.path,
            )
        name = _bare(name, leaf.prefix, leaf.suffix, leaf.path)
    # Beside workloads without a namespace the account has none either: kustomize takes them for strangers.
    if (leaf is not None and leaf.namespace) or any(one.namespace is None for one in users.all):
        namespace = None
    new.add_account(draft, layout, name, namespace, wanted)
    where = "kustomize leaf" if leaf else "plain directory"
    return Account(
        f"new ServiceAccount in {where}",
        users.why or f"The application renders no ServiceAccount {wanted.service_account}.",
        name,
        True,
        account_object(wanted, {}),
    )


def _bare(name: str, prefix: str, suffix: str, path: str) -> str:
    """The name that the kustomization's prefix and suffix make into the wanted one."""
    bare = name.removeprefix(prefix).removesuffix(suffix)
    if f"{prefix}{bare}{suffix}" != name or not bare:
        raise Refused(
            Reason.BAD_REQUEST,
            f"The kustomization gives every name the prefix {prefix!r} and the suffix {suffix!r}; "
            f"no ServiceAccount of it can be called {name}.",
            f"Ask for {prefix}{name}{suffix}.",
            path,
        )
    return bare
