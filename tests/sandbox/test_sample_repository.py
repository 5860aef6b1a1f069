"""The sample repository is what real ones are like, and it works."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_world import ROOT, SAMPLE

from sandbox.argocd.manifests import Key, pod_template, service_account_name
from sandbox.argocd.options import read_options
from sandbox.argocd.render import Rendered, Renderer
from sandbox.github.options import read_options as github_options
from sandbox.github.service import SAMPLE as FILES
from sandbox.github.service import open_repository

APPS = read_options(SAMPLE["argocd"], "shop/gitops", "main").applications
PLAIN = [a for a in APPS if not a.values]


def rendered(folder: Path, app: Any) -> Rendered:
    git = open_repository(folder, github_options(SAMPLE["github"]), None)
    return asyncio.run(Renderer(git, folder / "out").render(str(git.resolve("main")), app))


@pytest.mark.parametrize("app", PLAIN, ids=lambda a: a.name)
def test_every_application_renders_to_workloads_with_their_own_accounts(tmp_path: Path, app: Any) -> None:
    found = rendered(tmp_path, app)

    assert {key.namespace for key in found.targets} == {app.namespace}
    accounts = {
        service_account_name(template["spec"])
        for manifest in found.targets.values()
        if (template := pod_template(manifest)) is not None
    }
    wanted = {"payments": {"payments-api"}, "orders": {"orders", "orders-report"}, "invoices": {"invoices"}}
    assert accounts == wanted[app.namespace]
    declared = {key.name for key in found.targets if key.kind == "ServiceAccount"}
    assert declared == (set() if app.name == "payments-api-dev" else accounts)


def test_production_and_development_differ_where_they_should(tmp_path: Path) -> None:
    by_name = {a.name: a for a in APPS}
    deployment = Key("apps", "Deployment", "payments", "payments-api")
    prod = rendered(tmp_path, by_name["payments-api-prod"]).targets[deployment]
    dev = rendered(tmp_path, by_name["payments-api-dev"]).targets[deployment]

    assert (prod["spec"]["replicas"], dev["spec"]["replicas"]) == (4, 1)
    assert prod["spec"]["template"]["metadata"]["labels"] == {"app": "payments-api", "environment": "prod"}
    assert dev["spec"]["template"]["metadata"]["labels"] == {"app": "payments-api"}


def test_applications_in_the_repository_are_those_of_the_sample_world() -> None:
    written = {}
    for path in (FILES / "argocd").glob("*/*.yaml"):
        spec = yaml.safe_load(path.read_text())["spec"]
        values = tuple(spec["source"].get("helm", {}).get("valueFiles", ()))
        where = spec["destination"]
        written[path.stem] = (
            where["name"],
            where["namespace"],
            spec["source"]["path"],
            values,
            spec["project"],
        )

    assert written == {a.name: (a.cluster, a.namespace, a.path, a.values, a.project) for a in APPS}


def test_the_files_are_as_various_as_peoples_files_are() -> None:
    texts = {p.relative_to(FILES).as_posix(): p.read_text() for p in FILES.rglob("*.y*ml")}
    manifests = {path: text for path, text in texts.items() if path.startswith("apps/")}

    assert any(text.startswith("---") for text in manifests.values())
    assert any(not text.endswith("\n") for text in manifests.values())
    assert any("\n---\n" in text and "kind: ServiceAccount" in text for text in manifests.values())
    assert any("\n- " in text for text in manifests.values())
    assert any("\n  - " in text for text in manifests.values())
    assert any("annotations: {}" in text for text in manifests.values())
    assert any("{{" in text for text in texts.values())
    assert max(len(line) for text in texts.values() for line in text.splitlines()) > 120


def test_a_hidden_file_of_the_sample_is_part_of_the_repository(tmp_path: Path) -> None:
    git = open_repository(tmp_path, github_options(SAMPLE["github"]), None)
    tip = str(git.resolve("main"))

    assert git.text(tip, ".yamllint") == (ROOT / "sandbox/sample/gitops/.yamllint").read_text()
    assert git.text(tip, "CODEOWNERS") is not None
