"""The pages say what the code does: each list is derived from the code, and compared."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from bot.cli import app
from bot.domain import conversation
from bot.domain.draft import COMMANDS, Draft, Heard
from bot.domain.lifecycle import LEADS_TO
from bot.domain.policy import RULES
from bot.domain.request import IdentityRequest, Said, State, Thread
from bot.domain.spec import Person
from bot.errors import Obstacle
from bot.health import TurnMetrics
from bot.settings import load_catalog
from bot.settings.environment import variables
from bot.turns import Numbers
from bot.views.help import COMMANDS as TOLD
from scripts.draw import page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sandbox/*/README.md")})
NOW = datetime(2026, 11, 24, tzinfo=UTC)
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")


def read(name: str) -> str:
    """A page, by its name from the root."""
    return (ROOT / name).read_text()


def rows(text: str) -> set[str]:
    """The first cell of every row of every table, without code marks."""
    return {line.split("|")[1].strip().strip("`") for line in text.splitlines() if line.startswith("| ")}


# What is promised.


def promises() -> list[str]:
    section = read("README.md").split("## What it promises")[1].split("\n## ")[0]
    return [line[2:].strip() for line in section.splitlines() if line.startswith("- ")]


def names_of_tests() -> set[str]:
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found.add(node.name)
    return found


def test_every_promise_of_the_readme_is_a_test_of_the_same_name() -> None:
    promised = {f"test_{_as_name(promise)}": promise for promise in promises()}

    assert promised, "the README promises something"
    assert [promised[name] for name in sorted(set(promised) - names_of_tests())] == []


def _as_name(sentence: str) -> str:
    return re.sub(r"\W+", "_", sentence.lower()).strip("_")


# What is listed.


def test_every_setting_is_documented() -> None:
    documented = read("docs/settings.md")

    missing = [name for names in variables().values() for name in names if f"`{name}`" not in documented]

    assert missing == []


def test_the_states_are_drawn_from_their_table() -> None:
    assert set(LEADS_TO) == set(State)
    assert read("docs/lifecycle.md") == page(), "run: python scripts/draw.py > docs/lifecycle.md"


def test_every_policy_rule_is_documented_and_no_other() -> None:
    assert rows(read("docs/policy.md")) - {"rule"} == set(RULES)


def test_every_metric_is_documented_and_no_other() -> None:
    registry = CollectorRegistry()
    registry.register(TurnMetrics(Numbers()))
    exposed = {
        line.split()[0]
        for line in generate_latest(registry).decode().splitlines()
        if not line.startswith("#") and not line.split()[0].endswith("_created")
    }

    assert {row for row in rows(read("docs/operations.md")) if row.startswith("identity_bot_")} == exposed


def test_every_obstacle_is_documented() -> None:
    assert {str(obstacle) for obstacle in Obstacle} <= rows(read("docs/operations.md"))


def test_every_command_of_the_command_line_is_documented() -> None:
    documented = read("docs/operations.md")

    names = [command.callback.__name__ for command in app.registered_commands if command.callback]

    assert len(names) >= 4
    assert [name for name in names if f"`python -m bot {name}" not in documented] == []


def test_people_are_told_of_every_command_that_the_conversation_knows() -> None:
    catalog = load_catalog(ROOT / "deploy" / "catalog.example.yaml")
    rosa = Person(user="U0ROSA", team="T0SHOP")
    record = IdentityRequest(
        id="r", requester=rosa, thread=Thread(channel=catalog.channels[0], ts="1.0"), opened=NOW
    )

    def answer(command: str) -> set[str]:
        said = Said(person=rosa, text=command, ts="1.0", at=NOW, mention=True)
        heard = Heard(draft=Draft(), command=command)
        on = conversation.hear(record, said, heard, conversation.Around(), catalog, NOW)
        return {notice.kind for notice in on.outbox}

    known = {command for command in COMMANDS if "unknown_words" not in answer(command)}

    assert known == {command for command, _ in TOLD}
    for page_of in ("README.md", "docs/operations.md"):
        assert [command for command in sorted(known) if f"`{command}`" not in read(page_of)] == [], page_of


def test_every_scope_of_the_slack_app_is_explained() -> None:
    manifest = read("deploy/slack-manifest.yaml").split("bot:")[1].split("settings:")[0]
    scopes = re.findall(r"- ([a-z_]+:[a-z]+)", manifest)

    assert scopes
    assert [scope for scope in scopes if f"`{scope}`" not in read("docs/permissions.md")] == []


# What leads on.


@pytest.mark.parametrize("source", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(source: Path) -> None:
    targets = [match["target"] for match in LINK.finditer(_prose(source.read_text()))]
    local = [t for t in targets if not t.startswith(("http://", "https://", "mailto:"))]

    assert [target for target in local if not _leads(source, target)] == []


def _prose(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def _leads(source: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    there = (source.parent / path).resolve() if path else source
    if not there.exists() or not there.is_relative_to(ROOT):
        return False
    return not anchor or there.suffix != ".md" or anchor in _anchors(there.read_text())


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_there_is_a_changelog_with_the_version_that_is_built() -> None:
    version = re.search(r'^version = "(.+)"', read("pyproject.toml"), flags=re.MULTILINE)

    assert version
    assert f"\n## {version[1]} " in read("CHANGELOG.md")


def test_the_pages_that_are_promised_are_there() -> None:
    for name in ("architecture", "lifecycle", "settings", "policy", "operations", "permissions", "glossary"):
        assert (DOCS / f"{name}.md").is_file(), name
