"""The commands that need no service: understand and preview."""

import json
from pathlib import Path

from typer.testing import CliRunner

from bot.cli import app
from tests.flows.commands import bot_here
from tests.flows.processes import ROOT

SAMPLE = ROOT / "sandbox" / "sample" / "gitops"
ORDERS = ("--path", "apps/orders/dev", "--namespace", "orders", "--service-account", "orders")
IDENTITY = (
    "--client-id",
    "11111111-2222-4333-8444-555555555555",
    "--tenant-id",
    "66666666-7777-4888-8999-000000000000",
)


async def test_understand_prints_what_was_understood_and_the_next_question() -> None:
    text = "payments-api in namespace payments on dev-weu needs to read secrets from kv-payments-dev"

    ended = await bot_here("understand", text, "--json")

    found = json.loads(ended.out)
    assert ["Cluster", "dev-weu (dev)"] in found["fields"]
    assert found["question"]["key"] == "reason"
    assert ended.code == 0


def test_understand_without_its_catalog_says_which_file_is_missing() -> None:
    shown = CliRunner().invoke(app, ["understand", "hello", "--catalog", "not-there.yaml"])

    assert shown.exit_code == 1
    assert shown.output.startswith("not-there.yaml: cannot be read")


async def test_preview_prints_the_difference_and_touches_nothing() -> None:
    before = {path: path.read_bytes() for path in SAMPLE.rglob("*.yaml")}

    ended = await bot_here("preview", "--repository", str(SAMPLE), *ORDERS, *IDENTITY)

    assert ended.code == 0
    assert "+" in ended.out and "azure.workload.identity/client-id" in ended.out
    assert {path: path.read_bytes() for path in SAMPLE.rglob("*.yaml")} == before


def test_preview_as_json_holds_the_verdict(tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["preview", "--repository", str(SAMPLE), *ORDERS, *IDENTITY, "--json"])

    assert json.loads(shown.output)["verdict"] == "proposed"


def test_preview_writes_the_edits_only_when_told_to(tmp_path: Path) -> None:
    _copied(tmp_path)

    shown = CliRunner().invoke(app, ["preview", "--repository", str(tmp_path), *ORDERS, *IDENTITY, "--apply"])

    assert shown.exit_code == 0
    assert "Written to the working tree." in shown.output
    assert IDENTITY[1] in (tmp_path / "apps/orders/dev/orders.yaml").read_text()


async def test_preview_refuses_with_its_reason_and_exit_code_3() -> None:
    elsewhere = ("--path", "apps/nothing-here", *ORDERS[2:])

    ended = await bot_here("preview", "--repository", str(SAMPLE), *elsewhere, *IDENTITY)

    assert ended.code == 3
    assert ended.out.startswith("Refused (")
    assert ended.err == ""


def _copied(target: Path) -> None:
    for path in SAMPLE.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(SAMPLE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
