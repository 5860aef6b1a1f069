"""Every place in real GitOps repositories where one of the edits applies, tried and judged.

    python benchmarks/edit_real_repositories.py [--repositories DIR] [--list refused|wrong] [--json]

The repositories are tar files (default: `../shared/data/gitops` beside the project). The judge shares no code
with the library: it loads the file before and after with PyYAML, makes the change on the loaded data itself,
compares, and looks at the lines. An edit is *minimal* when it adds only the lines it needs and changes at
most the one line that held a value, `{}` or no line end; *refused* with its reason; *wrong* otherwise.
Each edit is also done twice (nothing may change) and taken back (the original bytes must come back).
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gitops import helm, manifests  # noqa: E402
from gitops.edits import Append, Operation, Put, Text, Within, apply  # noqa: E402
from gitops.errors import Refused  # noqa: E402
from gitops.kustomize import NAMES  # noqa: E402

CLIENT_ID = "12345678-abcd-4ef0-9876-0123456789ab"
PLAIN_AND_KUSTOMIZE = ("ServiceAccount", "kustomization", "label", "serviceAccountName")
# Helm writes metadata of its own into charts; a chart's files are its author's.
KEY = ("serviceAccount", "annotations", manifests.CLIENT_ID)


@dataclass(frozen=True)
class Site:
    """One place where an edit applies."""

    repository: str
    path: str
    kind: str
    document: int
    operation: Operation


class Judge(yaml.CSafeLoader):
    """Loads anything: tags that it does not know become what they are written as."""


def _unknown(loader: Any, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return (node.tag, node.value)
    return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None


Judge.add_multi_constructor("", _unknown)
# `=` alone is a scalar that PyYAML resolves and cannot construct.
Judge.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)


def main() -> int:
    arguments = _arguments()
    tally: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    files, unread, spent = 0, Counter[str](), 0.0
    for tar in sorted(arguments.repositories.glob("*.tar.gz")):
        repository = read(tar)
        files += len(repository)
        for site in sites(tar.name.removesuffix(".tar.gz"), repository, unread):
            started = time.perf_counter()
            verdict, why = judge(repository[site.path], site)
            spent += time.perf_counter() - started
            tally.setdefault(site.kind, Counter())[verdict] += 1
            if verdict == "refused":
                reasons[f"{site.kind}: {why.partition(' ')[0]}"] += 1
            if verdict == arguments.list:
                print(site.repository, site.path, site.document, site.kind, why)
    if not tally:
        print(f"No repositories in {arguments.repositories}.", file=sys.stderr)
        return 2
    report = _report(tally, reasons, unread, files, spent)
    print(json.dumps(report, indent=1) if arguments.json else _table(report))
    return 0 if report["wrong"] == 0 and report["plain_and_kustomize_proposed"] >= 0.97 else 1


def judge(before: bytes, site: Site) -> tuple[str, str]:
    """What became of one edit: minimal, unchanged, refused or wrong, and why."""
    try:
        applied = apply(before, site.document, site.operation)
    except Refused as refused:
        return "refused", f"{refused.reason} {refused}"
    if applied.content == before:
        return ("unchanged", "") if _holds(before, site) else ("wrong", "nothing was changed")
    try:
        expected = _load(before)
        expected[site.document] = _changed(expected[site.document], site.operation)
        if _load(applied.content) != expected:
            return "wrong", "reads differently"
    except yaml.YAMLError as error:
        return "wrong", f"cannot be loaded: {error}"
    gone, come = _lines(before, applied.content)
    if gone > 1 or come > gone + _needed(site.operation):
        return "wrong", f"{gone} lines went, {come} came"
    if apply(applied.content, site.document, site.operation).content != applied.content:
        return "wrong", "twice is not once"
    if applied.inverse is None or apply(applied.content, site.document, applied.inverse).content != before:
        return "wrong", "the inverse does not give the original back"
    return "minimal", ""


def read(tar: Path) -> dict[str, bytes]:
    with tarfile.open(tar) as archive:
        members = [one for one in archive.getmembers() if one.isfile()]
        return {one.name.partition("/")[2]: archive.extractfile(one).read() for one in members}  # type: ignore[union-attr]


def sites(name: str, repository: dict[str, bytes], unread: Counter[str]) -> Iterator[Site]:
    charts = frozenset(
        path.removesuffix("/Chart.yaml") for path in repository if path.endswith("/Chart.yaml")
    )
    for path, content in sorted(repository.items()):
        base = path.rpartition("/")[2]
        if not path.endswith((".yaml", ".yml")) and base not in NAMES:
            continue
        try:
            helm.refuse_template(path, charts)
            documents = manifests.parse(Text.decode(content).body)
        except Refused as refused:
            unread[str(refused.reason)] += 1
            continue
        if base in NAMES:
            yield Site(
                name, path, "kustomization resources", 0, Append(("resources",), "serviceaccount.yaml")
            )
            entry = (("path", "workload-identity-sa-patch.yaml"),)
            yield Site(name, path, "kustomization patches", 0, Append(("patches",), entry))
        elif base.startswith("values") and len(documents) <= 1:
            yield Site(name, path, "values file", 0, Put(KEY, CLIENT_ID))
        else:
            yield from _object_sites(name, path, content)


def _object_sites(name: str, path: str, content: bytes) -> Iterator[Site]:
    for one in manifests.read(path, content):
        if one.kind == "ServiceAccount" and one.group == "":
            place = (*one.at, "metadata", "annotations", manifests.CLIENT_ID)
            yield Site(name, path, "ServiceAccount", one.document, Put(place, CLIENT_ID))
        if manifests.is_workload(one):
            label = Put((*one.at, *manifests.label_path(one)), "true")
            yield Site(name, path, f"label {one.kind}", one.document, label)
            if manifests.account_of(one) is None:
                account = Put((*one.at, *manifests.account_path(one)), "orders")
                yield Site(name, path, f"serviceAccountName {one.kind}", one.document, account)
        for inline in helm.inlines(one):
            yield Site(name, path, f"{one.kind} {inline.form}", one.document, inline.put(KEY, CLIENT_ID))


def _load(content: bytes) -> list[Any]:
    return list(yaml.load_all(content.decode("utf-8-sig"), Judge)) or [None]


def _needed(operation: Operation) -> int:
    """The lines that an edit may add: a key each, and a list's item beside its key."""
    if isinstance(operation, Within):
        return _needed(operation.operation)
    if isinstance(operation, Put):
        return len(operation.path)
    return len(operation.path) + (1 if isinstance(operation.item, str) else len(operation.item))


def _holds(content: bytes, site: Site) -> bool:
    before = _load(content)[site.document]
    return bool(before == _changed(before, site.operation))


def _changed(data: Any, operation: Operation) -> Any:
    """The change made on loaded data."""
    if isinstance(operation, Within):
        return _set(data, operation.path, lambda held: _Inner(held, operation.operation))
    if isinstance(operation, Put):
        return _set(data, operation.path, lambda _: operation.value)
    assert isinstance(operation, Append)
    item = operation.item if isinstance(operation.item, str) else dict(operation.item)
    return _set(data, operation.path, lambda held: [*(held or []), *([] if item in (held or []) else [item])])


class _Inner:
    """Equal to a text that loads as another one with an operation done."""

    def __init__(self, before: str, operation: Operation) -> None:
        self.expected = _changed(yaml.load(before, Judge), operation)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and yaml.load(other, Judge) == self.expected

    __hash__ = None  # type: ignore[assignment]


def _set(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value(data)
    if isinstance(path[0], int):
        return [_set(one, path[1:], value) if n == path[0] else one for n, one in enumerate(data)]
    data = data or {}
    return {**data, path[0]: _set(data.get(path[0]), path[1:], value)}


def _lines(before: bytes, after: bytes) -> tuple[int, int]:
    """How many lines went and came between the first and the last line that differ."""
    old, new = before.split(b"\n"), after.split(b"\n")
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return len(old), len(new)


def _report(
    tally: dict[str, Counter[str]], reasons: Counter[str], unread: Counter[str], files: int, spent: float
) -> dict[str, Any]:
    total = sum(tally.values(), Counter[str]())
    ours = [counts for kind, counts in tally.items() if kind.startswith(PLAIN_AND_KUSTOMIZE)]
    sums = sum(ours, Counter[str]())
    sites = sum(total.values())
    return {
        "files": files,
        "sites": sites,
        "minimal": total["minimal"],
        "unchanged": total["unchanged"],
        "refused": total["refused"],
        "wrong": total["wrong"],
        "plain_and_kustomize_proposed": round(1 - (sums["refused"] + sums["wrong"]) / sums.total(), 4),
        "seconds_per_thousand_edits": round(1000 * spent / sites / 3, 2),
        "by_kind": {kind: dict(counts) for kind, counts in sorted(tally.items())},
        "reasons": dict(reasons.most_common()),
        "files_not_edited": dict(unread),
    }


def _table(report: dict[str, Any]) -> str:
    lines = [f"{'kind':34}{'minimal':>9}{'unchanged':>11}{'refused':>9}{'wrong':>7}"]
    for kind, counts in report["by_kind"].items():
        numbers = [counts.get(key, 0) for key in ("minimal", "unchanged", "refused", "wrong")]
        lines.append(f"{kind:34}{numbers[0]:>9}{numbers[1]:>11}{numbers[2]:>9}{numbers[3]:>7}")
    lines += [f"{key}: {value}" for key, value in report.items() if key != "by_kind"]
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    default = ROOT.parent / "shared" / "data" / "gitops"
    parser.add_argument("--repositories", type=Path, default=default, help="a folder of .tar.gz files")
    parser.add_argument("--list", choices=("refused", "wrong"), help="name every such place")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
