"""The way to Redis: Lua scripts by name, and the one place where its errors become ours."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from typing import Any, cast

from redis.exceptions import NoScriptError, RedisError

from bot.errors import TryLater
from bot.store.connection import Client

NAMES = ("save", "see", "settle", "put_off", "lease", "release")


class StoreDown(TryLater):
    """Redis does not answer, or refuses: nobody need act on the request, it goes on by itself."""


class Wire:
    """Asks Redis, so many commands at once and in the order they came; loads scripts where they are missing.

    The connections of redis-py's pool are not given out in order: under load some callers never get one.
    """

    def __init__(self, redis: Client, at_once: int = 32, patience: float = 2.0) -> None:
        self._redis = redis
        self._places = asyncio.Semaphore(at_once)
        self._patience = patience
        folder = files(__package__)
        self._text = {name: (folder / f"{name}.lua").read_text("utf-8") for name in NAMES}
        self._sha = {
            name: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
            for name, text in self._text.items()
        }

    async def ask(self, call: Callable[[Client], object]) -> Any:
        """What Redis answers to the command that `call` gives it; StoreDown when it does not."""
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError:
            raise StoreDown("Redis is too slow: commands wait for commands.") from None
        try:
            # redis-py types its asynchronous commands as maybe synchronous.
            return await cast("Awaitable[Any]", call(self._redis))
        except NoScriptError:
            raise
        except (RedisError, OSError) as error:
            raise StoreDown(f"Redis does not do as it is asked: {error or type(error).__name__}.") from error
        finally:
            self._places.release()

    async def run(self, name: str, keys: Sequence[str], *args: str) -> Any:
        """What the script answers; a restarted or failed-over server is given the script again."""
        try:
            return await self.ask(lambda r: r.evalsha(self._sha[name], len(keys), *keys, *args))
        except NoScriptError:
            return await self.ask(lambda r: r.eval(self._text[name], len(keys), *keys, *args))
