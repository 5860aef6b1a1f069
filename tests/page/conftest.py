"""A browser on the sandbox's page, with a bot behind it; everything in this process and on one loop.

The loop is the session's, since the browser is: it takes longer to start than most tests to run.
"""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from sandbox.serve import Options, Sandbox
from tests.flows.conftest import Start, start
from tests.flows.house import House
from tests.page.player import Player

__all__ = ["start"]

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 15_000
WIDE, NARROW = (1280, 800), (400, 800)

Open = Callable[..., Awaitable[Player]]


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A sandbox of this test's own."""
    async with Sandbox(Options(data=tmp_path / "sandbox")) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def house(sandbox: Sandbox, start: Start) -> AsyncIterator[House]:
    """The sandbox with one bot on it."""
    async with start() as bot:
        yield House(sandbox, bot)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium, with a profile of its own."""
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"{CHROMIUM} is absent: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def opened(browser: Browser, house: House) -> AsyncIterator[Open]:
    """Opens the page in a window of a size; afterwards no window may have complained about anything."""
    complaints: list[str] = []
    async with AsyncExitStack() as windows:
        pages: list[Page] = []

        async def open_window(size: tuple[int, int] = WIDE, scheme: str = "light") -> Player:
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme="dark" if scheme == "dark" else "light",
                locale="en-GB",
                timezone_id="UTC",
            )
            windows.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE)
            page = await context.new_page()
            pages.append(page)
            _listen(page, complaints)
            await page.goto(house.sandbox.world.public["plain"])
            return Player(page)

        yield open_window
        for page in pages:
            unknown = await page.locator("[data-unsupported]").all_text_contents()
            assert unknown == [], "every block that the bot sends can be drawn"
    assert complaints == [], "the browser has nothing to complain about"


def _listen(page: Page, complaints: list[str]) -> None:
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
