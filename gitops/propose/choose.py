"""Which file is edited, and why: the way from a wish to a proposal."""

from __future__ import annotations

from gitops import layout as layouts
from gitops.errors import Reason, Refused
from gitops.files import Files, Missing, NotLoaded
from gitops.layout import Layout
from gitops.propose import accounts, pods
from gitops.propose.charts import propose_chart, released
from gitops.propose.draft import Draft
from gitops.propose.new import snippet
from gitops.propose.values import Proposal, Wanted
from gitops.render import Unrenderable, needed


def propose(files: Files, wanted: Wanted) -> Proposal:
    """The edits that give a service account its identity, with what its pods will see.

    Raises Refused with a reason, a remedy and, where it helps, a snippet; NotLoaded when `missing` was not
    asked until it came back empty.
    """
    wanted = wanted.checked()
    try:
        return _proposed(files, wanted)
    except Refused as refused:
        if refused.snippet is None and refused.reason is not Reason.BAD_REQUEST:
            refused.snippet = snippet(wanted)
        raise


def missing(files: Files, wanted: Wanted) -> Missing:
    """What has to be loaded before `propose` can answer; ask again until it is empty."""
    try:
        checked = wanted.checked()
        layout = layouts.read(files, checked.path, checked.recurse)
        if layout.kind == "helm":
            needed(files, released(layout, checked))
    except NotLoaded as more:
        return more.missing
    except (Refused, Unrenderable):
        # Nothing more helps: `propose` says why.
        pass
    return Missing()


def _proposed(files: Files, wanted: Wanted) -> Proposal:
    layout = layouts.read(files, wanted.path, wanted.recurse)
    if layout.kind == "helm":
        return propose_chart(files, layout, wanted)
    _refuse_component(layout)
    draft = Draft(files)
    found = accounts.find(layout, wanted)
    if found is None:
        _refuse_unread(files, layout)
    users = pods.users(layout, wanted, found)
    account = accounts.annotate(draft, layout, wanted, found, users)
    workloads = pods.label(draft, layout, wanted, users, account)
    return Proposal(
        account.strategy if draft.edits() else "nothing to do",
        account.why,
        draft.edits(),
        account.result,
        workloads,
        draft.operations,
        (*account.notes, *pods.notes(layout, wanted, users), *_remote(layout)),
        wanted.client_id,
    )


def _remote(layout: Layout) -> tuple[str, ...]:
    if not layout.remote:
        return ()
    return (f"Not looked into, since they are not in the repository: {', '.join(layout.remote[:5])}.",)


def _refuse_unread(files: Files, layout: Layout) -> None:
    """No account is made beside one that an unreadable file may declare."""
    for unread in layout.unread:
        if b"ServiceAccount" in files.contents.get(unread.path, b"ServiceAccount"):
            raise unread.why.at(unread.path)


def _refuse_component(layout: Layout) -> None:
    if layout.leaf is not None and layout.leaf.kind == "Component":
        raise Refused(
            Reason.REACH,
            "The directory is a kustomize component, which other kustomizations include.",
            "Give the directory of the application that includes it.",
            layout.leaf.path,
        )
