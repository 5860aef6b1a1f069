"""A proxy before Redis that can lose the answer to a command which Redis has carried out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


class RedisProxy:
    """Forwards bytes between a Unix socket of its own and that of Redis."""

    def __init__(self, listen: Path, redis: Path) -> None:
        self.url = f"unix://{listen}"
        self.lost = 0
        """Answers that were lost so far."""
        self._listen = listen
        self._redis = redis
        self._to_lose = 0
        self._marker = b""

    def lose_answers(self, count: int, to: bytes) -> None:
        """The next answers to commands that hold these bytes are lost, and their connection with them."""
        self._to_lose, self._marker = count, to

    async def serve(self, client: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        answers, to_redis = await asyncio.open_unix_connection(self._redis)
        lose = asyncio.Event()
        asking = asyncio.create_task(self._ask(client, to_redis, lose))
        try:
            while chunk := await answers.read(65536):
                if lose.is_set():
                    self.lost += 1
                    return
                out.write(chunk)
                await out.drain()
        except ConnectionError:
            pass
        finally:
            asking.cancel()
            to_redis.close()
            out.close()

    async def _ask(
        self, client: asyncio.StreamReader, to_redis: asyncio.StreamWriter, lose: asyncio.Event
    ) -> None:
        while chunk := await client.read(65536):
            if self._to_lose and self._marker in chunk:
                self._to_lose -= 1
                lose.set()
            to_redis.write(chunk)
            await to_redis.drain()
        to_redis.close()


@asynccontextmanager
async def redis_proxy(redis: Path) -> AsyncIterator[RedisProxy]:
    """A proxy before the Redis that listens at that socket."""
    with TemporaryDirectory(prefix="proxy-") as folder:
        proxy = RedisProxy(Path(folder) / "redis.sock", redis)
        server = await asyncio.start_unix_server(proxy.serve, Path(folder) / "redis.sock")
        try:
            yield proxy
        finally:
            server.close()
