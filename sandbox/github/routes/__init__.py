"""The REST operations, by what they are about."""

from aiohttp import web

from sandbox.github.routes import apps, contents, git, pulls, repository

ROUTES: list[web.RouteTableDef] = [repository.routes, git.routes, contents.routes, pulls.routes, apps.routes]
