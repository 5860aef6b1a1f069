"""Every kind of object that makes pods, and every place where a release's values stand."""

from __future__ import annotations

import json

import pytest
import yaml

from gitops import helm, manifests
from gitops.edits import Append, Operation, Put, Remove, Restore, Take, Within, apply, from_data, to_data

KEY = ("serviceAccount", "annotations", manifests.CLIENT_ID)
TEMPLATES = {
    "Deployment": ("apps/v1", "spec.template"),
    "StatefulSet": ("apps/v1", "spec.template"),
    "DaemonSet": ("apps/v1", "spec.template"),
    "ReplicaSet": ("apps/v1", "spec.template"),
    "Job": ("batch/v1", "spec.template"),
    "CronJob": ("batch/v1", "spec.jobTemplate.spec.template"),
    "ScaledJob": ("keda.sh/v1alpha1", "spec.jobTargetRef.template"),
    "Rollout": ("argoproj.io/v1alpha1", "spec.template"),
    "Pod": ("v1", ""),
}


def nested(path: str, value: object) -> object:
    for step in reversed(path.split(".")):
        value = {step: value} if step else value
    return value


def text(version: str, kind: str, rest: object) -> str:
    return yaml.safe_dump({"apiVersion": version, "kind": kind, "metadata": {"name": "a"}} | dict(rest or {}))


def done(content: str, operation: Operation, document: int = 0) -> object:
    return list(yaml.safe_load_all(apply(content.encode(), document, operation).content))[document]


@pytest.mark.parametrize(("kind", "version", "path"), [(kind, *rest) for kind, rest in TEMPLATES.items()])
def test_the_pods_of_every_kind_are_labelled_and_told_their_account(kind, version, path):
    content = text(version, kind, nested(path, {"spec": {"containers": []}}))
    (one,) = manifests.read("a.yaml", content.encode())

    labelled = done(content, Put(manifests.label_path(one), "true"))
    told = done(content, Put(manifests.account_path(one), "orders"))

    for step in path.split(".") if path else []:
        labelled, told = labelled[step], told[step]
    assert labelled["metadata"]["labels"] == {manifests.USE: "true"}
    assert told["spec"]["serviceAccountName"] == "orders"


@pytest.mark.parametrize("version", ["example.com/v1", "v1"])
def test_a_kind_of_another_group_is_no_workload(version):
    (one,) = manifests.read("a.yaml", text(version, "Deployment", {}).encode())

    assert not manifests.is_workload(one)


def test_the_objects_of_a_list_are_found_and_edited_one_by_one():
    content = "kind: List\napiVersion: v1\nitems:\n- kind: ConfigMap\n  apiVersion: v1\n- " + "  ".join(
        text("v1", "ServiceAccount", {}).splitlines(keepends=True)
    )
    found = {one.kind: one for one in manifests.read("a.yaml", content.encode())}

    account = found["ServiceAccount"]
    changed = done(content, Put((*account.at, "metadata", "annotations", "a"), "b"))

    assert changed["items"][1]["metadata"]["annotations"] == {"a": "b"}


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: orders
spec:
  source:
    chart: orders
    helm:
"""


def release(values: str) -> tuple[str, helm.Inline]:
    content = APPLICATION + values
    (inline,) = helm.inlines(manifests.read("a.yaml", content.encode())[0])
    return content, inline


def test_values_in_a_text_of_an_application_are_set_in_the_text():
    content, inline = release("      values: |\n        replicas: 2\n")

    values = done(content, inline.put(KEY, "id"))["spec"]["source"]["helm"]["values"]

    assert values.startswith("replicas: 2\n")
    assert yaml.safe_load(values)["serviceAccount"]["annotations"] == {manifests.CLIENT_ID: "id"}


def test_values_in_a_mapping_of_an_application_are_set_in_the_mapping():
    content, inline = release("      valuesObject:\n        replicas: 2\n")

    values = done(content, inline.put(KEY, "id"))["spec"]["source"]["helm"]["valuesObject"]

    assert values == {"replicas": 2, "serviceAccount": {"annotations": {manifests.CLIENT_ID: "id"}}}


def test_a_parameter_is_added_as_helm_reads_it_and_stays_a_string():
    content, inline = release("      parameters:\n      - name: replicas\n        value: '2'\n")

    parameters = done(content, inline.put(("podLabels", manifests.USE), "true"))["spec"]["source"]["helm"][
        "parameters"
    ]

    assert parameters[1] == {
        "name": r"podLabels.azure\.workload\.identity/use",
        "value": "true",
        "forceString": True,
    }


def test_a_parameter_that_is_there_is_not_added_again():
    content, inline = release("      parameters:\n      - name: name\n        value: ''\n")

    assert done(content, inline.put(("name",), "a"))["spec"]["source"]["helm"]["parameters"] == [
        {"name": "name", "value": "a"}
    ]


def test_every_source_of_an_application_set_has_values_of_its_own():
    content = yaml.safe_dump(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {"name": "a"},
            "spec": {"template": {"spec": {"sources": [{}, {"helm": {"valuesObject": {"a": 1}}}]}}},
        }
    )

    (inline,) = helm.inlines(manifests.read("a.yaml", content.encode())[0])

    sources = done(content, inline.put(("b",), "c"))["spec"]["template"]["spec"]["sources"]
    assert sources[1]["helm"]["valuesObject"] == {"a": 1, "b": "c"}


def test_a_release_of_flux_without_values_gets_its_first():
    content = text("helm.toolkit.fluxcd.io/v2", "HelmRelease", {"spec": {"chart": {}}})

    (inline,) = helm.inlines(manifests.read("a.yaml", content.encode())[0])

    assert done(content, inline.put(("a",), "b"))["spec"]["values"] == {"a": "b"}


@pytest.mark.parametrize(
    "operation",
    [
        Put(("a", 0, "b"), "c", "d"),
        Remove(("a",), None, 1, " {}"),
        Restore(("a",), "b", "'b'"),
        Append(("a",), (("path", "b"), ("forceString", True))),
        Take(("a",), "b", 2),
        Within(("spec", "values"), Take(("a",), (("path", "b"),))),
    ],
)
def test_an_operation_survives_being_kept_as_json(operation):
    assert from_data(json.loads(json.dumps(to_data(operation)))) == operation


def test_what_is_no_operation_is_not_read_as_one():
    with pytest.raises(ValueError, match="no operation"):
        from_data({"do": "explode", "path": []})
