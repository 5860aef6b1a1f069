"""A proposal taken back: the files as they were, whatever else happened to them."""

from __future__ import annotations

import json

import pytest
from trees import ACCOUNT, DEPLOYMENT, LEAF, OVERLAY, after, kustomization, proposed, tree, wanted

from gitops.files import Files
from gitops.propose import Proposal, Undo, propose, withdraw

NONE_YET = tree(
    app__kustomization=kustomization("deployment.yaml", namespace="shop"),
    app__deployment=DEPLOYMENT,
)
PLAIN = tree(app__all=f"{DEPLOYMENT}---\n{ACCOUNT}  annotations: {{}} # none\n")


def kept(proposal: Proposal) -> list[Undo]:
    """The way back as it comes out of a store."""
    return [Undo.of(one) for one in json.loads(json.dumps([undo.as_dict() for undo in proposal.undo()]))]


def withdrawn(contents: dict[str, bytes], proposal: Proposal) -> dict[str, bytes]:
    """A repository with a proposal taken back."""
    edits = withdraw(Files.whole(contents), kept(proposal))
    left = contents | {edit.path: edit.after for edit in edits if not edit.is_removal}
    return {path: text for path, text in left.items() if path not in {e.path for e in edits if e.is_removal}}


@pytest.mark.parametrize(
    "contents", [LEAF, OVERLAY, NONE_YET, PLAIN], ids=["leaf", "overlay", "new", "plain"]
)
def test_what_was_merged_and_taken_back_leaves_no_trace(contents):
    proposal = proposed(contents)

    assert withdrawn(after(contents, proposal), proposal) == contents


def test_documents_that_were_added_since_stay_and_do_not_mislead():
    merged = after(PLAIN, proposed(PLAIN))
    grown = {"app/all.yaml": b"kind: ConfigMap\napiVersion: v1\n---\n" + merged["app/all.yaml"]}

    left = withdrawn(grown, proposed(PLAIN))

    assert left["app/all.yaml"] == b"kind: ConfigMap\napiVersion: v1\n---\n" + PLAIN["app/all.yaml"]


def test_a_client_id_that_somebody_put_there_since_stays():
    proposal = proposed(PLAIN)
    merged = after(PLAIN, proposal)["app/all.yaml"].replace(b"12345678", b"87654321")

    assert b"87654321" in withdrawn({"app/all.yaml": merged}, proposal)["app/all.yaml"]


def test_a_new_file_that_somebody_extended_stays_listed_and_loses_only_the_identity():
    proposal = proposed(NONE_YET)
    merged = after(NONE_YET, proposal)
    merged["app/serviceaccount.yaml"] += b"imagePullSecrets:\n- name: registry\n"

    left = withdrawn(merged, proposal)

    assert b"azure.workload.identity" not in left["app/serviceaccount.yaml"]
    assert b"registry" in left["app/serviceaccount.yaml"]
    assert b"serviceaccount.yaml" in left["app/kustomization.yaml"]


def test_a_file_that_is_gone_needs_nothing():
    proposal = propose(Files.whole(PLAIN), wanted())

    assert withdraw(Files.whole({"README.md": b""}), kept(proposal)) == ()


def test_the_removal_is_shown_as_a_diff():
    proposal = proposed(NONE_YET)

    edits = withdraw(Files.whole(after(NONE_YET, proposal)), kept(proposal))

    assert "+++ /dev/null" in next(edit for edit in edits if edit.is_removal).diff()
