"""Which file is edited, and why: every kind of directory, proved by rendering."""

from __future__ import annotations

import pytest
import yaml
from trees import (
    ACCOUNT,
    CLIENT,
    DEPLOYMENT,
    OTHER,
    TENANT,
    added,
    after,
    kustomization,
    loaded,
    proposed,
    tree,
    wanted,
)

from gitops.errors import Reason, Refused
from gitops.files import SYMLINK, Files
from gitops.manifests import Effect
from gitops.propose import KNOWN_AFTER_APPLY, propose

ANNOTATIONS = [
    "annotations:",
    f'azure.workload.identity/client-id: "{CLIENT}"',
    f'azure.workload.identity/tenant-id: "{TENANT}"',
]
LABEL = 'azure.workload.identity/use: "true"'
LEAF = tree(
    app__kustomization=kustomization("sa.yaml", "deployment.yaml", namespace="shop"),
    app__sa=ACCOUNT,
    app__deployment=DEPLOYMENT,
)
OVERLAY = tree(
    app__kustomization=kustomization("../base", namespace="shop"),
    base__kustomization=kustomization("sa.yaml", "deployment.yaml"),
    base__sa=ACCOUNT,
    base__deployment=DEPLOYMENT,
)


def refused(contents, wish=None) -> Refused:
    with pytest.raises(Refused) as caught:
        propose(Files.whole(contents), wish or wanted())
    assert caught.value.remedy
    return caught.value


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


def test_two_workloads_that_could_be_meant_are_shown_and_none_is_chosen():
    plain = DEPLOYMENT.replace("      serviceAccountName: orders\n", "")
    contents = tree(
        app__a=plain.replace("name: orders", "name: a"), app__b=plain.replace("name: orders", "name: b")
    )

    refusal = refused(contents)

    assert refusal.reason is Reason.AMBIGUOUS
    assert refusal.candidates == ("Deployment a runs as default", "Deployment b runs as default")


def test_a_workload_that_runs_as_another_account_keeps_it():
    contents = tree(app__a=DEPLOYMENT.replace("serviceAccountName: orders", "serviceAccountName: other"))

    refusal = refused(contents)

    assert refusal.reason is Reason.OTHER_ACCOUNT
    assert "other" in refusal.sentence


def test_the_account_alone_is_annotated_for_a_consumer_that_is_no_pod():
    proposal = proposed(LEAF, wanted(label_pods=False))

    assert added(proposal) == {"app/sa.yaml": ANNOTATIONS}


def test_merged_once_it_is_proposed_no_more():
    proposal = proposed(OVERLAY)

    again = proposed(after(OVERLAY, proposal))

    assert again.edits == ()
    assert again.strategy == "nothing to do"


def test_another_client_id_is_shown_beside_the_one_asked_for_and_not_replaced():
    contents = after(LEAF, proposed(LEAF, wanted(client_id=OTHER)))

    refusal = refused(contents)

    assert refusal.reason is Reason.ALREADY_OTHERWISE
    assert OTHER in refusal.sentence
    assert CLIENT in refusal.sentence


def test_another_client_id_is_replaced_when_that_was_approved():
    contents = after(LEAF, proposed(LEAF, wanted(client_id=OTHER)))

    proposal = proposed(contents, wanted(replaces=OTHER))

    assert [edit.path for edit in proposal.edits] == ["app/sa.yaml"]
    assert f'-    azure.workload.identity/client-id: "{OTHER}"' in proposal.edits[0].diff()


def test_a_client_id_in_a_base_counts_too():
    contents = OVERLAY | tree(
        base__sa=ACCOUNT + f"  annotations:\n    azure.workload.identity/client-id: {OTHER}\n"
    )

    assert refused(contents).reason is Reason.ALREADY_OTHERWISE


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


def test_another_namespace_is_no_match():
    contents = tree(app__sa=ACCOUNT + "  namespace: other\n")

    assert refused(contents).reason is Reason.NAMESPACE_DIFFERS


def test_a_kustomization_of_another_namespace_gets_no_account():
    contents = tree(
        app__kustomization=kustomization("deployment.yaml", namespace="other"), app__deployment=DEPLOYMENT
    )

    assert refused(contents, wanted(label_pods=False)).reason is Reason.NAMESPACE_DIFFERS


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


def test_a_broken_file_beside_it_does_not_hide_what_was_looked_for():
    contents = tree(app__sa="kind: [", app__deployment="a: b")

    assert "app/sa.yaml" in refused(contents).sentence


def test_a_generated_file_is_left_to_its_generator():
    contents = tree(app__sa="# Code generated by make. DO NOT EDIT.\n" + ACCOUNT)

    refusal = refused(contents)

    assert refusal.reason is Reason.GENERATED
    assert "ServiceAccount" in (refusal.snippet or "")


def test_a_template_that_happens_to_be_yaml_is_refused():
    contents = tree(app__sa=ACCOUNT + "  labels:\n    release: r-{{ .Release }}\n")

    assert refused(contents).reason is Reason.TEMPLATE


def test_the_templates_of_a_chart_are_refused_as_a_directory():
    contents = tree(app__Chart="name: a\nversion: 1.0.0\n", app__templates__sa=ACCOUNT)

    assert refused(contents, wanted("app/templates")).reason is Reason.TEMPLATE


def test_a_symbolic_link_is_never_written_through():
    files = Files.whole(LEAF, {"app/sa.yaml": SYMLINK})

    with pytest.raises(Refused) as caught:
        propose(files, wanted(label_pods=False))

    assert caught.value.reason is Reason.SYMLINK


def test_no_second_account_is_made_beside_a_file_that_cannot_be_read_and_may_declare_it():
    contents = LEAF | tree(app__sa=ACCOUNT + "  name: orders\n")

    refusal = refused(contents)

    assert refusal.reason is Reason.DUPLICATE_KEY
    assert refusal.path == "app/sa.yaml"


def test_a_component_is_no_application():
    contents = LEAF | tree(app__kustomization="kind: Component\nresources: [sa.yaml]\n")

    assert refused(contents).reason is Reason.REACH


def test_kustomizations_in_a_circle_are_refused():
    contents = tree(app__kustomization=kustomization("../b"), b__kustomization=kustomization("../app"))

    assert refused(contents).reason is Reason.UNSUPPORTED


@pytest.mark.parametrize(
    "change",
    [
        {"path": "../outside"},
        {"path": "/etc"},
        {"path": "app/.git/hooks"},
        {"namespace": "Shop"},
        {"namespace": "a\nb"},
        {"service_account": "orders: x"},
        {"service_account": "default"},
        {"client_id": "known"},
        {"client_id": CLIENT + "\n"},
        {"tenant_id": ""},
    ],
)
def test_words_that_kubernetes_and_azure_would_not_take_are_refused(change):
    assert refused(LEAF, wanted(**change)).reason is Reason.BAD_REQUEST
