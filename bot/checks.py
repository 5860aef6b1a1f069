"""`bot check`: every setting, credential and connection, what is wrong with each, and how to mend it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from slack_sdk.web.async_client import AsyncWebClient

from bot.app import Clients
from bot.domain.catalog import Catalog, Tenant
from bot.errors import BotError, NeedsOperator, Obstacle
from bot.messenger.calls import call
from gitops.errors import GitopsError, Rejected, Unavailable

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
    """The tokens; and only with a good one what it can see, since Slack refuses everything alike."""
    mend = "Install the app with deploy/slack-manifest.yaml and copy its tokens."
    slack, token = clients.slack, clients.app_token
    known = await _tried("Slack bot token", lambda: call(slack.auth_test), mend)
    listens = await _tried(
        "Slack app token", lambda: call(slack.apps_connections_open, app_token=token), mend
    )
    if known.verdict != "ok":
        return [known, listens]
    found = [known, listens]
    for channel in catalog.channels:
        ask = partial(_channel, slack, channel)
        found.append(await _tried(f"Slack channel {channel}", ask, "Invite the bot to the channel."))
    for group in _groups(catalog):
        read = partial(clients.messenger.read_group, group)
        found.append(
            await _tried(f"Slack user group {group}", read, "Correct the group's id in the catalog.")
        )
    return found


def _groups(catalog: Catalog) -> list[str]:
    named = [c.approvers.group for c in catalog.clusters] + [t.group for t in catalog.teams]
    return sorted({group for group in named if group})


async def _channel(slack: AsyncWebClient, channel: str) -> None:
    answer = await call(slack.conversations_info, channel=channel)
    if not answer["channel"].get("is_member"):
        raise NeedsOperator(
            "The bot is not in the channel.", "Invite it: /invite @identity", Obstacle.MISCONFIGURED
        )


async def _azure(clients: Clients, catalog: Catalog) -> list[Check]:
    lists = await asyncio.gather(*(_tenant(clients, catalog, tenant) for tenant in catalog.tenants))
    return [one for some in lists for one in some]


async def _tenant(clients: Clients, catalog: Catalog, tenant: Tenant) -> list[Check]:
    """What Azure's own check says; where not even the subscriptions can be listed, nobody is ready."""
    lines = await clients.arms[tenant.name].check(catalog, tenant)
    found = [Check(c.about, c.verdict, c.problem, c.remedy) for c in lines]
    asked = next((c for c in found if c.about.startswith("subscriptions")), found[0])
    if asked.verdict != "unknown":
        return found
    remedy = "Check IDENTITY_BOT_ARM_URL, IDENTITY_BOT_CA_FILE and the network."
    return [Check(f"Azure for tenant {tenant.name}", "wrong", asked.problem, remedy)]


async def _github(clients: Clients, catalog: Catalog) -> list[Check]:
    found: list[Check] = []
    for repository, branch in sorted({(c.repository, c.branch) for c in catalog.clusters}):
        try:
            checks = await clients.repository.check(repository, branch)
        except GitopsError as error:
            found.append(_wrong(f"repository {repository}", error, "Check IDENTITY_BOT_GITHUB_URL."))
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
    except Exception as error:
        return _wrong(about, error, remedy)
    return Check(about, "ok")


def _wrong(about: str, error: Exception, remedy: str) -> Check:
    """What the error says; where it brings no remedy of its own, this one."""
    if isinstance(error, BotError | Unavailable | Rejected):
        own = "" if isinstance(error, Unavailable) else error.remedy
        return Check(about, "wrong", error.problem, own or remedy)
    return Check(about, "wrong", f"{type(error).__name__}: {str(error).rstrip('.')}.", remedy)


def ready(checks: Iterable[Check]) -> bool:
    """Whether nothing is wrong; what could not be found out does not stand in the way."""
    return all(check.verdict != "wrong" for check in checks)
