"""Which file is edited, and why: every kind of directory, proved by rendering."""

from __future__ import annotations

import pytest
import yaml
from trees import (
    ACCOUNT,
    ANNOTATIONS,
    DEPLOYMENT,
    LABEL,
    LEAF,
    OVERLAY,
    TENANT,
    added,
    after,
    kustomization,
    loaded,
    proposed,
    refused,
    tree,
    wanted,
)

from gitops.errors import Reason
from gitops.files import Files
from gitops.manifests import Effect
from gitops.propose import KNOWN_AFTER_APPLY, propose


def test_an_account_and_its_pods_in_a_plain_directory_are_edited_in_place():
    proposal = proposed(tree(app__all=f"{ACCOUNT}---\n{DEPLOYMENT}"))

    assert added(proposal) == {"app/all.yaml": [*ANNOTATIONS, LABEL]}
    assert [(one.kind, one.effect) for one in proposal.workloads] == [("Deployment", Effect.ROLLS_NOW)]
    assert proposal.service_account["annotations"] == {"azure.workload.identity/tenant-id": TENANT}


def test_an_account_in_a_leaf_is_edited_in_place():
    assert added(proposed(LEAF)) == {"app/sa.yaml": ANNOTATIONS, "app/deployment.yaml": [LABEL]}


def test_an_account_in_a_base_gets_a_patch_in_the_overlay_and_the_base_stays():
    proposal = proposed(OVERLAY)

    assert set(added(proposal)) == {
        "app/kustomization.yaml",
        "app/workload-identity-sa-patch.yaml",
        "app/workload-identity-pod-patch.yaml",
    }
    assert "base/sa.yaml" in proposal.why


def test_the_patch_repeats_the_namespace_that_the_source_has():
    contents = OVERLAY | tree(base__sa=ACCOUNT + "  namespace: elsewhere\n")

    patch = added(proposed(contents))["app/workload-identity-sa-patch.yaml"]

    assert "namespace: elsewhere" in patch


def test_a_patch_that_the_overlay_has_already_is_edited_instead_of_adding_another():
    contents = OVERLAY | tree(
        app__kustomization=kustomization("../base", namespace="shop", patches=[{"path": "sa.yaml"}]),
        app__sa=ACCOUNT + "  labels:\n    tier: gold\n",
    )

    assert added(proposed(contents))["app/sa.yaml"] == ANNOTATIONS


def test_an_account_that_nobody_declares_is_made_and_listed():
    contents = {path: text for path, text in LEAF.items() if path != "app/sa.yaml"}
    contents |= tree(app__kustomization=kustomization("deployment.yaml", namespace="shop"))

    proposal = proposed(contents)

    assert added(proposal)["app/kustomization.yaml"] == ["- serviceaccount.yaml"]
    made = yaml.safe_load(after(contents, proposal)["app/serviceaccount.yaml"])
    assert made["metadata"]["name"] == "orders"
    assert "namespace" not in made["metadata"]


def test_the_only_workload_without_an_account_is_told_to_use_the_new_one():
    plain = DEPLOYMENT.replace("      serviceAccountName: orders\n", "")

    proposal = proposed(tree(app__deployment=plain))

    assert 'serviceAccountName: "orders"' in added(proposal)["app/deployment.yaml"]


def test_a_workload_in_a_base_is_told_by_a_patch():
    plain = DEPLOYMENT.replace("      serviceAccountName: orders\n", "")
    contents = OVERLAY | tree(base__kustomization=kustomization("deployment.yaml"), base__deployment=plain)

    lines = added(proposed(contents))["app/workload-identity-pod-patch.yaml"]

    assert {'serviceAccountName: "orders"', LABEL} <= set(lines)


def test_the_account_alone_is_annotated_for_a_consumer_that_is_no_pod():
    proposal = proposed(LEAF, wanted(label_pods=False))

    assert added(proposal) == {"app/sa.yaml": ANNOTATIONS}


def test_merged_once_it_is_proposed_no_more():
    proposal = proposed(OVERLAY)

    again = proposed(after(OVERLAY, proposal))

    assert again.edits == ()
    assert again.strategy == "nothing to do"


def test_a_prefix_of_the_leaf_is_taken_into_account():
    contents = LEAF | tree(
        app__kustomization=kustomization("sa.yaml", "deployment.yaml", namespace="shop", namePrefix="eu-")
    )

    proposal = proposed(contents, wanted(service_account="eu-orders"))

    assert added(proposal)["app/sa.yaml"] == ANNOTATIONS
    assert refused(contents).reason in (Reason.NOT_FOUND, Reason.BAD_REQUEST)


def test_a_new_account_gets_the_name_that_the_prefix_makes_into_the_wanted_one():
    contents = tree(
        app__kustomization=kustomization("deployment.yaml", namePrefix="eu-"),
        app__deployment=DEPLOYMENT.replace("      serviceAccountName: orders\n", ""),
    )

    lines = added(proposed(contents, wanted(service_account="eu-orders")))["app/serviceaccount.yaml"]

    assert "name: orders" in lines


def test_a_file_that_comes_in_twice_is_patched_and_not_edited():
    contents = tree(
        app__kustomization=kustomization("one", "two"),
        app__one__kustomization=kustomization("../sa", namespace="shop"),
        app__two__kustomization=kustomization("../sa", namespace="bank"),
        app__sa__kustomization=kustomization("sa.yaml"),
        app__sa__sa=ACCOUNT,
    )

    assert "app/sa/sa.yaml" not in added(proposed(contents))


def test_a_label_that_a_kustomization_sets_for_all_pods_is_not_repeated():
    contents = LEAF | tree(
        app__kustomization=kustomization(
            "sa.yaml",
            "deployment.yaml",
            namespace="shop",
            labels=[{"pairs": {"azure.workload.identity/use": "true"}, "includeTemplates": True}],
        )
    )

    assert set(added(proposed(contents))) == {"app/sa.yaml"}


@pytest.mark.parametrize(
    ("kind", "extra", "effect"),
    [
        ("StatefulSet", "", Effect.ROLLS_NOW),
        ("StatefulSet", "  updateStrategy: {type: OnDelete}\n", Effect.NEVER_BY_ITSELF),
        ("Deployment", "  paused: true\n", Effect.NEVER_BY_ITSELF),
        ("ReplicaSet", "", Effect.NEVER_BY_ITSELF),
    ],
)
def test_when_pods_see_the_change_follows_from_the_kind(kind, extra, effect):
    text = DEPLOYMENT.replace("kind: Deployment", f"kind: {kind}")
    text = text.replace("spec:\n  selector", f"spec:\n{extra}  selector", 1)

    proposal = proposed(tree(app__sa=ACCOUNT, app__workload=text))

    assert [one.effect for one in proposal.workloads] == [effect]


def test_a_job_would_break_the_sync_unless_it_is_a_hook():
    job = DEPLOYMENT.replace("apps/v1", "batch/v1").replace("Deployment", "Job")
    hook = job.replace(
        "  name: orders\nspec",
        "  name: orders\n  annotations:\n    argocd.argoproj.io/hook: PreSync\nspec",
        1,
    )

    effects = [proposed(tree(app__sa=ACCOUNT, app__job=text)).workloads[0].effect for text in (job, hook)]

    assert effects == [Effect.BREAKS_THE_SYNC, Effect.NEXT_RUN]


def test_pods_that_carry_the_label_already_do_not_restart_by_themselves():
    contents = tree(
        app__sa=ACCOUNT,
        app__deployment=DEPLOYMENT.replace(
            "app: orders\n    spec", f"app: orders\n        {LABEL}\n    spec"
        ),
    )

    assert proposed(contents).workloads[0].effect is Effect.NEVER_BY_ITSELF


def test_an_unrelated_change_in_the_same_file_leaves_the_essence_alone():
    moved = LEAF | {"app/sa.yaml": b"# moved down\n\n" + LEAF["app/sa.yaml"]}

    assert proposed(moved).essence() == proposed(LEAF).essence()


def test_a_change_to_the_same_account_is_another_essence():
    other = LEAF | tree(app__sa=ACCOUNT + "  annotations:\n    team: shop\n")

    assert proposed(other).essence() != proposed(LEAF).essence()


def test_the_client_id_can_be_known_later():
    before = propose(Files.whole(LEAF), wanted(client_id=KNOWN_AFTER_APPLY))

    assert 'client-id: "known-after-apply"' in before.edits[1].diff()
    assert before.essence() == propose(Files.whole(LEAF), wanted()).essence()


def test_reading_follows_the_files_and_not_the_size_of_the_repository():
    crowd = {f"apps/other-{number}/deployment.yaml": b"kind: [" for number in range(2000)}

    files, rounds = loaded(OVERLAY | crowd, wanted())

    assert len(files.contents) == 4
    assert rounds <= 5
