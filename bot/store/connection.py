"""A client for a Redis address, with time-outs that suit a bot that must answer Slack within 3 s."""

import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialWithJitterBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import ReadOnlyError

Client = Redis | RedisCluster

SENTINEL = re.compile(
    r"(?P<scheme>rediss?)\+sentinel://(?:(?P<username>[^:@/]*):(?P<password>[^@/]*)@)?(?P<hosts>[^/?@]+)"
    r"/(?P<service>[^/?]+)(?:/(?P<database>\d+))?(?:\?(?P<query>.*))?"
)
SENTINEL_PORT = 26379
FORMS = "redis://, rediss://, unix://, redis+sentinel://a:26379,b:26379/service/0 or redis+cluster://"


def connect(
    url: str,
    *,
    timeout: float = 1.0,
    attempts: int = 2,
    credentials: CredentialProvider | None = None,
    **options: Any,
) -> Client:
    """A client that connects on first use, and gives up after about `timeout * attempts` seconds.

    `options` (ssl_ca_certs and the like) go to redis-py. Raises ValueError for an address of another form.
    """
    scheme = url.partition("://")[0]
    how: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "credential_provider": credentials,
        "retry": Retry(ExponentialWithJitterBackoff(base=0.01, cap=0.2), retries=attempts - 1),
        **options,
    }
    if scheme in ("redis+cluster", "rediss+cluster"):
        return RedisCluster.from_url(url.replace("+cluster", "", 1), **how)
    # A server that has become a replica is asked again over a new connection, which finds the new one.
    how["retry_on_error"] = [ReadOnlyError]
    if scheme in ("redis+sentinel", "rediss+sentinel"):
        return _by_sentinel(url, how)
    if scheme not in ("redis", "rediss", "unix"):
        raise ValueError(f"{scheme}:// is no address of a Redis: write {FORMS}.")
    return Redis.from_url(url, **how)


def _by_sentinel(url: str, how: dict[str, Any]) -> Redis:
    """A client that asks the sentinels of the address who the master is, each time it connects.

    The form is the one docket reads, with `sentinel_username` and `sentinel_password` in the query for
    the sentinels themselves.
    """
    parts = SENTINEL.fullmatch(url)
    if parts is None:
        raise ValueError(f"The address of the sentinels cannot be read: write {FORMS}.")
    tls = {"ssl": True} if parts["scheme"] == "rediss" else {}
    query = dict(parse_qsl(parts["query"] or ""))
    own = {
        name: query[f"sentinel_{name}"] for name in ("username", "password") if f"sentinel_{name}" in query
    }
    named = {name: unquote(parts[name]) for name in ("username", "password") if parts[name]}
    ends = [urlsplit(f"//{host}") for host in parts["hosts"].split(",")]
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        [(end.hostname, end.port or SENTINEL_PORT) for end in ends],
        sentinel_kwargs={**tls, **own, "socket_timeout": how["socket_timeout"]},
    )
    client: Redis = sentinel.master_for(
        parts["service"], db=int(parts["database"] or 0), **{**how, **tls, **named}
    )
    return client
