"""One change to one document: what is written, what is kept, what is refused."""

from __future__ import annotations

from textwrap import dedent

import pytest

from gitops.edits import Append, Applied, Operation, Put, Remove, Within, apply
from gitops.errors import Reason, Refused

ID = "12345678-abcd-4ef0-9876-0123456789ab"
KEY = "azure.workload.identity/client-id"
ANNOTATE = Put(("metadata", "annotations", KEY), ID)


def edited(text: str, operation: Operation = ANNOTATE, document: int = 0) -> str:
    """The text after an operation; its inverse is tried on the way, and a second time changes nothing."""
    before = text.encode()
    applied: Applied = apply(before, document, operation)
    assert apply(applied.content, document, operation).content == applied.content
    if applied.inverse is not None:
        assert apply(applied.content, document, applied.inverse).content == before
    return applied.content.decode()


def refused(text: str | bytes, operation: Operation = ANNOTATE) -> Refused:
    """The refusal of an operation."""
    with pytest.raises(Refused) as caught:
        apply(text.encode() if isinstance(text, str) else text, 0, operation)
    assert caught.value.remedy
    return caught.value


def added(before: str, after: str) -> list[str]:
    """The lines that came; no line may have gone."""
    old, new = before.splitlines(), after.splitlines()
    for line in old:
        assert line in new
    return [line for line in new if line not in old]


BLOCKS = {
    "no annotations yet": "kind: ServiceAccount\nmetadata:\n  name: a\n",
    "annotations there": "metadata:\n  annotations:\n    a: b\n  name: a\n",
    "four columns": "metadata:\n    name: a\n    annotations:\n        a: b\n",
    "a comment behind": "metadata:\n  annotations:\n    a: b # why\n  # of the name\n  name: a\n",
    "a comment inside": "metadata:\n  annotations:\n    # for later\n    a: b\n    # c: d\n  name: a\n",
    "blank lines behind": "metadata:\n  name: a\n\n\n# the end\n",
    "another document": "metadata:\n  name: a\n---\nmetadata:\n  name: b\n",
    "a document end": "metadata:\n  name: a\n...\n",
    "a first marker": "---\n# lint\nmetadata:\n  name: a\n",
    "a text that keeps its line ends": "metadata:\n  annotations:\n    a: |+\n      b\n\n  name: a\n",
    "a folded text": "metadata:\n  annotations:\n    a: >-\n      b\n      c\n",
    "a text over two lines": "metadata:\n  annotations:\n    a: b\n      c\n",
    "a quoted text over two lines": 'metadata:\n  annotations:\n    a: "b\n      c"\n',
    "quoted keys": "'metadata':\n  'annotations':\n    'a': b\n",
    "tabs before a comment": "metadata:\n  name: a\t# tab\n",
    "an anchor that nobody uses": "metadata: &m\n  name: a\n",
    "an alias beside it": "x: &x {a: b}\nmetadata:\n  labels: *x\n",
    "nothing under annotations": "metadata:\n  annotations:\n  name: a\n",
    "a list flush with its key": "secrets:\n- name: a\nmetadata:\n  name: a\n",
}


@pytest.mark.parametrize("text", BLOCKS.values(), ids=BLOCKS.keys())
def test_only_the_needed_lines_are_added(text):
    lines = added(text, edited(text))

    assert lines[-1].strip() == f'{KEY}: "{ID}"'
    assert len(lines) <= 2


@pytest.mark.parametrize("text", BLOCKS.values(), ids=BLOCKS.keys())
def test_carriage_returns_stay_everywhere(text):
    crlf = text.replace("\n", "\r\n")

    after = edited(crlf)

    assert after.count("\n") == after.count("\r\n")
    assert after.replace("\r\n", "\n") == edited(text)


@pytest.mark.parametrize("text", [text for name, text in BLOCKS.items() if "keeps" not in name])
def test_a_file_without_a_last_line_end_stays_so(text):
    assert not edited(text.rstrip("\n")).endswith("\n")


def test_a_byte_order_mark_stays():
    assert edited("\ufeffmetadata:\n  name: a\n").startswith("\ufeffmetadata:")


@pytest.mark.parametrize("empty", ["{}", "{ }", "~", "null"])
def test_an_empty_value_is_opened_into_lines(empty):
    after = edited(f"metadata:\n  annotations: {empty}\n  name: a\n")

    assert after == f'metadata:\n  annotations:\n    {KEY}: "{ID}"\n  name: a\n'


def test_the_comment_behind_an_empty_value_stays():
    assert "  annotations: # none yet\n    azure" in edited("metadata:\n  annotations: {} # none yet\n")


def test_values_are_quoted_as_the_ones_beside_them():
    assert f"{KEY}: '{ID}'" in edited("metadata:\n  annotations:\n    a: 'b'\n")
    assert f'{KEY}: "{ID}"' in edited("a: 'b'\nmetadata:\n  annotations:\n    a: \"b\"\n")


def test_an_item_stands_where_the_others_stand():
    text = "resources:\n  - a.yaml\n  # the next one\n\nnamePrefix: x-\n"

    after = edited(text, Append(("resources",), "serviceaccount.yaml"))

    assert after == text.replace("  - a.yaml\n", "  - a.yaml\n  - serviceaccount.yaml\n")


def test_a_new_list_is_indented_as_the_document_does_it():
    flush = edited("resources:\n- a\n", Append(("patches",), (("path", "p.yaml"),)))
    indented = edited("resources:\n  - a\n", Append(("patches",), (("path", "p.yaml"),)))

    assert flush.endswith("patches:\n- path: p.yaml\n")
    assert indented.endswith("patches:\n  - path: p.yaml\n")


def test_a_flow_list_gets_its_item_in_the_line():
    assert edited("resources: [a, b]\n", Append(("resources",), "c")) == "resources: [a, b, c]\n"


def test_json_is_extended_as_json():
    text = '{\n  "metadata": {\n    "name": "a",\n    "annotations": {}\n  }\n}\n'

    assert f'"annotations": {{"{KEY}": "{ID}"}}\n' in edited(text)


def test_a_file_with_nothing_but_comments_gets_its_first_lines():
    assert edited("# values of prod\n", Put(("a", "b"), "c")) == '# values of prod\na:\n  b: "c"\n'
    assert edited("", Put(("a", "b"), "c")) == 'a:\n  b: "c"\n'


def test_values_in_a_block_of_text_are_edited_as_yaml():
    text = dedent(
        """\
        spec:
          helm:
            values: |
              replicas: 2
              serviceAccount:
                create: true

              # the end
          project: default
        """
    )

    after = edited(text, Within(("spec", "helm", "values"), Put(("serviceAccount", "name"), "orders")))

    assert added(text, after) == ['        name: "orders"']


def test_a_wrong_value_is_replaced_only_when_that_is_asked_for():
    text = f"metadata:\n  annotations:\n    {KEY}: 'old' # prod\n"

    assert refused(text).reason is Reason.ALREADY_OTHERWISE
    assert edited(text, Put(ANNOTATE.path, ID, replaces="old")) == text.replace("old", ID)


def test_a_label_that_reads_as_a_boolean_is_corrected():
    text = "metadata:\n  labels:\n    azure.workload.identity/use: true\n"

    after = edited(text, Put(("metadata", "labels", "azure.workload.identity/use"), "true"))

    assert after == text.replace(": true", ': "true"')


def test_a_value_that_is_removed_takes_only_its_own_line():
    text = f"metadata:\n  annotations:\n    a: b\n    {KEY}: {ID} # old\n  # name\n  name: a\n"

    after = apply(text.encode(), 0, Remove(ANNOTATE.path, ID)).content.decode()

    assert after == "metadata:\n  annotations:\n    a: b\n  # name\n  name: a\n"


def test_the_last_annotation_takes_the_mapping_with_it_when_that_was_made_for_it():
    text = f"metadata:\n  name: a\n  annotations:\n    {KEY}: {ID}\n"

    assert apply(text.encode(), 0, Remove(ANNOTATE.path, created=1)).content == b"metadata:\n  name: a\n"
    assert b"annotations: {}\n" in apply(text.encode(), 0, Remove(ANNOTATE.path)).content


def test_a_removal_leaves_another_value_alone():
    text = f"metadata:\n  annotations:\n    {KEY}: other\n"

    assert apply(text.encode(), 0, Remove(ANNOTATE.path, ID)).content == text.encode()


REFUSALS = {
    "an alias on the way": ("x: &x {a: b}\nmetadata:\n  annotations: *x\n", Reason.ALIAS),
    "an anchor that is used elsewhere": (
        "metadata:\n  annotations: &a\n    a: b\nother: *a\n",
        Reason.ALIAS,
    ),
    "a merge key": ("x: &x {a: b}\nmetadata:\n  <<: *x\n  name: a\n", Reason.MERGE_KEY),
    "a key that stands twice": ("metadata:\n  name: a\n  name: b\n", Reason.DUPLICATE_KEY),
    "a key that stands twice elsewhere": ("a: 1\na: 2\nmetadata: {name: a}\n", Reason.DUPLICATE_KEY),
    "a template": ("metadata:\n  name: {{ .Release.Name }}\n", Reason.TEMPLATE),
    "a template's control lines": ("metadata:\n  {{- if .x }}\n  name: a\n  {{- end }}\n", Reason.TEMPLATE),
    "broken YAML": ("metadata:\n  name: [a\n", Reason.NOT_YAML),
    "a flow mapping with a comma at its end": ("metadata: {name: a,}\n", Reason.FLOW_STYLE),
    "a flow mapping with a comment": ("metadata: {\n  name: a # b\n}\n", Reason.FLOW_STYLE),
    "a text in its place": ("metadata:\n  annotations: none\n", Reason.UNSUPPORTED),
    "a list in its place": ("metadata:\n  annotations:\n  - a\n", Reason.UNSUPPORTED),
    "directives": ("%YAML 1.2\n---\nmetadata: {}\n", Reason.UNSUPPORTED),
    "stray carriage returns": ("metadata:\r  name: a\n", Reason.UNSUPPORTED),
    "an anchor on the empty value": ("metadata:\n  annotations: &a {}\n", Reason.UNSUPPORTED),
    "an alias of nothing": ("metadata:\n  name: *a\n", Reason.ALIAS),
}


@pytest.mark.parametrize(("text", "reason"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_cannot_be_edited_safely_is_refused_with_a_reason_and_a_remedy(text, reason):
    assert refused(text).reason is reason


def test_a_file_that_is_not_utf8_is_refused():
    assert refused("metadata:\n  name: ä\n".encode("latin-1")).reason is Reason.NOT_UTF8


def test_a_values_text_in_quotes_is_refused():
    within = Within(("values",), Put(("a",), "b"))

    assert refused('values: "x: 1\\n"\n', within).reason is Reason.UNSUPPORTED
    assert refused("values: >\n  x: 1\n", within).reason is Reason.UNSUPPORTED


def test_a_block_text_that_ends_the_file_without_a_line_end_is_refused_and_not_changed():
    """The line end that a new line needs would become part of the text."""
    assert refused("metadata:\n  annotations:\n    a: |\n      text").reason is Reason.GATE
