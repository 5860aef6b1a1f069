"""python -m bot, as whoever installs it meets it: a real process against the sandbox's services."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from sandbox.serve import Sandbox
from scripts.valkey import Valkey
from tests.flows.commands import bot, bot_here
from tests.flows.processes import bot_environment, catalog_text, free_port


@pytest.fixture
def environment(sandbox: Sandbox, valkey: Valkey, tmp_path: Path) -> dict[str, str]:
    """An environment in which everything is right."""
    given = sandbox.environment()
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(catalog_text(given))
    return bot_environment(given, catalog, valkey.url, IDENTITY_BOT_PORT="0")


def rewritten(environment: dict[str, str], *changes: tuple[str, str]) -> Path:
    """The catalog, with each of these texts replaced."""
    path = Path(environment["IDENTITY_BOT_CATALOG"])
    text = path.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path.write_text(text)
    return path


# check


async def test_check_says_ready_when_everything_is_right(environment: dict[str, str]) -> None:
    ended = await bot("check", **environment)

    assert ended.out.splitlines()[-1] == "Ready.", ended.out + ended.err
    assert ended.code == 0
    assert "wrong" not in ended.out
    assert ended.err == ""


async def test_check_names_each_secret_and_address_that_is_wrong_and_how_to_mend_it(
    environment: dict[str, str],
) -> None:
    wrong = {
        "IDENTITY_BOT_SLACK_BOT_TOKEN": "xoxb-none-of-ours",
        "IDENTITY_BOT_SLACK_APP_TOKEN": "xapp-none-of-ours",
        "IDENTITY_BOT_GITHUB_TOKEN": "none-of-ours",
        "IDENTITY_BOT_ARGOCD_TOKEN": "none-of-ours",
        "IDENTITY_BOT_REDIS_URL": f"redis://:hidden@127.0.0.1:{free_port()}/0",
    }

    ended = await bot_here("check", **environment | wrong)

    assert ended.code == 1
    assert ended.err == "Not ready.\n"
    for about, problem, remedy in (
        ("Slack bot token", "invalid_auth", "Check the bot's token"),
        ("Slack app token", "invalid_auth", "Check the bot's token"),
        ("repository shop/gitops", "does not accept the token", "Give the bot a new one"),
        ("Argo CD shop", "does not accept the token", "Give the bot a new account token"),
        ("Redis", "connecting", "Check IDENTITY_BOT_REDIS_URL"),
    ):
        line = ended.line(about)
        assert line.startswith("wrong") and problem in line and remedy in line, line
    for secret in ("none-of-ours", ":hidden@"):
        assert secret not in ended.out, "a secret is never shown"


async def test_check_names_what_the_catalog_says_and_the_services_do_not_have(
    environment: dict[str, str],
) -> None:
    rewritten(
        environment,
        ("S0PLATFORM", "S0NOBODY"),
        ("[C0IDENTITIES]", "[C0IDENTITIES, C0RANDOM]"),
        ("rg-identities-dev", "rg-not-there"),
        ("shop/gitops", "shop/elsewhere"),
    )

    ended = await bot_here("check", **environment)

    assert ended.code == 1
    for about, remedy in (
        ("Slack user group S0NOBODY", "Correct the approver group in the catalog"),
        ("Slack channel C0RANDOM", "/invite @identity"),
        ("identities in rg-not-there", "rg-not-there"),
        ("repository shop/elsewhere", "Correct the name in the catalog"),
    ):
        line = ended.line(about)
        assert line.startswith("wrong") and remedy in line, line
    assert ended.line("Slack channel C0IDENTITIES").startswith("ok")
    assert ended.line("identities in rg-identities-prod").startswith("ok")


async def test_check_is_not_ready_where_no_service_answers(environment: dict[str, str]) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    away = {
        "IDENTITY_BOT_ARM_URL": f"https://{nowhere}",
        "IDENTITY_BOT_GITHUB_URL": f"http://{nowhere}",
        "IDENTITY_BOT_SLACK_URL": f"http://{nowhere}/api/",
    }
    rewritten(environment, ("url: http", f"url: http://{nowhere}/x#http"))

    ended = await bot_here("check", **environment | away)

    assert ended.code == 1
    for about, remedy in (
        ("Azure for tenant shop", "IDENTITY_BOT_ARM_URL"),
        ("repository shop/gitops", "IDENTITY_BOT_GITHUB_URL"),
        ("Slack bot token", "deploy/slack-manifest.yaml"),
        ("Argo CD shop", "in the catalog"),
    ):
        line = ended.line(about)
        assert line.startswith("wrong") and remedy in line, line


# What is wrong before anything is called.


async def test_each_missing_variable_is_one_clear_line() -> None:
    ended = await bot_here("check")

    assert ended.code == 1
    missing = [line.split(" is missing: ")[0] for line in ended.err.splitlines()]
    assert missing == [
        f"IDENTITY_BOT_{name}"
        for name in ("CATALOG", "REDIS_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "GITHUB_TOKEN")
    ]


async def test_a_wrong_catalog_is_refused_with_file_line_and_key(environment: dict[str, str]) -> None:
    path = rewritten(environment, ("hold_seconds: 20", "hold_second: 20"), ("grants: before", "grants: soon"))
    lines = path.read_text().splitlines()

    ended = await bot_here("run", **environment)

    assert ended.code == 1
    typo = next(n for n, line in enumerate(lines, 1) if "hold_second" in line)
    assert f"{path}:{typo}: clusters[0].hold_second: is no key" in ended.err
    assert "did you mean hold_seconds?" in ended.err
    assert (
        "clusters[1].grants: 'soon-review' is not known; write 'before-review' or 'after-merge'" in ended.err
    )
    assert "Traceback" not in ended.err


async def test_a_missing_argocd_token_is_one_clear_line(environment: dict[str, str]) -> None:
    del environment["IDENTITY_BOT_ARGOCD_TOKEN"]

    ended = await bot_here("check", **environment)

    assert ended.code == 1
    assert ended.err.splitlines() == [
        "IDENTITY_BOT_ARGOCD_TOKEN is missing: the token of an Argo CD in the catalog (token_variable)."
    ]


# run


async def test_run_with_a_bad_token_ends_with_one_line(environment: dict[str, str]) -> None:
    ended = await bot("run", **environment | {"IDENTITY_BOT_SLACK_BOT_TOKEN": "xoxb-none-of-ours"})

    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert "Slack does not take the bot token" in line and "python -m bot check" in line
    assert "none-of-ours" not in ended.out + ended.err


async def test_run_on_a_port_in_use_ends_with_one_line(environment: dict[str, str], sandbox: Sandbox) -> None:
    taken = sandbox.world.public["plain"].rsplit(":", 1)[1]

    ended = await bot("run", **environment | {"IDENTITY_BOT_PORT": taken})

    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert taken in line and "in use" in line


# The rest of the commands.


async def test_help_is_there_without_any_setting() -> None:
    ended = await bot("--help")

    assert ended.code == 0
    for command in ("run", "check", "understand", "preview"):
        assert command in ended.out


@pytest.mark.parametrize("command", [c.callback.__name__ for c in app.registered_commands if c.callback])
def test_every_command_says_what_it_does(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])

    assert shown.exit_code == 0
    assert f"Usage: bot {command}" in shown.output.replace("root", "bot")
