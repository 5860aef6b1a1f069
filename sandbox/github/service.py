"""The service as the world sees it: one application, one snapshot, one view."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.gate import Handler, gate
from sandbox.github.call import API, CALL, Call
from sandbox.github.callers import Callers
from sandbox.github.git import SEEDED, Git
from sandbox.github.hosting import Hosting
from sandbox.github.limits import Limits
from sandbox.github.links import Links
from sandbox.github.objects import Signature
from sandbox.github.options import Options, read_options
from sandbox.github.page import view
from sandbox.github.people import People, people_routes
from sandbox.github.pull import Pull
from sandbox.github.refusal import Refused
from sandbox.github.routes import ROUTES
from sandbox.github.webhook import Webhook
from sandbox.world import World

SAMPLE = Path(__file__).parents[1] / "sample" / "gitops"


class GitHub:
    """GitHub with one repository: the sample's files, or the branches of a checkout given as `repository`.

    ValueError when the options are wrong or the checkout cannot be read.
    """

    name = "github"

    def __init__(self, world: World, sample: dict[str, Any], repository: Path | None = None) -> None:
        self.options = read_options(sample)
        self._world = world
        self._source = str(repository.resolve()) if repository else ""
        git = open_repository(world.data / "github", self.options, repository)
        self.hosting = Hosting(self.options, git, world.clock, self._told)
        self.people = People(self.hosting)
        self._callers = Callers(self.options, world.clock, world.rng)
        self._limits = Limits(self.options, world.clock)
        self._webhook = Webhook(self.options, self.hosting)

    @property
    def token(self) -> str:
        """A token that is good: the first of the options."""
        return next(iter(self.options.tokens))

    def app(self) -> web.Application:
        """The API under `/api/v3`, people under `/people`, and pages that lead back to the sandbox's."""
        app = web.Application(
            middlewares=[gate(self._world, self.name), self._middleware()], client_max_size=2**27
        )
        for table in ROUTES:
            app.add_routes(table)
        app.add_routes(people_routes(self.hosting, self.people))
        app.add_routes([web.get(r"/{owner}/{repo}/pull/{number:\d+}", _to_page)])
        app.cleanup_ctx.append(self._webhook.running)
        return app

    def snapshot(self) -> dict[str, Any]:
        """References, pull requests, labels and tokens; the objects stay in the repository on disk."""
        return {"source": self._source, **self.hosting.snapshot(), "tokens": self._callers.snapshot()}

    def restore(self, saved: dict[str, Any]) -> None:
        """All is as it was; what was saved of another repository is left alone."""
        if saved.get("source") == self._source:
            self.hosting.restore(saved)
            self._callers.restore(saved["tokens"])

    def view(self) -> dict[str, Any]:
        """What the page shows; see README.md."""
        return view(self.hosting)

    def _told(self, kind: str, pull: Pull | None, details: dict[str, Any]) -> None:
        self._world.changed(self.name)
        self._webhook.tell(kind, pull, details)

    def _middleware(self) -> Any:
        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            headers = {
                "X-GitHub-Request-Id": f"{self._world.rng.getrandbits(64):016X}",
                "X-GitHub-Media-Type": "github.v3",
            }
            try:
                response = await self._answered(request, handler)
            except Refused as refused:
                response = web.json_response(refused.body(), status=refused.status, headers=refused.headers)
            except web.HTTPException as error:
                # A route that is not there: GitHub says so in JSON.
                response = web.json_response(Refused(error.status, error.reason).body(), status=error.status)
            response.headers.update(headers)
            if (known := request.get(CALL)) is not None:
                response.headers.update(self._limits.headers(known.caller.key))
            return response

        return middleware

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        prefix, found, path = request.path.partition(API)
        if not found:
            return await handler(request)
        ticket = request.query.get("token") if "/legacy.tar.gz/" in path else None
        header = request.headers.get("Authorization")
        caller = self._callers.bearer(ticket) if ticket else self._callers.caller(header)
        home = f"{request.scheme}://{request.host}{prefix}"
        links = Links(f"{home}{API}", home, self.options.full_name)
        request[CALL] = Call(self.hosting, self._callers, self._limits, caller, links)
        if path != "/rate_limit":
            write = request.method not in ("GET", "HEAD") and not path.endswith("/access_tokens")
            self._limits.count(caller.key, write=write, login=caller.login)
        caller.require(request.method, path)
        response = await handler(request)
        if response.status == 304:
            self._limits.unchanged(caller.key)
        return response


def open_repository(folder: Path, options: Options, source: Path | None) -> Git:
    """The repository of last time, else a copy of the source, else the sample's files."""
    mark = f"-{hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:8]}" if source else ""
    home = folder / f"{options.repository}{mark}.git"
    if (home / "HEAD").exists():
        return Git(home)
    # Made beside its place, so that a start that was cut off leaves nothing half done.
    beside = home.with_suffix(".new")
    shutil.rmtree(beside, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if source:
        Git.copy(source, beside)
    else:
        login = next(iter(options.people), options.bot)
        account = options.account(login)
        Git.seed(beside, SAMPLE, options.default_branch, Signature(account.name, account.email, SEEDED))
    beside.replace(home)
    return Git(home)


async def _to_page(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": f"/#github/pull/{request.match_info['number']}"})
