"""What tests of several folders share: one embedded Valkey, empty at the start of each test."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis

from scripts.valkey import Valkey


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything is installed, a skipped test is a failure: IDENTITY_BOT_TESTS_NO_SKIP says so."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("IDENTITY_BOT_TESTS_NO_SKIP"):
        reporter.write_line(f"{len(skipped)} skipped: here that is a failure", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Valkey]:
    """One server for the whole session. Its folder has a short name: a socket's path has a limit."""
    with TemporaryDirectory(prefix="valkey-") as folder, Valkey(Path(folder)) as server:
        yield server


@pytest.fixture
def valkey(valkey_server: Valkey) -> Valkey:
    """The session's server, emptied."""
    with Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server
