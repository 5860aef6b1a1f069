"""The wiring, and nothing else: settings → clients → workflow, reconciler, Slack app."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis, RedisCluster
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot import health
from bot.apply import Apply
from bot.arm import Arm, ArmSettings, credential
from bot.courier import Courier
from bot.domain import lifecycle
from bot.domain.catalog import Catalog
from bot.errors import BotError, NeedsOperator, Obstacle
from bot.messenger import Messenger
from bot.messenger import connect as slack_client
from bot.messenger.calls import call
from bot.observe import Observe
from bot.proposals import Proposals
from bot.reconciler import Reconciler
from bot.settings import Settings
from bot.store import Store, connect
from bot.turns import Turns
from bot.workflow import Workflow
from gitops.argocd import ArgoCd
from gitops.repository import Repository

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clients:
    """Everything that speaks to somebody else, open."""

    redis: Redis | RedisCluster
    slack: AsyncWebClient
    app_token: str
    me: str
    """The bot's own user id in Slack; empty when Slack did not say."""
    messenger: Messenger
    arms: Mapping[str, Arm]
    repository: Repository
    argocd: Mapping[str, ArgoCd]


@dataclass(frozen=True)
class Bot:
    """The bot, connected: its store, its turns, and its way to Slack."""

    clients: Clients
    store: Store
    turns: Turns
    reconciler: Reconciler
    workflow: Workflow
    sockets: AsyncSocketModeHandler
    stop: asyncio.Event
    """Set once the bot is told to end: moves that were begun are finished, no other is begun."""


@asynccontextmanager
async def opened(settings: Settings, catalog: Catalog, clock: Clock) -> AsyncIterator[Clients]:
    """Clients for every service; none has been called yet."""
    async with AsyncExitStack() as stack:
        redis = connect(settings.redis_url.get_secret_value())
        stack.push_async_callback(redis.aclose)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        slack = slack_client(settings.slack_bot_token.get_secret_value(), session, settings.slack_url)
        me = await _own_user(slack)
        arms = {}
        for tenant in catalog.tenants:
            arms[tenant.name] = await stack.enter_async_context(
                _arm(settings, tenant.id, tenant.subscriptions)
            )
        yield Clients(
            redis=redis,
            slack=slack,
            app_token=settings.slack_app_token.get_secret_value(),
            me=me,
            messenger=Messenger(slack, me),
            arms=arms,
            repository=await stack.enter_async_context(_repository(settings, clock)),
            argocd={
                server.name: ArgoCd(
                    server.url, settings.argocd_token(server.token_variable), session, settings.ca_file
                )
                for server in catalog.argocd
            },
        )


async def _own_user(slack: AsyncWebClient) -> str:
    try:
        return str((await call(slack.auth_test))["user_id"])
    except BotError:
        return ""


def _arm(settings: Settings, tenant: str, subscriptions: tuple[str, ...]) -> Arm:
    own = credential(
        tenant,
        settings.azure_client_id,
        settings.azure_token_file,
        settings.authority,
        settings.ca_file,
    )
    return Arm(
        own, ArmSettings(subscriptions=subscriptions, base_url=settings.arm_url, ca_file=settings.ca_file)
    )


def _repository(settings: Settings, clock: Clock) -> Repository:
    return Repository(settings.github(), clock)


def assemble(settings: Settings, catalog: Catalog, clients: Clients, clock: Clock) -> Bot:
    """The bot on these clients; nothing runs yet."""
    store = Store(clients.redis, clock, lifecycle.due_at)
    proposals = Proposals(clients.repository, clients.argocd, catalog)
    observe = Observe(clients.arms, clients.repository, proposals, clients.argocd, clients.messenger, catalog)
    apply = Apply(clients.arms, clients.repository, proposals, clients.messenger, catalog)
    courier = Courier(store, clients.messenger, catalog, clock)
    look_every = timedelta(seconds=settings.look_every)
    stop = asyncio.Event()
    reconciler = Reconciler(store, observe, apply, courier, catalog, clock, look_every, stop)
    turns = Turns(
        settings.redis_url.get_secret_value(), store, reconciler.turn, clock, settings.turn_settings()
    )
    workflow = Workflow(store, turns.hand_over, clock)
    return Bot(
        clients=clients,
        store=store,
        turns=turns,
        reconciler=reconciler,
        workflow=workflow,
        sockets=_sockets(clients, workflow),
        stop=stop,
    )


def _sockets(clients: Clients, workflow: Workflow) -> AsyncSocketModeHandler:
    """Socket Mode with a static authorize: Bolt's own loses the event when auth.test fails (slack.md 0.3)."""
    who = AuthorizeResult(
        enterprise_id=None, team_id=None, bot_user_id=clients.me, bot_token=clients.slack.token
    )

    async def authorize(**_: object) -> AuthorizeResult:
        return who

    app = AsyncApp(client=clients.slack, authorize=authorize, process_before_response=True)
    handlers.register(app, workflow)
    return AsyncSocketModeHandler(app, clients.app_token)


@asynccontextmanager
async def running(settings: Settings, catalog: Catalog, clock: Clock = system_clock) -> AsyncIterator[Bot]:
    """The bot at work while the block runs: listening to Slack, taking turns, answering probes."""
    async with opened(settings, catalog, clock) as clients, AsyncExitStack() as stack:
        await _known_to_slack(clients)
        bot = assemble(settings, catalog, clients, clock)
        await stack.enter_async_context(_served(settings, bot))
        turning = asyncio.create_task(bot.turns.run(bot.stop))
        stack.push_async_callback(_ended, turning, bot.stop)
        stack.push_async_callback(bot.sockets.close_async)
        await bot.sockets.connect_async()  # type: ignore[no-untyped-call]
        yield bot


async def _known_to_slack(clients: Clients) -> None:
    """Both tokens are good. Socket Mode would try a bad one for ever (slack.md 1.3)."""
    remedy = "Run `python -m bot check` and mend what it names."
    if not clients.me:
        raise NeedsOperator(
            "Slack does not take the bot token, or is not reached.", remedy, Obstacle.MISCONFIGURED
        )
    await call(clients.slack.apps_connections_open, app_token=clients.app_token)


async def _ended(turning: asyncio.Task[None], stop: asyncio.Event) -> None:
    stop.set()
    await turning


@asynccontextmanager
async def _served(settings: Settings, bot: Bot) -> AsyncIterator[None]:
    registry = CollectorRegistry()
    registry.register(health.TurnMetrics(bot.turns.numbers))

    async def redis() -> str | None:
        await bot.store.ping()
        return None

    async def turns() -> str | None:
        return None if bot.turns.working else "turns are not at work"

    async def slack() -> str | None:
        return None if await bot.sockets.client.is_connected() else "no connection to Slack"

    probes = {"redis": redis, "slack": slack, "turns": turns}
    runner = web.AppRunner(health.application(probes, registry), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port).start()
    try:
        yield
    finally:
        await runner.cleanup()
