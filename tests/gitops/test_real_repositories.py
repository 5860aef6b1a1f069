"""The edits over real repositories, read in place; all of them are measured by `benchmarks/`."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
REPOSITORIES = ROOT.parent / "shared" / "data" / "gitops"
SMALL = (
    "Azure-Samples+aks-store-demo",
    "StatCan+aaw-argocd-manifests",
    "argoproj+argocd-example-apps",
    "fluxcd+flux2-kustomize-helm-example",
    "khuedoan+homelab",
    "mspnp+aks-baseline",
)

pytestmark = pytest.mark.skipif(
    not REPOSITORIES.is_dir(), reason="the real repositories are not beside the project"
)


def benchmark(name: str) -> ModuleType:
    """A benchmark as a module; it is a script and stands in no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("repository", SMALL)
def test_every_edit_is_minimal_or_refused_and_can_be_taken_back(repository):
    bench = benchmark("edit_real_repositories")
    tar = REPOSITORIES / f"{repository}.tar.gz"
    contents = bench.read(tar)

    verdicts = Counter(
        (site.kind, *bench.judge(contents[site.path], site))
        for site in bench.sites(repository, contents, Counter())
    )

    assert verdicts
    assert {verdict for _, verdict, _ in verdicts} <= {"minimal", "unchanged", "refused"}
    refused = [one for one in verdicts if one[1] == "refused"]
    assert not [kind for kind, _, _ in refused if kind.startswith(bench.PLAIN_AND_KUSTOMIZE)]


@pytest.mark.parametrize("repository", ["Azure-Samples+aks-store-demo", "mspnp+aks-baseline"])
def test_every_proposal_renders_to_exactly_what_was_meant_or_is_refused(repository):
    bench = benchmark("propose_real_applications")
    files = bench.read(REPOSITORIES / f"{repository}.tar.gz")

    verdicts = Counter(bench.judge(files, wanted)[0] for _, wanted in bench.wishes(files))

    assert verdicts["proved"]
    assert not verdicts["wrong"]
