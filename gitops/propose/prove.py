"""The proof of a proposal: rendered before and after, only what was meant may differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gitops import layout as layouts
from gitops.errors import Reason, Refused
from gitops.files import Files
from gitops.layout import Layout
from gitops.manifests import CLIENT_ID, TENANT_ID, USE, Manifest, account_of, pod_template
from gitops.propose.charts import released
from gitops.propose.meant import annotation, meant_of_account, meant_of_workload
from gitops.propose.values import Proposal, Wanted
from gitops.render import Difference, Rendered, Unrenderable, compare, render
from gitops.render.objects import find


@dataclass(frozen=True)
class Proof:
    """Whether the rendered difference is exactly what was meant, and that difference.

    `is_proved` is False where nothing can be rendered here: `why` says the reason, and the edit stands
    unverified. A difference that is not what was meant is a refusal and never a proof.
    """

    is_proved: bool
    engine: str
    why: str
    difference: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The proof as JSON values."""
        return {
            "verified": self.is_proved,
            "engine": self.engine,
            "why": self.why,
            "difference": self.difference,
        }


def prove(files: Files, wanted: Wanted, proposal: Proposal) -> Proof:
    """The proof of a proposal for these files.

    Blocks while the engines run. Raises NotLoaded for the further files that rendering takes, and Refused
    when the rendering after the edits does not build, or shows more or less than was meant.
    """
    wanted = wanted.checked()
    try:
        before = render(files, _layout(files, wanted))
    except Unrenderable as unrenderable:
        return Proof(False, "", unrenderable.why)
    edited = files.with_files({edit.path: edit.after for edit in proposal.edits})
    try:
        after = render(edited, _layout(edited, wanted))
    except Unrenderable as unrenderable:
        raise _not_proved(unrenderable.why, "") from None
    difference = compare(before.texts, after.texts)
    _check(difference, after, wanted, proposal)
    return Proof(True, after.engine, "", difference.text)


def _layout(files: Files, wanted: Wanted) -> Layout:
    return released(layouts.read(files, wanted.path, wanted.recurse), wanted)


def _check(difference: Difference, after: Rendered, wanted: Wanted, proposal: Proposal) -> None:
    workloads = {(one.kind, one.name) for one in proposal.workloads}
    for (group, kind, namespace, called), (old, new) in difference.changed.items():
        if namespace not in ("", wanted.namespace):
            raise _not_proved(f"{kind} {called} in namespace {namespace} would change", difference.text)
        if (group, kind, called) == ("", "ServiceAccount", wanted.service_account):
            meant = meant_of_account(old, new)
        else:
            meant = (kind, called) in workloads and meant_of_workload(old, new)
        if not meant:
            raise _not_proved(f"{kind} {called} would change in another way than meant", difference.text)
    _check_result(after, wanted, proposal, difference)


def _check_result(after: Rendered, wanted: Wanted, proposal: Proposal, difference: Difference) -> None:
    accounts = find(after.texts, "ServiceAccount", wanted.service_account)
    fitting = [one for one in accounts if one.namespace in (None, wanted.namespace)]
    shown = [(one.string(*annotation(CLIENT_ID)), one.string(*annotation(TENANT_ID))) for one in fitting]
    if [tuple(str(text).lower() for text in pair) for pair in shown] != [
        (wanted.client_id.lower(), wanted.tenant_id.lower())
    ]:
        raise _not_proved(
            f"ServiceAccount {wanted.service_account} would not carry the two annotations", difference.text
        )
    for change in proposal.workloads:
        for one in find(after.texts, change.kind, change.name):
            if not _uses(one, wanted, change.is_labelled):
                raise _not_proved(f"{one.title} would not use the account with the label", difference.text)


def _uses(one: Manifest, wanted: Wanted, is_labelled: bool) -> bool:
    label = one.string(*(pod_template(one) or ()), "metadata", "labels", USE)
    return account_of(one) == wanted.service_account and (label == "true" or not is_labelled)


def _not_proved(what: str, difference: str) -> Refused:
    return Refused(
        Reason.NOT_PROVED,
        f"Rendered with the edits, {what.rstrip('.')}.",
        "Make the change by hand, and look at what it renders.",
        snippet=difference or None,
    )
