"""The sandbox as one thing: all services on two ports of the loopback, started and stopped together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Self

import yaml
from aiohttp import web

from sandbox.argocd import ArgoCd
from sandbox.arm import Arm
from sandbox.arm.tls import prepare
from sandbox.clock import Clock
from sandbox.control import control_app
from sandbox.github import GitHub
from sandbox.page import page_routes
from sandbox.slack import Slack
from sandbox.world import World

HOST = "127.0.0.1"
FIRST = "first"


@dataclass(frozen=True)
class Options:
    """How to start: folder of the state, ports (0: any free one), latencies in ms, seed, repository."""

    data: Path
    port: int = 0
    tls_port: int = 0
    latency: Mapping[str, int] = field(default_factory=dict)
    seed: int = 1
    repository: Path | None = None


def sample() -> dict[str, Any]:
    """The world that the sandbox starts with, as its YAML file says it."""
    text = (resources.files("sandbox") / "sample" / "world.yaml").read_text()
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


class Sandbox:
    """Running services; an asynchronous context manager."""

    def __init__(
        self, options: Options, clock: Clock | None = None, world: dict[str, Any] | None = None
    ) -> None:
        self.options = options
        given = world or sample()
        self.world = World(
            data=options.data, clock=clock or Clock(), seed=options.seed, latency=dict(options.latency)
        )
        self.tls = prepare(options.data / "tls")
        self.slack = Slack(self.world, given["slack"])
        self.arm = Arm(self.world, given["azure"])
        self.github = GitHub(self.world, given["github"], options.repository)
        self.argocd = ArgoCd(self.world, given["argocd"], self.github)
        self._runners: list[web.AppRunner] = []

    async def __aenter__(self) -> Self:
        services = (self.slack, self.arm, self.github, self.argocd)
        if self.world.shelf.load(FIRST) is None:
            self.world.shelf.save(FIRST, {service.name: service.snapshot() for service in services})
        for service in services:
            self.world.add(service)
        await self._listen(self._plain_app(), "plain", self.options.port)
        await self._listen(self.arm.app(), "tls", self.options.tls_port)
        self.world.public |= addresses(self.world.public["plain"], self.world.public["tls"])
        return self

    async def __aexit__(self, *_: object) -> None:
        self.world.faults.clear()
        for runner in self._runners:
            await runner.cleanup()
        self.world.save()

    def reset(self) -> None:
        """The world is as it was at its first start, for clients that stay connected too."""
        self.world.faults.clear()
        self.world.journal.clear()
        for name, first in self.world.shelf.load(FIRST).items():
            self.world.services[name].restore(first)
            self.world.changed(name)

    def environment(self) -> dict[str, str]:
        """What a client needs in its environment to talk to this sandbox and nothing else."""
        public = self.world.public
        return {
            "SANDBOX_URL": public["plain"],
            "SLACK_API_URL": public["slack"],
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "ARM_URL": public["arm"],
            "AZURE_AUTHORITY_HOST": public["arm"],
            "SANDBOX_CA_FILE": str(self.tls.ca_file),
            "IDENTITY_ENDPOINT": public["identity"],
            "IDENTITY_HEADER": "sandbox",
            "GITHUB_URL": public["github"],
            "GITHUB_TOKEN": self.github.token,
            "ARGOCD_URL": public["argocd"],
            "ARGOCD_TOKEN": self.argocd.token,
        }

    def _plain_app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 2**20)
        app.add_subapp("/slack", self.slack.app())
        app.add_subapp("/msi", self.arm.identity_app())
        app.add_subapp("/github", self.github.app())
        app.add_subapp("/argocd", self.argocd.app())
        app.add_subapp("/control", control_app(self.world, self))
        app.add_routes(page_routes())
        return app

    async def _listen(self, app: web.Application, name: str, port: int) -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._runners.append(runner)
        secure = self.tls.context if name == "tls" else None
        await web.TCPSite(runner, HOST, port, ssl_context=secure, backlog=512).start()
        bound = runner.addresses[0][1]
        self.world.public[name] = f"https://localhost:{bound}" if secure else f"http://{HOST}:{bound}"


def addresses(plain: str, tls: str) -> dict[str, str]:
    """Each service's address by its name."""
    return {
        "slack": f"{plain}/slack/api/",
        "arm": tls,
        "github": f"{plain}/github/api/v3",
        "argocd": f"{plain}/argocd",
        "identity": f"{plain}/msi/token",
    }
