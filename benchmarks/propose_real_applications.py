"""Every application in real GitOps repositories: proposed and proved, unverified, refused or wrong.

    python benchmarks/propose_real_applications.py [--repositories DIR] [--list VERDICT] [--limit N] [--json]

An application is a kustomization that no other one includes, or a directory of plain manifests. In each,
every ServiceAccount, every account that pods name, and every workload without an account is asked for once.
*Proved* means that the real kustomize (or, for plain files, the files themselves) shows the two annotations,
the label and nothing else, and that a judge of its own agrees line by line; *wrong* that it does not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import posixpath
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gitops import kustomize, layout, manifests  # noqa: E402
from gitops.errors import Refused  # noqa: E402
from gitops.files import Files  # noqa: E402
from gitops.layout import Layout  # noqa: E402
from gitops.propose import Wanted, propose, prove  # noqa: E402

ACCOUNT_LINES = (
    *("metadata:", "annotations:"),
    *("azure.workload.identity/client-id: ", "azure.workload.identity/tenant-id: "),
)
POD_LINES = ("azure.workload.identity/use: ", "serviceAccountName: ", "labels:", "metadata:")
ID = "12345678-abcd-4ef0-9876-0123456789ab"


def main() -> int:
    arguments = _arguments()
    verdicts: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    seconds: list[float] = []
    for tar in sorted(arguments.repositories.glob("*.tar.gz")):
        files = read(tar)
        for kind, wanted in list(wishes(files))[: arguments.limit]:
            started = time.perf_counter()
            verdict, why = judge(files, wanted)
            seconds.append(time.perf_counter() - started)
            verdicts.setdefault(kind, Counter())[verdict] += 1
            if why:
                reasons[f"{verdict}: {why.partition(' ')[0]}"] += 1
            if verdict == arguments.list:
                print(tar.name, wanted.path, wanted.namespace, wanted.service_account, why, sep="  ")
    if not verdicts:
        print(f"No repositories in {arguments.repositories}.", file=sys.stderr)
        return 2
    total = sum(verdicts.values(), Counter[str]())
    report = {
        "wishes": total.total(),
        **{verdict: total[verdict] for verdict in ("proved", "unverified", "refused", "wrong")},
        "proposed": round((total["proved"] + total["unverified"]) / total.total(), 4),
        "median_seconds": round(sorted(seconds)[len(seconds) // 2], 3),
        "by_kind": {kind: dict(counts) for kind, counts in sorted(verdicts.items())},
        "reasons": dict(reasons.most_common()),
    }
    print(
        json.dumps(report, indent=1) if arguments.json else "\n".join(f"{k}: {v}" for k, v in report.items())
    )
    return 0 if not total["wrong"] else 1


def judge(files: Files, wanted: Wanted) -> tuple[str, str]:
    """What became of one wish, and why."""
    try:
        proposal = propose(files, wanted)
    except Refused as refused:
        return "refused", f"{refused.reason} {refused} {refused.candidates}"
    try:
        proof = prove(files, wanted, proposal)
    except Refused as refused:
        return "refused", f"{refused.reason} {proposal.strategy}: {refused}"
    if not proof.is_proved:
        return "unverified", proof.why
    strange = _strange(proof.difference, wanted)
    return ("wrong", strange) if strange else ("proved", "")


def _strange(difference: str, wanted: Wanted) -> str:
    """The first rendered line that differs and has no business to; the judge knows only diffs."""
    title, is_new = "", False
    for line in difference.splitlines():
        if line.startswith(("--- ", "+++ ")):
            title = line[4:].partition("/")[2]
        elif line.startswith("@@"):
            is_new = line.startswith("@@ -0,0 ")
        elif line.startswith(("+", "-")) and not _is_ours(title, line[1:].strip(), wanted, is_new):
            return f"{title}: {line}"
    return ""


def _is_ours(title: str, line: str, wanted: Wanted, is_new: bool) -> bool:
    if title == f"ServiceAccount/{wanted.service_account}":
        # A new account comes whole, with what its kustomization gives to everything.
        return is_new or line.startswith(ACCOUNT_LINES)
    return not is_new and line.startswith(POD_LINES)


def read(tar: Path) -> Files:
    with tarfile.open(tar) as archive:
        members = [one for one in archive.getmembers() if one.isfile()]
        contents = {one.name.partition("/")[2]: archive.extractfile(one).read() for one in members}  # type: ignore[union-attr]
    return Files.whole({**_stand_ins(contents), **contents})


def _stand_ins(contents: dict[str, bytes]) -> dict[str, bytes]:
    """A line for every file that a generator reads and the archive, which holds YAML only, leaves out."""
    found: dict[str, bytes] = {}
    for path, content in contents.items():
        if posixpath.basename(path) in kustomize.NAMES:
            with contextlib.suppress(Refused):
                one = kustomize.read(path, content)
                found |= {
                    name: b"KEY=value\n"
                    for name in kustomize.references(one)
                    if not _is_there(name, contents)
                }
    return found


def _is_there(name: str, contents: dict[str, bytes]) -> bool:
    return name.startswith("..") or any(path == name or path.startswith(f"{name}/") for path in contents)


def wishes(files: Files) -> Iterator[tuple[str, Wanted]]:
    for path in _applications(files):
        try:
            found = layout.read(files, path)
        except Refused:
            continue
        for namespace, account, kind in sorted(_accounts(found)):
            yield f"{found.kind}, {kind}", Wanted(path, namespace, account, ID, ID)


def _applications(files: Files) -> list[str]:
    """Leaf kustomizations, and directories of manifests that no kustomization and no chart reads."""
    leaves, included, charts = set(), set(), set()
    for path, content in files.contents.items():
        directory, name = posixpath.split(path)
        if name in kustomize.NAMES:
            try:
                one = kustomize.read(path, content)
            except Refused:
                continue
            included |= {*one.resources, *one.components, *(patch.path or "" for patch in one.patches)}
            if one.kind != "Component":
                leaves.add(directory)
        elif name == "Chart.yaml":
            charts.add(directory)
    taken = {posixpath.dirname(path) for path in included} | {posixpath.dirname(path) for path in leaves}
    plain = {posixpath.dirname(path) for path in files.contents if manifests.is_manifest_file(path)}
    plain = {one for one in plain if not any(one == at or one.startswith(f"{at}/") for at in charts)}
    return sorted((leaves | (plain - taken - leaves)) - included)


def _accounts(found: Layout) -> set[tuple[str, str, str]]:
    """Namespace, account and how it is there, for everything that could be asked for."""
    asked: dict[tuple[str, str], str] = {}
    for one in found.objects:
        namespace = one.namespace or "some-namespace"
        if manifests.is_workload(one.manifest):
            account = manifests.account_of(one.manifest)
            named = account if account not in (None, "default") else one.name
            asked.setdefault((namespace, named or ""), "named by pods" if account == named else "no account")
    for one in found.objects:
        if one.manifest.kind == "ServiceAccount" and one.manifest.group == "":
            asked[one.namespace or "some-namespace", one.name] = "declared"
    return {(*key, kind) for key, kind in asked.items() if key[1] and key[1] != "default"}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    default = ROOT.parent / "shared" / "data" / "gitops"
    parser.add_argument("--repositories", type=Path, default=default, help="a folder of .tar.gz files")
    parser.add_argument("--list", choices=("proved", "unverified", "refused", "wrong"), help="name them")
    parser.add_argument("--limit", type=int, help="at most so many wishes of each repository")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
