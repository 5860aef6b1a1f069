"""`bot check`: every setting, credential and connection, what is wrong with each, and how to mend it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from slack_sdk.web.async_client import AsyncWebClient

from bot.app import Clients
from bot.domain.catalog import Catalog
from bot.errors import BotError, NeedsOperator, Obstacle
from bot.messenger.calls import call
from gitops.errors import Rejected, Unavailable

Verdict = Literal["ok", "wrong", "unknown"]


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, how it stands, what to do."""

    about: str
    verdict: Verdict
    problem: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        said = " ".join(part for part in (self.problem, self.remedy) if part)
        return f"{self.verdict:8}{self.about}{': ' if said else ''}{said}"


async def check(clients: Clients, catalog: Catalog) -> tuple[Check, ...]:
    """Every check, those of one service after those of another; none of them changes anything."""
    lists = await asyncio.gather(
        _redis(clients),
        _slack(clients, catalog),
        _azure(clients, catalog),
        _github(clients, catalog),
        _argocd(clients),
    )
    return tuple(one for some in lists for one in some)


async def _redis(clients: Clients) -> list[Check]:
    async def asked() -> None:
        await clients.redis.ping()

    return [await _tried("Redis", asked, "Check IDENTITY_BOT_REDIS_URL, and that the server runs.")]


async def _slack(clients: Clients, catalog: Catalog) -> list[Check]:
    mend = "Install the app with deploy/slack-manifest.yaml and copy its tokens."
    slack, token = clients.slack, clients.app_token
    found = [
        await _tried("Slack bot token", lambda: call(slack.auth_test), mend),
        await _tried("Slack app token", lambda: call(slack.apps_connections_open, app_token=token), mend),
    ]
    for channel in catalog.channels:
        found.append(
            await _tried(
                f"Slack channel {channel}",
                partial(_channel, slack, channel),
                "Invite the bot to the channel.",
            )
        )
    for group in sorted({c.approvers.group for c in catalog.clusters if c.approvers.group}):
        read = partial(clients.messenger.read_group, group)
        found.append(
            await _tried(f"Slack user group {group}", read, "Correct the group's id in the catalog.")
        )
    return found


async def _channel(slack: AsyncWebClient, channel: str) -> None:
    answer = await call(slack.conversations_info, channel=channel)
    if not answer["channel"].get("is_member"):
        raise NeedsOperator(
            "The bot is not in the channel.", "Invite it: /invite @identity", Obstacle.MISCONFIGURED
        )


async def _azure(clients: Clients, catalog: Catalog) -> list[Check]:
    lists = await asyncio.gather(*(clients.arms[t.name].check(catalog, t) for t in catalog.tenants))
    return [Check(c.about, c.verdict, c.problem, c.remedy) for some in lists for c in some]


async def _github(clients: Clients, catalog: Catalog) -> list[Check]:
    found: list[Check] = []
    for repository, branch in sorted({(c.repository, c.branch) for c in catalog.clusters}):
        try:
            checks = await clients.repository.check(repository, branch)
        except (Rejected, Unavailable) as error:
            found.append(Check(f"GitHub {repository}", "wrong", str(error)))
        else:
            found += [Check(c.about, c.verdict, c.problem, c.remedy) for c in checks]
    return found


async def _argocd(clients: Clients) -> list[Check]:
    return [
        await _tried(f"Argo CD {name}", server.applications, "Check its address and token in the catalog.")
        for name, server in clients.argocd.items()
    ]


async def _tried(about: str, ask: Callable[[], Awaitable[object]], remedy: str) -> Check:
    try:
        await ask()
    except BotError as error:
        return Check(about, "wrong", error.problem, error.remedy or remedy)
    except Exception as error:
        return Check(about, "wrong", f"{type(error).__name__}: {error}.", remedy)
    return Check(about, "ok")


def ready(checks: Iterable[Check]) -> bool:
    """Whether nothing is wrong; what could not be found out does not stand in the way."""
    return all(check.verdict != "wrong" for check in checks)
