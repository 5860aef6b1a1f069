"""python -m sandbox: serve until told to end, and print what a client needs in its environment."""

import argparse
import asyncio
import shlex
import signal
import sys
from pathlib import Path

from sandbox.serve import Options, Sandbox

SERVICES = ("arm", "github", "slack", "argocd")


def latencies(text: str) -> dict[str, int]:
    """`arm=300,github=200` as numbers by service."""
    pairs = [part.split("=", 1) for part in text.split(",") if part]
    wrong = [pair for pair in pairs if len(pair) != 2 or pair[0] not in SERVICES or not pair[1].isdigit()]
    if wrong:
        raise argparse.ArgumentTypeError(
            f"write it as arm=300,github=200; services are {', '.join(SERVICES)}"
        )
    return {name: int(ms) for name, ms in pairs}


def parsed(arguments: list[str] | None = None) -> Options:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(".data/sandbox"), help="folder of the state")
    parser.add_argument(
        "--port", type=int, default=8400, help="page, Slack, GitHub, Argo CD, identity endpoint"
    )
    parser.add_argument("--tls-port", type=int, default=8443, help="Azure Resource Manager and Entra")
    parser.add_argument(
        "--latency", type=latencies, default={}, help="milliseconds, as arm=300,github=200,slack=100"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of everything that looks random")
    parser.add_argument("--repository", type=Path, help="a local checkout to serve; it is never changed")
    chosen = parser.parse_args(arguments)
    if chosen.repository and not chosen.repository.is_dir():
        parser.error(f"--repository: {chosen.repository} is not a folder")
    return Options(
        data=chosen.data,
        port=chosen.port,
        tls_port=chosen.tls_port,
        latency=chosen.latency,
        seed=chosen.seed,
        repository=chosen.repository,
    )


async def serve(options: Options) -> None:
    """Served until SIGINT or SIGTERM; then everything is on disk."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with Sandbox(options) as sandbox:
        for name, value in sandbox.environment().items():
            print(f"{name}={shlex.quote(value)}", flush=True)
        await ended.wait()


def main() -> int:
    """The exit code: 1 when a port is in use."""
    options = parsed()
    try:
        asyncio.run(serve(options))
    except OSError as error:
        print(
            f"sandbox: {error.strerror or error}. Choose other ports with --port and --tls-port.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
