"""A client for a Redis address, with time-outs that suit a bot that must answer Slack within 3 s."""

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.credentials import CredentialProvider


def connect(
    url: str,
    *,
    timeout: float = 1.0,
    attempts: int = 2,
    connections: int = 100,
    credentials: CredentialProvider | None = None,
    **options: Any,
) -> Redis:
    """A client that gives up after about `timeout * attempts` seconds; it connects on first use.

    `url` is redis://, rediss:// or unix://; `options` (ssl_ca_certs and the like) go to redis-py.
    The scripts of the store stand being sent again, so a lost answer is asked for once more.
    """
    client: Redis = Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        max_connections=connections,
        credential_provider=credentials,
        retry=Retry(ExponentialWithJitterBackoff(base=0.01, cap=0.2), retries=attempts - 1),
        **options,
    )
    return client
