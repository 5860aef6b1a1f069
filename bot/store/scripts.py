"""Lua scripts by name, and the one place where Redis' errors become ours."""

import hashlib
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, cast

from redis.exceptions import NoScriptError, RedisError

from bot.errors import TryLater
from bot.store.connection import Client

NAMES = ("save", "see", "settle", "put_off", "lease", "release")


class StoreDown(TryLater):
    """Redis does not answer, or refuses: nobody need act on the request, it goes on by itself."""


@contextmanager
def translated() -> Iterator[None]:
    """Whatever goes wrong with Redis inside is a StoreDown that says what it was."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreDown(f"Redis does not do what it is asked: {error or type(error).__name__}.") from error


class Scripts:
    """Runs the scripts that lie beside this file by their hash, and loads them where they are missing."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        folder = files(__package__)
        self._text = {name: (folder / f"{name}.lua").read_text("utf-8") for name in NAMES}
        self._sha = {
            name: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
            for name, text in self._text.items()
        }

    async def run(self, name: str, keys: Sequence[str], *args: str) -> Any:
        """What the script answers; a restarted or failed-over server is given the script again."""
        with translated():
            try:
                return await answer(self._redis.evalsha(self._sha[name], len(keys), *keys, *args))
            except NoScriptError:
                return await answer(self._redis.eval(self._text[name], len(keys), *keys, *args))


async def answer(call: object) -> Any:
    """What an asynchronous command of redis-py answers; its types say that it may be synchronous."""
    return await cast("Awaitable[Any]", call)
