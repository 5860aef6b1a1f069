"""The house of the flow tests: everything in this process, on one clock, on free ports."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import running
from bot.domain.catalog import Catalog
from bot.settings import Settings, load_catalog
from sandbox.serve import Options, Sandbox
from scripts.valkey import Valkey
from tests.flows.house import House

EXAMPLE = Path(__file__).parents[2] / "deploy" / "catalog.example.yaml"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "cluster(name, **keys): keys of a cluster in the catalog, for this test"
    )


def catalog_for(sandbox: Sandbox, folder: Path, changes: Iterator[pytest.Mark]) -> Catalog:
    """The example's catalog, with the sandbox's addresses and what the test wants to be otherwise."""
    public = sandbox.world.public
    text = EXAMPLE.read_text().replace("https://localhost:8443/", public["tls"] + "/")
    path = folder / "catalog.yaml"
    path.write_text(text.replace("http://127.0.0.1:8400/argocd", public["argocd"]))
    catalog = load_catalog(path)
    for mark in changes:
        data = catalog.model_dump(mode="json")
        for cluster in data["clusters"]:
            if cluster["name"] == mark.args[0]:
                cluster.update(mark.kwargs)
        catalog = Catalog.model_validate(data)
    return catalog


def settings_for(sandbox: Sandbox, catalog: Path, redis: str, **more: Any) -> dict[str, Any]:
    """The bot's settings, as its environment would give them."""
    given = sandbox.environment()
    return {
        "catalog": catalog,
        "redis_url": redis,
        "slack_bot_token": given["SLACK_BOT_TOKEN"],
        "slack_app_token": given["SLACK_APP_TOKEN"],
        "slack_url": given["SLACK_API_URL"],
        "arm_url": given["ARM_URL"],
        "ca_file": given["SANDBOX_CA_FILE"],
        "github_url": given["GITHUB_URL"],
        "github_token": given["GITHUB_TOKEN"],
        "host": "127.0.0.1",
        "port": 0,
        "sweep_every": 0.05,
        **more,
    }


Start = Callable[..., Any]


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A sandbox of this test's own."""
    async with Sandbox(Options(data=tmp_path / "sandbox")) as served:
        yield served


@pytest.fixture
def start(
    sandbox: Sandbox,
    valkey: Valkey,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Start:
    """Starts a bot on the sandbox; calling it again starts another replica."""
    given = sandbox.environment()
    monkeypatch.setenv("IDENTITY_ENDPOINT", given["IDENTITY_ENDPOINT"])
    monkeypatch.setenv("IDENTITY_HEADER", given["IDENTITY_HEADER"])
    monkeypatch.setenv("IDENTITY_BOT_ARGOCD_TOKEN", given["ARGOCD_TOKEN"])
    catalog = catalog_for(sandbox, tmp_path, request.node.iter_markers("cluster"))

    @asynccontextmanager
    async def started(**more: Any) -> AsyncIterator[Any]:
        settings = Settings(**settings_for(sandbox, tmp_path / "catalog.yaml", valkey.url, **more))
        async with running(settings, catalog, sandbox.world.clock.now) as bot:
            yield bot

    return started


@pytest.fixture
async def house(sandbox: Sandbox, start: Start) -> AsyncIterator[House]:
    """The sandbox with one bot on it."""
    async with AsyncExitStack() as stack:
        yield House(sandbox, await stack.enter_async_context(start()))
