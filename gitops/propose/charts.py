"""A Helm chart: the values that it really reads, found by rendering and never by guessing alone."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, replace

from gitops import helm
from gitops.edits import Tree
from gitops.errors import Reason, Refused
from gitops.files import Files
from gitops.layout import Layout, Release
from gitops.manifests import (
    CLIENT_ID,
    TENANT_ID,
    USE,
    Manifest,
    account_of,
    effect,
    is_workload,
    objects,
    pod_template,
)
from gitops.propose.draft import Draft
from gitops.propose.meant import annotation, meant_of_account, meant_of_workload
from gitops.propose.result import account_object, refuse_other, strings
from gitops.propose.values import Proposal, Wanted, WorkloadChange
from gitops.render import Rendered, Unrenderable, compare, render
from gitops.render.objects import Name, all_of

_MAX_TRIES = 24


@dataclass(frozen=True)
class _Chart:
    """A chart with its release: what it renders now, and the file that its values are written to."""

    layout: Layout
    wanted: Wanted
    before: Rendered
    target: str


def propose_chart(files: Files, layout: Layout, wanted: Wanted) -> Proposal:
    """The values by which a chart gives the account its annotations and its pods the label.

    Blocks while Helm renders. Refused when the chart cannot be rendered here, or when no value does it.
    """
    chart = _rendered(files, layout, wanted)
    found, users = _account(chart), _users(chart)
    annotations = strings(found.get("metadata", "annotations"))
    refuse_other(annotations, wanted, chart.target)
    draft = Draft(files)
    key = _annotate(draft, chart, found)
    changed = _label(draft, chart, users) if wanted.label_pods else ()
    return Proposal(
        "set values of a Helm chart" if draft.edits() else "nothing to do",
        _why(chart, key),
        draft.edits(),
        account_object(wanted, annotations),
        tuple(_change(one, wanted, one in changed) for one in users),
        draft.operations,
        _notes(chart),
        wanted.client_id,
    )


def _why(chart: _Chart, key: tuple[str, ...]) -> str:
    if not key:
        return "The chart renders the ServiceAccount with both annotations."
    read = ".".join(key)
    return f"The chart reads {read} into the ServiceAccount, and {chart.target} has the last word on it."


def released(layout: Layout, wanted: Wanted) -> Layout:
    """A chart's layout with the release that is wanted."""
    release = Release(wanted.release or wanted.service_account, wanted.namespace, wanted.values)
    return replace(layout, release=release)


def _rendered(files: Files, layout: Layout, wanted: Wanted) -> _Chart:
    layout = released(layout, wanted)
    try:
        before = render(files, layout)
    except Unrenderable as unrenderable:
        raise Refused(
            Reason.UNSUPPORTED,
            f"The directory is a Helm chart that cannot be rendered here: {unrenderable.why}",
            "Set the annotations and the pod label in the values that the chart reads.",
            layout.path,
        ) from None
    return _Chart(layout, wanted, before, _target(files, layout, wanted))


def _target(files: Files, layout: Layout, wanted: Wanted) -> str:
    """The values file with the last word; refused when several could be meant."""
    if wanted.values:
        return wanted.values[-1]
    beside = [path for path in files.entries(layout.path) if _is_values(path)]
    own = posixpath.join(layout.path, "values.yaml")
    if beside != [own]:
        raise Refused(
            Reason.AMBIGUOUS,
            f"The chart has {len(beside)} values files; which of them the application reads is not known.",
            "Give the application's values files.",
            layout.path,
            candidates=tuple(beside),
        )
    return own


def _is_values(path: str) -> bool:
    name = posixpath.basename(path)
    return name.startswith("values") and name.endswith((".yaml", ".yml"))


def _account(chart: _Chart) -> Manifest:
    accounts = [one for one in all_of(chart.before.texts) if one.kind == "ServiceAccount"]
    named = [one for one in accounts if one.name == chart.wanted.service_account]
    fitting = [one for one in named if one.namespace in (None, chart.wanted.namespace)]
    if len(fitting) != 1:
        raise Refused(
            Reason.NOT_FOUND,
            f"The chart renders no ServiceAccount {chart.wanted.service_account} for release "
            f"{chart.layout.release.name}.",
            "Have the chart make one, or ask for one that it makes.",
            chart.layout.path,
            candidates=tuple(sorted(one.name for one in accounts)),
        )
    return fitting[0]


def _users(chart: _Chart) -> list[Manifest]:
    workloads = [one for one in all_of(chart.before.texts) if is_workload(one)]
    return [one for one in workloads if account_of(one) == chart.wanted.service_account]


def _annotate(draft: Draft, chart: _Chart, found: Manifest) -> tuple[str, ...]:
    """The key by which the account is annotated in the draft; empty when it is already."""
    wanted = {CLIENT_ID: chart.wanted.client_id, TENANT_ID: chart.wanted.tenant_id}
    lacking = {key: value for key, value in wanted.items() if _annotation(found, key) != value}
    if not lacking:
        return ()
    name = ("", "ServiceAccount", found.name)
    for key in helm.account_keys(_templates(draft.files, chart))[:_MAX_TRIES]:
        puts = {(*key, annotation): value for annotation, value in lacking.items()}
        if _changes_only(draft, chart, puts, {name}, lacking):
            draft.values(chart.target, puts, chart.wanted.replaces)
            return key
    raise _no_value("gives the ServiceAccount the annotations and changes nothing else", chart)


def _label(draft: Draft, chart: _Chart, users: list[Manifest]) -> tuple[Manifest, ...]:
    """The workloads whose pods get the label in the draft by a value of the chart."""
    lacking = [one for one in users if _pod_label(one) != "true"]
    if not lacking:
        return ()
    names = {(one.group, one.kind, one.name) for one in lacking}
    for key in helm.label_keys(_templates(draft.files, chart))[:_MAX_TRIES]:
        puts = {(*key, USE): "true"}
        if _changes_only(draft, chart, puts, names, {USE: "true"}):
            draft.values(chart.target, puts, "false")
            return tuple(lacking)
    raise _no_value("labels the pods and changes nothing else", chart)


def _changes_only(
    draft: Draft,
    chart: _Chart,
    puts: dict[tuple[str, ...], str],
    names: set[tuple[str, str, str]],
    values: dict[str, str],
) -> bool:
    """Whether the edit changes exactly these objects, and each in nothing but these values."""
    before = draft.after()
    try:
        edited = draft.tried(chart.target, puts, chart.wanted.replaces or "false")
        difference = compare(_texts(before, chart), _texts(edited, chart))
    except (Refused, Unrenderable):
        return False
    changed = {(group, kind, name) for group, kind, _, name in difference.changed}
    return changed == names and all(
        _is_meant(name, old, new, values) for name, (old, new) in difference.changed.items()
    )


def _texts(files: Files, chart: _Chart) -> tuple[str, ...]:
    return render(files, chart.layout).texts


def _is_meant(name: Name, before: Tree | None, after: Tree | None, values: dict[str, str]) -> bool:
    """Whether an object carries the values now and differs in nothing else."""
    found = [*objects("", 0, after)] if after is not None else []
    if len(found) != 1 or before is None:
        return False
    if name[1] == "ServiceAccount":
        held = {key: found[0].string(*annotation(key)) for key in values}
        return held == values and meant_of_account(before, after)
    return _pod_label(found[0]) == "true" and meant_of_workload(before, after)


def _templates(files: Files, chart: _Chart) -> Iterable[str]:
    """The texts of the chart's own templates."""
    prefix = posixpath.join(chart.layout.path, "templates/")
    return [
        content.decode("utf-8", "replace")
        for path, content in sorted(files.contents.items())
        if path.startswith(prefix)
    ]


def _annotation(one: Manifest, key: str) -> str | None:
    return one.string("metadata", "annotations", key)


def _pod_label(one: Manifest) -> str | None:
    return one.string(*(pod_template(one) or ()), "metadata", "labels", USE)


def _change(one: Manifest, wanted: Wanted, is_changed: bool) -> WorkloadChange:
    return WorkloadChange(
        one.kind,
        one.name,
        one.namespace or wanted.namespace,
        wanted.path,
        effect(one, is_changed),
        wanted.label_pods,
        is_changed,
    )


def _notes(chart: _Chart) -> tuple[str, ...]:
    notes = []
    if not chart.wanted.values:
        notes.append(f"{chart.target} is read by every release of the chart.")
    if not chart.wanted.release:
        notes.append(f"Rendered as release {chart.layout.release.name}, since no release was named.")
    return tuple(notes)


def _no_value(what: str, chart: _Chart) -> Refused:
    return Refused(
        Reason.UNSUPPORTED,
        f"No value of the chart {what}.",
        "Let the chart read a value for it, or make the change in its templates by hand.",
        chart.layout.path,
    )
