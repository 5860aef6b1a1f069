"""What Argo CD says of applications, and which of them a path belongs to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from github_bench import SAMPLE as GITHUB

from gitops.argocd import ApplicationSeen, ArgoCd, Node, Source, covers
from gitops.argocd.values import application
from gitops.errors import NotAllowed, NotVisible, Rejected, Unavailable
from sandbox.argocd import ArgoCd as SandboxArgoCd
from sandbox.github import GitHub
from sandbox.world import World

APPLICATIONS = [
    {
        "name": "payments-prod",
        "cluster": "prod-weu",
        "path": "apps/payments-api/overlays/prod",
        "namespace": "payments",
    },
    {
        "name": "orders-prod",
        "cluster": "prod-weu",
        "path": "apps/orders/prod",
        "namespace": "orders",
        "auto_sync": False,
    },
]


@dataclass
class Bench:
    """The adapter under test and the Argo CD that it talks to."""

    argocd: ArgoCd
    server: SandboxArgoCd
    github: GitHub
    world: World
    url: str
    session: aiohttp.ClientSession

    def answer(self, status: int, body: Any, **fields: Any) -> None:
        """The next request is answered so."""
        self.world.faults.order(
            service="argocd",
            method="GET",
            path="applications",
            action="answer",
            status=status,
            body=body,
            **fields,
        )


@asynccontextmanager
async def bench(folder: Path, **sample: Any) -> AsyncIterator[Bench]:
    world = World(data=folder)
    github = GitHub(world, GITHUB)
    server = SandboxArgoCd(world, {"project": "shop", "applications": APPLICATIONS, **sample}, github)
    world.add(github)
    world.add(server)
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with aiohttp.ClientSession() as session:
            yield Bench(ArgoCd(url, server.token, session), server, github, world, url, session)
    finally:
        world.faults.clear()
        await runner.cleanup()


@pytest.fixture
async def argo(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as one:
        yield one


async def test_every_application_comes_in_one_request_with_where_it_renders_from(argo: Bench) -> None:
    orders, payments = await argo.argocd.applications()
    assert (payments.name, payments.project, payments.namespace) == ("payments-prod", "shop", "payments")
    assert payments.destination == "prod-weu"
    (source,) = payments.sources
    assert source.path == "apps/payments-api/overlays/prod"
    assert (payments.auto_sync, orders.auto_sync) == (True, False)
    assert covers(payments, "shop/gitops", "main", "apps/payments-api/overlays/prod")
    assert not covers(orders, "shop/gitops", "main", "apps/payments-api/overlays/prod")
    assert len(argo.world.journal.read("argocd")) == 1


async def test_after_a_refresh_an_application_has_the_newest_revision_and_becomes_healthy(
    argo: Bench,
) -> None:
    pushed = await argo.github.people.push("ann", "main", "apps/orders/prod/more.yaml", "kind: List\n")
    seen = await argo.argocd.application("orders-prod", refresh=True)
    assert seen.revisions == (pushed["sha"],)

    synced = await argo.argocd.application("payments-prod", refresh=True)
    assert synced.sync == "Synced"
    assert synced.operation is not None
    assert synced.operation.phase == "Succeeded"


async def test_an_application_that_cannot_be_rendered_says_why(argo: Bench) -> None:
    await argo.github.people.push(
        "ann", "main", "apps/payments-api/overlays/prod/kustomization.yaml", "resources: [gone]\n"
    )
    seen = await argo.argocd.application("payments-prod", refresh=True)
    assert seen.sync == "Unknown"
    assert any("ComparisonError" in condition for condition in seen.conditions)


async def test_the_tree_has_pods_and_their_live_manifests(argo: Bench) -> None:
    await argo.argocd.application("payments-prod", refresh=True)
    tree = await argo.argocd.resource_tree("payments-prod")
    pod = next(node for node in tree if node.kind == "Pod")
    assert pod.parents
    live = await argo.argocd.live("payments-prod", pod)
    assert live is not None
    assert live["metadata"]["name"] == pod.name


async def test_an_object_that_is_gone_is_nothing(argo: Bench) -> None:
    await argo.argocd.application("payments-prod", refresh=True)
    gone = Node(group="", version="v1", kind="Pod", namespace="payments", name="gone", uid="")
    assert await argo.argocd.live("payments-prod", gone) is None


async def test_a_missing_application_reads_as_one_that_is_not_allowed(argo: Bench) -> None:
    with pytest.raises(NotAllowed) as told:
        await argo.argocd.application("gone")
    assert "Look whether it exists" in told.value.remedy


async def test_a_wrong_token_is_said(argo: Bench) -> None:
    with pytest.raises(NotAllowed, match="does not accept the token"):
        await ArgoCd(argo.url, "wrong-one", argo.session).applications()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"message": "gone"}, NotVisible),
        (400, {"message": "bad"}, Rejected),
        (500, {"message": "boom"}, Unavailable),
        (502, "<html>", Unavailable),
        (429, {"message": "slow"}, Unavailable),
        (200, ["no object"], Unavailable),
    ],
)
async def test_what_argo_cd_answers_is_told_apart(
    argo: Bench, status: int, body: Any, kind: type[Exception]
) -> None:
    argo.answer(status, body)
    with pytest.raises(kind):
        await argo.argocd.applications()


async def test_a_throttle_says_when_to_come_back(argo: Bench) -> None:
    argo.answer(429, {}, headers={"Retry-After": "9"})
    with pytest.raises(Unavailable) as told:
        await argo.argocd.applications()
    assert told.value.after == 9


async def test_an_argo_cd_that_does_not_answer_is_tried_later(argo: Bench) -> None:
    argo.world.faults.order(service="argocd", method="GET", path="applications", action="hold")
    with pytest.raises(Unavailable, match="could not be reached"):
        await ArgoCd(argo.url, argo.server.token, argo.session, seconds=0.2).applications()
    with pytest.raises(Unavailable, match="could not be reached"):
        await ArgoCd("http://127.0.0.1:9", "token", argo.session).applications()


async def test_no_application_at_all_is_an_empty_answer(argo: Bench) -> None:
    argo.answer(200, {"metadata": {}, "items": None})
    assert await argo.argocd.applications() == ()


def seen(*sources: Source, rendered_from: tuple[str, ...] = ()) -> ApplicationSeen:
    return ApplicationSeen(
        name="orders",
        own_namespace="argocd",
        project="default",
        sources=sources,
        destination="prod",
        namespace="orders",
        sync="Synced",
        health="Healthy",
        rendered_from=rendered_from,
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/shop/gitops.git",
        "https://github.com/shop/gitops",
        "https://GitHub.com/Shop/GitOps.git/",
        "https://someone@github.com/shop/gitops",
        "https://github.com:443/shop/gitops",
        "git@github.com:shop/gitops.git",
        "ssh://git@github.com/shop/gitops.git",
        "ssh://git@github.com:22/shop/gitops",
    ],
)
def test_a_repository_is_the_same_in_every_spelling(address: str) -> None:
    one = seen(Source(address, "apps/orders", "main"))
    assert covers(one, "shop/gitops", "main", "apps/orders/deployment.yaml")
    assert covers(one, "https://github.com/shop/gitops", "main", "apps/orders")
    assert not covers(one, "https://git.example.com/shop/gitops", "main", "apps/orders")
    assert not covers(one, "shop/other", "main", "apps/orders")
    assert not covers(one, "op/gitops", "main", "apps/orders")


@pytest.mark.parametrize(
    ("revision", "branch", "follows"),
    [
        ("main", "main", True),
        ("refs/heads/main", "main", True),
        ("HEAD", "main", True),
        ("", "main", True),
        ("release-*", "release-7", True),
        ("main", "release", False),
        ("v1.2.3", "main", False),
    ],
)
def test_an_application_follows_its_own_branch(revision: str, branch: str, follows: bool) -> None:
    assert (
        covers(seen(Source("shop/gitops", "apps/orders", revision)), "shop/gitops", branch, "apps/orders/x")
        is follows
    )


def test_a_source_without_a_revision_follows_no_other_branch_than_the_default() -> None:
    one = seen(Source("shop/gitops", "apps/orders"))
    assert not covers(one, "shop/gitops", "release", "apps/orders/x", is_default=False)


@pytest.mark.parametrize(
    ("path", "is_in"),
    [
        ("apps/orders", True),
        ("apps/orders/x.yaml", True),
        ("/apps/./orders/x.yaml", True),
        ("apps/orders-api/x.yaml", False),
        ("apps", False),
        ("apps/orders/../other/x.yaml", False),
    ],
)
def test_a_path_is_in_a_directory_and_not_beside_it(path: str, is_in: bool) -> None:
    assert covers(seen(Source("shop/gitops", "apps/orders", "main")), "shop/gitops", "main", path) is is_in


def test_value_files_belong_to_the_application_that_reads_them() -> None:
    chart = Source("https://charts.test", chart="orders", values=("$values/env/prod.yaml",))
    values = Source("shop/gitops", revision="main", ref="values")
    one = seen(chart, values)
    assert covers(one, "shop/gitops", "main", "env/prod.yaml")
    assert not covers(one, "shop/gitops", "main", "env/dev.yaml")

    local = seen(
        Source("shop/gitops", "charts/orders", "main", values=("../../env/prod.yaml", "/env/all.yaml"))
    )
    assert covers(local, "shop/gitops", "main", "env/prod.yaml")
    assert covers(local, "shop/gitops", "main", "env/all.yaml")


def test_paths_that_an_application_names_itself_count() -> None:
    found = application(
        {
            "metadata": {
                "name": "orders",
                "annotations": {"argocd.argoproj.io/manifest-generate-paths": ".;../../base;/shared"},
            },
            "spec": {
                "source": {"repoURL": "https://github.com/shop/gitops", "path": "apps/orders/overlays/prod"},
                "destination": {"server": "https://kubernetes.default.svc"},
            },
        }
    )
    assert found.destination == "https://kubernetes.default.svc"
    assert covers(found, "shop/gitops", "main", "apps/orders/base/x.yaml")
    assert covers(found, "shop/gitops", "main", "shared/x.yaml")
    assert not covers(found, "shop/gitops", "main", "apps/other/x.yaml")


def test_the_root_of_a_repository_covers_all_of_it() -> None:
    for path in ("", ".", "./", "/"):
        found = application(
            {"metadata": {"name": "all"}, "spec": {"source": {"repoURL": "shop/gitops", "path": path}}}
        )
        assert covers(found, "shop/gitops", "main", "apps/orders/x.yaml") is True
