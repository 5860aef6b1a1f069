"""Charts: the values that each really reads are found by rendering it, shut in; the rest is refused."""

from __future__ import annotations

import importlib.util

import pytest
import yaml
from trees import CLIENT, OTHER, TENANT, added, after, more_of, tree, wanted

from gitops.errors import Reason, Refused
from gitops.files import Files
from gitops.propose import NotLoaded, Proposal, Wanted, missing, propose, prove

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("helm_python") is None, reason="helm-python-sdk is not installed"
)

ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Values.name | default .Release.Name }}
  %s
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    app: a
    %s
spec:
  selector:
    matchLabels:
      app: a
  template:
    metadata:
      labels:
        app: a
        %s
    spec:
      serviceAccountName: {{ .Values.name | default .Release.Name }}
      containers:
      - name: a
        image: a:1
"""


def annotations(key: str) -> str:
    head = f"{{{{- with .Values.{key} }}}}\n  annotations:\n"
    return head + "    {{- toYaml . | nindent 4 }}\n  {{- end }}"


def labels(key: str, width: int = 8) -> str:
    return f"{{{{- with .Values.{key} }}}}{{{{- toYaml . | nindent {width} }}}}{{{{- end }}}}"


def chart(account: str, pods: str, values: str = "", own: str = "", **more: str) -> dict[str, bytes]:
    return tree(
        app__Chart="apiVersion: v2\nname: a\nversion: 1.0.0\n",
        app__values=values,
        app__templates__sa=ACCOUNT % account,
        app__templates__deployment=DEPLOYMENT % (own, pods),
        **more,
    )


def proposed(contents: dict[str, bytes], wish: Wanted | None = None) -> Proposal:
    wish = wish or wanted(release="orders")
    everything, files = Files.whole(contents), Files()
    for _ in range(30):
        try:
            if more := missing(files, wish):
                raise NotLoaded(more)
            proposal = propose(files, wish)
            break
        except NotLoaded as need:
            files = more_of(everything, files, need)
    else:
        pytest.fail("more is asked for without end")
    assert prove(everything, wish, proposal).is_proved
    return proposal


def refused(contents: dict[str, bytes], wish: Wanted | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        propose(Files.whole(contents), wish or wanted(release="orders"))
    assert caught.value.remedy
    return caught.value


READ = {
    "the keys of `helm create`": (
        "serviceAccount.annotations",
        "podLabels",
        "serviceAccount: {annotations: {}}\n",
    ),
    "keys of its own": ("identity.saAnnotations", "extra.podLabels", "identity: {}\nextra: {}\n"),
    "keys below rbac": (
        "rbac.serviceAccount.annotations",
        "pod.labels",
        "rbac: {serviceAccount: {}}\npod: {}\n",
    ),
    "keys below a controller": ("controller.serviceAccount.annotations", "controller.podLabels", ""),
    "flat keys": ("serviceAccountAnnotations", "additionalPodLabels", ""),
    "labels that are called labels only": ("serviceAccount.annotations", "labels", ""),
}


@pytest.mark.parametrize(("account", "pods", "values"), READ.values(), ids=READ.keys())
def test_the_values_that_the_chart_reads_are_set(account, pods, values):
    if "." in account and not values:
        values = yaml.safe_dump({account.partition(".")[0]: {"serviceAccount": {}}})

    proposal = proposed(chart(annotations(account), labels(pods), values))

    merged = yaml.safe_load(after({}, proposal)["app/values.yaml"])
    held, pod = merged, merged
    for step in account.split("."):
        held = held[step]
    for step in pods.split("."):
        pod = pod[step]
    assert held["azure.workload.identity/client-id"] == CLIENT
    assert held["azure.workload.identity/tenant-id"] == TENANT
    assert pod == {"azure.workload.identity/use": "true"}


def test_only_the_values_file_of_the_environment_is_edited():
    contents = chart(
        annotations("serviceAccount.annotations"),
        labels("podLabels"),
        "serviceAccount: {}\n",
        app__values_prod="# production\nreplicas: 3\n",
    )
    contents = {path.replace("values_prod", "values-prod"): text for path, text in contents.items()}

    proposal = proposed(contents, wanted(release="orders", values=("app/values-prod.yaml",)))

    assert set(added(proposal)) == {"app/values-prod.yaml"}
    assert refused(contents).reason is Reason.AMBIGUOUS


def test_values_that_the_chart_ignores_are_no_proposal():
    contents = chart("labels: {app: a}", labels("podLabels"), "serviceAccount: {annotations: {}}\n")

    assert "annotations" in refused(contents).sentence


def test_a_value_that_labels_more_than_the_pods_is_no_proposal():
    contents = chart(
        annotations("serviceAccount.annotations"),
        labels("commonLabels"),
        "serviceAccount: {}\n",
        labels("commonLabels", 4),
    )

    assert "labels the pods and changes nothing else" in refused(contents).sentence


def test_an_account_that_the_chart_does_not_make_is_not_found():
    refusal = refused(chart(annotations("sa"), labels("podLabels")), wanted(release="other"))

    assert refusal.reason is Reason.NOT_FOUND
    assert refusal.candidates == ("other",)


def test_another_client_id_in_the_values_is_not_replaced():
    values = f"sa: {{annotations: {{azure.workload.identity/client-id: {OTHER}}}}}\n"

    assert (
        refused(chart(annotations("sa.annotations"), labels("podLabels"), values)).reason
        is Reason.ALREADY_OTHERWISE
    )


def test_a_chart_whose_dependencies_are_not_there_is_refused():
    contents = chart(annotations("sa.annotations"), labels("podLabels"))
    contents |= tree(
        app__Chart="apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies: [{name: redis, version: 1.0.0}]\n"
    )

    assert "redis" in refused(contents).sentence


def test_merged_once_there_is_nothing_left_to_do():
    contents = chart(annotations("sa.annotations"), labels("podLabels"), "sa: {}\n")

    assert proposed(after(contents, proposed(contents))).edits == ()


def test_a_chart_reads_no_file_outside_and_asks_no_name_server():
    loot = '{{ .Files.Get "/etc/hostname" }}{{ .Files.Get "../../../../etc/hostname" }}'
    loot += '{{ getHostByName "example.com" }}'
    contents = chart(annotations("sa.annotations"), labels("podLabels"), "sa: {}\n")
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: loot\n"
    contents |= tree(app__templates__loot=f"{head}data:\n  a: '{loot}'\n")

    proof = prove(Files.whole(contents), wanted(release="orders"), proposed(contents))

    assert proof.is_proved


def test_a_chart_that_never_ends_is_given_up():
    contents = chart(annotations("sa.annotations"), labels("podLabels"))
    contents |= tree(app__templates__loop='{{- define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}')

    assert refused(contents).reason is Reason.UNSUPPORTED
