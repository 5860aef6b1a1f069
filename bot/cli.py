"""python -m bot: run it, check it, and use parts of it by hand.

Each command imports what it needs: `--help` and `preview` need none of the SDKs, which take seconds.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.errors import BotError

if TYPE_CHECKING:
    from bot.domain.catalog import Catalog
    from bot.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # A traceback with its values could show a token.
    pretty_exceptions_enable=False,
    help="Gives AKS workloads their Azure identity: asked for in Slack, delivered as a pull request.",
)


def main() -> None:
    """The command line of this process has been carried out."""
    app()


@app.command()
def run() -> None:
    """Listen to Slack and bring requests on, until SIGTERM."""
    from bot import logs

    with _in_one_line():
        settings, catalog = _configured()
        logs.configure(settings.log_level, settings.log_format)
        asyncio.run(_run(settings, catalog))


async def _run(settings: "Settings", catalog: "Catalog") -> None:
    from bot.app import running

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(settings, catalog):
        await stop.wait()


@app.command()
def check() -> None:
    """Try every setting, credential and connection; exit 1 and say how to mend it when one is wrong."""
    with _in_one_line():
        settings, catalog = _configured()
        from bot import checks
        from bot.app import opened, system_clock

        async def tried() -> tuple[checks.Check, ...]:
            async with opened(settings, catalog, system_clock) as clients:
                return await checks.check(clients, catalog)

        found = asyncio.run(tried())
    print("\n".join(str(one) for one in found))
    if not checks.ready(found):
        _stop("Not ready.")
    print("Ready.")


@app.command()
def understand(
    text: Annotated[str, typer.Argument(help="What somebody might write to the bot.")],
    catalog: Annotated[Path, typer.Option(help="The catalog to read it with.")] = Path(
        "deploy/catalog.example.yaml"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what the bot would understand: the fields, what was left over, and its next question."""
    from bot.domain.draft import understand as understood
    from bot.settings import load_catalog

    with _in_one_line():
        found = understood(text, load_catalog(catalog))
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for name, value in found.items():
        print(f"{name:14}{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")


@app.command()
def preview(
    repository: Annotated[Path, typer.Option(help="A local checkout.", exists=True, file_okay=False)],
    path: Annotated[str, typer.Option(help="The application's directory, from the repository's root.")],
    namespace: Annotated[str, typer.Option(help="The workload's namespace.")],
    service_account: Annotated[str, typer.Option(help="The workload's service account.")],
    client_id: Annotated[str, typer.Option(help="The identity's client id.")],
    tenant_id: Annotated[str, typer.Option(help="The identity's tenant.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Write the edits to the working tree.")] = False,
) -> None:
    """Print what the bot would change in a checkout; exit 0 when proposed, 3 when refused with a reason."""
    from gitops.preview import preview as previewed

    found = previewed(repository, path, namespace, service_account, client_id, tenant_id, apply=apply)
    print(json.dumps(found.as_dict(), indent=2, ensure_ascii=False) if as_json else found.text())
    raise typer.Exit(found.exit_code)


def _configured() -> "tuple[Settings, Catalog]":
    from bot.settings import load_catalog, load_settings

    settings = load_settings()
    return settings, load_catalog(settings.catalog)


@contextmanager
def _in_one_line() -> Iterator[None]:
    """What cannot go on ends the process with exit code 1 and says why, without a traceback.

    An OSError is a port that is in use or a file that cannot be read, and names it.
    """
    from gitops.errors import GitopsError

    try:
        yield
    except (BotError, GitopsError, OSError) as error:
        _stop(str(error))


def _stop(line: str) -> NoReturn:
    print(line, file=sys.stderr)
    raise typer.Exit(1)
