"""What tests of several folders share: one embedded Valkey, empty at the start of each test."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis

from scripts.valkey import Valkey


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
