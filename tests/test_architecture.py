"""The house holds: who imports whom, how long things are, what never stands in a file."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import sizes

ROOT = Path(__file__).parent.parent
OURS = {"bot", "handlers", "gitops", "sandbox"}
HASHED = re.compile(r"([a-z0-9.\[\]-]+==\S+( ; .+)?|    --hash=sha256:[0-9a-f]{64})( \\)?")


def tracked(*patterns: str) -> list[Path]:
    """The files that Git knows or would take, of these patterns; those that were just deleted left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def imported(path: Path) -> Iterator[str]:
    """The top-level packages that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_arrows_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("package", sorted(OURS))
def test_the_sandbox_and_the_bot_do_not_know_each_other(package: str) -> None:
    forbidden = OURS - {"sandbox"} if package == "sandbox" else {"sandbox"}

    wrong = {
        str(path.relative_to(ROOT)) for path in tracked(f"{package}/*.py") if forbidden & {*imported(path)}
    }

    assert wrong == set()


def test_no_function_and_no_module_is_too_long() -> None:
    found = [complaint for path in tracked("*.py") for complaint in sizes.complaints(path)]

    assert found == []


def test_no_package_of_ours_shadows_the_azure_sdk() -> None:
    assert not (ROOT / "azure").exists()
    assert not (ROOT / "azure.py").exists()


def test_requirements_hold_versions_and_hashes_and_nothing_else() -> None:
    files = tracked("requirements*.txt")
    assert len(files) >= 3

    wrong = [
        f"{path.name}:{number}: {line}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line and not HASHED.fullmatch(line)
    ]

    assert wrong == []


def test_no_file_names_the_registry_it_was_built_from() -> None:
    """An index in a tracked file would send everybody's downloads there: that is for each machine to say."""
    option = re.compile(
        r"(--(extra-)?index-url|PIP_INDEX_URL|UV_INDEX_URL|index-url\s*=)\s*=?\s*https?://(?P<host>[^/\s]+)"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match['host']}"
        for path in tracked()
        if path.suffix not in (".png", ".jpg") and path != Path(__file__)
        for match in option.finditer(path.read_text(errors="replace"))
        if not match["host"].startswith(("127.0.0.1", "localhost"))
    ]

    assert found == []


def test_no_test_is_skipped_without_a_reason() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{where.lineno}"
        for path in tracked("tests/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for where in _silent_skips(node)
    ]

    assert wrong == []


MARKS = ("pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail")
CALLS = ("pytest.skip", "pytest.xfail")


def _silent_skips(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from (mark for mark in node.decorator_list if ast.unparse(mark) in MARKS)
    if isinstance(node, ast.Call) and ast.unparse(node.func) in (*MARKS, *CALLS):
        says = any(k.arg == "reason" for k in node.keywords)
        if not says and not (node.args and ast.unparse(node.func) in CALLS):
            yield node


def test_no_test_replaces_our_own_code() -> None:
    """Tests enter where production enters; what is replaced is the wire."""
    names = {"unittest.mock", "mock"}

    wrong = [str(p.relative_to(ROOT)) for p in tracked("tests/*.py") if names & {*_modules(p)}]

    assert wrong == []


def _modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
