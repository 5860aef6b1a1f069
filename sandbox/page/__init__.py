"""The page on which one person plays all parts: static files, nothing else."""

from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page_routes() -> list[web.AbstractRouteDef]:
    """The page at `/` and its files under `/static`."""

    async def index(_: web.Request) -> web.FileResponse:
        return web.FileResponse(FOLDER / "index.html", headers={"Content-Security-Policy": POLICY})

    return [web.get("/", index), web.static("/static", FOLDER)]
