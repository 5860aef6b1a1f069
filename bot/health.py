"""Is it alive, is it ready, what has it done: three pages on one port."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.turns import Numbers

Probe = Callable[[], Awaitable[str | None]]
PROBE_WITHIN = 2.0


class TurnMetrics(Collector):
    """What the turns of this process have come to, as Prometheus reads it."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def collect(self) -> list[CounterMetricFamily | GaugeMetricFamily]:
        """The numbers as they are now."""
        numbers = self._numbers
        return [
            GaugeMetricFamily("identity_bot_turns_running", "Turns running now.", value=numbers.running),
            CounterMetricFamily("identity_bot_turns", "Turns that ended well.", value=numbers.done),
            CounterMetricFamily(
                "identity_bot_turns_failed", "Turns that raised an error.", value=numbers.failed
            ),
            CounterMetricFamily(
                "identity_bot_turns_lost", "Turns that lost their lease.", value=numbers.lost
            ),
            CounterMetricFamily("identity_bot_sweeps", "Looks for what is due.", value=numbers.sweeps),
        ]


def application(probes: Mapping[str, Probe], registry: CollectorRegistry) -> web.Application:
    """`/healthz`: this process answers. `/readyz`: every probe says so too. `/metrics`: Prometheus's text.

    A probe returns None when all is well and else what is wrong.
    """

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_: web.Request) -> web.Response:
        answers = await asyncio.gather(*(_asked(probe) for probe in probes.values()))
        problems = {name: problem for name, problem in zip(probes, answers, strict=True) if problem}
        return web.json_response(
            {"ready": not problems, "problems": problems}, status=503 if problems else 200
        )

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes([web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)])
    return app


async def _asked(probe: Probe) -> str | None:
    try:
        async with asyncio.timeout(PROBE_WITHIN):
            return await probe()
    except TimeoutError:
        return f"no answer within {PROBE_WITHIN:.0f} s"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
