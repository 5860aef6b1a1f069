"""The Git adapter against the sandbox's GitHub in one process: real PyGithub, HTTP and repository."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from gitops.repository import FileEdit, GitHubSettings, Head, NewPullRequest, Opened, Repository
from sandbox.clock import Clock
from sandbox.github import GitHub
from sandbox.world import World

SAMPLE = yaml.safe_load((resources.files("sandbox") / "sample" / "world.yaml").read_text())["github"]
NAME = "shop/gitops"
BRANCH = "azure-identity/prod-weu-payments-payments-api-r-0123456789ab"
PATH = "apps/payments-api/overlays/prod/serviceaccount.yaml"
WANTED = NewPullRequest(
    repository=NAME,
    base="main",
    branch=BRANCH,
    title="Give payments-api its identity",
    body="Asked for in Slack.",
    message="Give payments-api its identity\n\nRequest: r-0123456789ab",
    edits=(FileEdit(PATH, b"kind: ServiceAccount\n"),),
)


@dataclass
class Bench:
    """The adapter under test and the GitHub that it talks to."""

    repository: Repository
    github: GitHub
    world: World
    settings: GitHubSettings

    def another(self, **changes: Any) -> Repository:
        """An adapter like the one under test, with nothing in its caches."""
        return Repository(replace(self.settings, **changes), self.world.clock)

    async def propose(self, **changes: Any) -> Opened:
        """The pull request of `WANTED`, with changes, on the head of main."""
        return await self.repository.open_pull_request(replace(WANTED, **changes), await self.head())

    async def head(self) -> Head:
        """The head of main."""
        return await self.repository.head(NAME, "main")

    def fault(self, method: str, path: str, **fields: Any) -> Any:
        """An order to the sandbox about requests to its GitHub."""
        return self.world.faults.order(service="github", method=method, path=path, **fields)

    def refuse(self, method: str, path: str, status: int, message: str, **fields: Any) -> Any:
        """The next such request is not applied and answered with this."""
        return self.fault(method, path, action="answer", status=status, body={"message": message}, **fields)

    @property
    def requests(self) -> list[str]:
        """Method and path within the repository of every request so far, with the status of its answer."""
        strip = f"/api/v3/repos/{NAME}"
        lines = [
            f"{e.method} {e.path.replace(strip, '')} {e.status}" for e in self.world.journal.read("github")
        ]
        return [line for line in lines if "/people/" not in line]

    @property
    def pulls(self) -> list[dict[str, Any]]:
        """The pull requests, newest first."""
        pulls: list[dict[str, Any]] = self.github.view()["pulls"]
        return pulls

    def text(self, branch: str, path: str) -> str | None:
        """A file's text on a branch, as Git has it; None when there is no such file."""
        git = self.github.hosting.git
        found = git.find(git.commit(self.github.hosting.branch(branch)).tree, path)
        return None if found is None else git.blob(found.sha).decode()


@asynccontextmanager
async def bench(folder: Path, sample: dict[str, Any] | None = None, **settings: Any) -> AsyncIterator[Bench]:
    """A bench that works until the end of the block; `sample` changes the world's section."""
    world = World(data=folder, clock=Clock())
    github = GitHub(world, SAMPLE | (sample or {}))
    world.add(github)
    runner = web.AppRunner(github.app(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    own = GitHubSettings(**{"base_url": f"http://127.0.0.1:{port}/api/v3", "token": github.token} | settings)
    try:
        async with Repository(own, world.clock) as repository:
            yield Bench(repository, github, world, own)
    finally:
        world.faults.clear()
        await runner.cleanup()
