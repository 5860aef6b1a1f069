"""`python -m bot preview`: a checkout read, shown and, if asked for, edited; nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trees import CLIENT, LEAF, OTHER, TENANT

from gitops.preview import preview


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A working tree with one application in it."""
    for path, content in LEAF.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


def contents(checkout: Path) -> dict[str, bytes]:
    return {str(one.relative_to(checkout)): one.read_bytes() for one in checkout.rglob("*") if one.is_file()}


def previewed(checkout: Path, path: str = "app", client_id: str = CLIENT, apply: bool = False):
    return preview(checkout, path, "shop", "orders", client_id, TENANT, apply=apply)


def test_a_preview_shows_strategy_diff_and_rendered_difference_and_writes_nothing(checkout):
    shown = previewed(checkout)

    text = shown.text()
    assert shown.exit_code == 0
    assert "Strategy: annotate ServiceAccount in kustomize leaf" in text
    assert f'+    azure.workload.identity/client-id: "{CLIENT}"' in text
    assert "Rendered difference (kustomize" in text
    assert "rolls now" in text
    assert contents(checkout) == LEAF


def test_a_preview_as_json_says_the_same(checkout):
    data = json.loads(json.dumps(previewed(checkout).as_dict()))

    assert data["verdict"] == "proposed"
    assert data["rendered"]["verified"] is True
    assert [edit["path"] for edit in data["edits"]] == ["app/deployment.yaml", "app/sa.yaml"]


def test_applied_it_stands_in_the_working_tree_and_there_is_nothing_left_to_do(checkout):
    assert "Written to the working tree." in previewed(checkout, apply=True).text()

    assert CLIENT.encode() in contents(checkout)["app/sa.yaml"]
    assert "Nothing to do" in previewed(checkout, apply=True).text()


def test_a_refusal_exits_with_3_and_says_why_and_what_to_do(checkout):
    previewed(checkout, client_id=OTHER, apply=True)
    before = contents(checkout)

    shown = previewed(checkout, apply=True)

    assert shown.exit_code == 3
    assert "Refused (already-otherwise)" in shown.text()
    assert shown.as_dict()["remedy"]
    assert contents(checkout) == before


@pytest.mark.parametrize("path", ["elsewhere", "../app", "/app", "app/sa.yaml"])
def test_a_path_that_is_no_directory_of_the_checkout_is_refused(checkout, path):
    assert previewed(checkout, path).exit_code == 3


def test_no_symbolic_link_leads_out_of_the_checkout(checkout, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    for path, content in LEAF.items():
        (outside / Path(path).name).write_bytes(content)
    (checkout / "linked").symlink_to(outside)

    assert previewed(checkout, "linked", apply=True).exit_code == 3
    assert CLIENT.encode() not in (outside / "sa.yaml").read_bytes()


def test_a_checkout_that_does_not_exist_is_refused(tmp_path):
    assert previewed(tmp_path / "nowhere").exit_code == 3
