"""GitHub and Argo CD of the sandbox, running in the test's own process, and clients for them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from aiohttp import ClientSession, web
from github import Auth, Github
from github.Repository import Repository
from multidict import CIMultiDictProxy

from sandbox.argocd import ArgoCd
from sandbox.github import GitHub
from sandbox.world import World

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
SAMPLE = yaml.safe_load((ROOT / "sandbox" / "sample" / "world.yaml").read_text())
TOKEN = "sandbox-token"
PROD = "apps/payments-api/overlays/prod"
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What came back: `json` is None when there was no JSON."""

    status: int
    json: Any
    headers: CIMultiDictProxy[str]
    text: str


@dataclass
class Bench:
    """The running services."""

    world: World
    github: GitHub
    argocd: ArgoCd
    session: ClientSession
    address: str

    async def call(
        self, method: str, path: str, body: Any = None, token: str | None = TOKEN, **headers: str
    ) -> Answer:
        """One request to the GitHub API, below the repository unless the path begins with a slash."""
        where = (
            f"/github/api/v3{path}" if path.startswith("/") else f"/github/api/v3/repos/shop/gitops/{path}"
        )
        return await self.send(method, where.rstrip("/"), body, token, **headers)

    async def argo(self, method: str, path: str, body: Any = None, token: str | None = TOKEN) -> Answer:
        """One request to the Argo CD API."""
        return await self.send(method, f"/argocd/api/v1/{path}", body, token)

    async def send(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> Answer:
        """One request to the host."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        async with self.session.request(
            method, self.address + path, data=data, headers=sent, allow_redirects=False
        ) as answer:
            text = (await answer.read()).decode(errors="replace")
            # A stream of logs is one JSON object a line, which is no JSON as a whole.
            whole = answer.content_type == "application/json" and text and not text.endswith("}\n")
            found = json.loads(text) if whole else None
            return Answer(answer.status, found, answer.headers, text)

    async def pygithub(self, work: Callable[[Repository], T], token: str = TOKEN) -> T:
        """What some blocking work with PyGithub gives."""

        def run() -> T:
            client = Github(
                auth=Auth.Token(token),
                base_url=f"{self.address}/github/api/v3",
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,
            )
            return work(client.get_repo("shop/gitops"))

        return await asyncio.to_thread(run)

    async def commit_on(self, branch: str, path: str, text: str, message: str = "Change") -> str:
        """A branch from the default branch's tip with one more commit, made with REST; its hash."""
        tip = (await self.call("GET", "branches/main")).json["commit"]
        tree = [{"path": path, "mode": "100644", "type": "blob", "content": text}]
        made = await self.call("POST", "git/trees", {"base_tree": tip["commit"]["tree"]["sha"], "tree": tree})
        body = {"message": message, "tree": made.json["sha"], "parents": [tip["sha"]]}
        commit = (await self.call("POST", "git/commits", body)).json["sha"]
        await self.call("POST", "git/refs", {"ref": f"refs/heads/{branch}", "sha": commit})
        return str(commit)

    async def proposal(
        self, branch: str = "azure-identity/x", path: str = "notes.md", text: str = "hello\n"
    ) -> Any:
        """An open pull request that changes one file, as GitHub answered it."""
        await self.commit_on(branch, path, text)
        made = await self.call("POST", "pulls", {"title": f"Change {path}", "head": branch, "base": "main"})
        assert made.status == 201, made.text
        return made.json

    def app(self, name: str) -> Any:
        """An application as the page shows it."""
        return next(a for a in self.argocd.view()["applications"] if a["name"] == name)


@asynccontextmanager
async def running(
    data: Path, repository: Path | None = None, argocd: Any = None, **github: Any
) -> AsyncIterator[Bench]:
    """The services over the sample world, with some options of their own."""
    world = World(data=data)
    hub = GitHub(world, SAMPLE["github"] | github, repository)
    # Rendering every application takes most of a second: only where a test is about it.
    argo = ArgoCd(world, SAMPLE["argocd"] | ({"applications": []} if argocd is None else argocd), hub)
    app = web.Application(client_max_size=2**27)
    for service in (hub, argo):
        world.add(service)
        app.add_subapp(f"/{service.name}", service.app())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=256).start()
    async with ClientSession() as session:
        yield Bench(world, hub, argo, session, f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()
    world.save()
