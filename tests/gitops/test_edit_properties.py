"""Whatever a file holds and whatever is put into it: the change and nothing else, or a refusal."""

from __future__ import annotations

import contextlib
from typing import Any

import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gitops.edits import Append, Operation, Put, apply
from gitops.errors import Refused

_WORDS = st.sampled_from(["kind", "metadata", "name", "annotations", "labels", "spec", "a.b/c", "items"])
_TEXTS = st.sampled_from(["x", "true", "12", "a: b", "it's", '"q"', "# no comment", "", "é", "two\nlines\n"])
_LEAVES = st.one_of(_TEXTS, st.integers(-5, 5), st.booleans(), st.none())
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_WORDS, inner, max_size=4)),
    max_leaves=12,
)
_ROOTS = st.dictionaries(_WORDS, _TREES, min_size=1, max_size=5)
_HOSTILE = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
_MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, int, list[Any]]:
    """A file as people and tools write them: its bytes, one document's number, and what all of them say."""
    trees = draw(st.lists(_ROOTS, min_size=1, max_size=3))
    style = {
        "indent": draw(st.sampled_from([2, 4])),
        "default_flow_style": draw(st.sampled_from([False, None, True])),
        "default_style": draw(st.sampled_from([None, "'", '"'])),
        "allow_unicode": True,
        "width": 1000,
        "sort_keys": False,
    }
    text = "---\n".join(yaml.safe_dump(tree, **style) for tree in trees)
    if draw(st.booleans()):
        text = "# a comment first\n---\n" + text + "# a comment last\n"
    if draw(st.booleans()):
        text = text.rstrip("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    if draw(st.booleans()):
        text = "\ufeff" + text
    return text.encode(), draw(st.integers(0, len(trees) - 1)), trees


def _tried(content: bytes, document: int, operation: Operation) -> Any:
    with contextlib.suppress(Refused):
        return apply(content, document, operation)
    return None


def _loaded(content: bytes) -> list[Any]:
    return list(yaml.safe_load_all(content.decode("utf-8-sig")))


def _at(data: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


@_MANY
@given(files(), st.lists(_WORDS, min_size=1, max_size=3).map(tuple), _HOSTILE)
def test_a_value_that_is_put_is_read_back_and_nothing_else_is(file, path, value):
    content, document, _ = file
    applied = _tried(content, document, Put(path, value))
    assume(applied is not None)

    before, after = _loaded(content), _loaded(applied.content)

    assert _at(after[document], path) == value
    before[document] = after[document] = None
    assert after == before


@_MANY
@given(files(), st.lists(_WORDS, min_size=1, max_size=3).map(tuple), _HOSTILE)
def test_an_edit_done_twice_is_done_once(file, path, value):
    content, document, _ = file
    applied = _tried(content, document, Put(path, value))
    assume(applied is not None)

    assert apply(applied.content, document, Put(path, value)).content == applied.content


@_MANY
@given(files(), st.lists(_WORDS, min_size=1, max_size=3).map(tuple), _HOSTILE)
def test_an_edit_and_its_inverse_give_the_original_bytes(file, path, value):
    content, document, _ = file
    applied = _tried(content, document, Put(path, value))
    assume(applied is not None and applied.inverse is not None)

    assert apply(applied.content, document, applied.inverse).content == content


@_MANY
@given(files(), st.lists(_WORDS, min_size=1, max_size=2).map(tuple), _HOSTILE)
def test_an_item_that_is_added_can_be_taken_out_without_a_trace(file, path, item):
    content, document, _ = file
    applied = _tried(content, document, Append(path, item))
    assume(applied is not None and applied.inverse is not None)

    assert item in _at(_loaded(applied.content)[document], path)
    assert apply(applied.content, document, Append(path, item)).content == applied.content
    assert apply(applied.content, document, applied.inverse).content == content


@_MANY
@given(files(), _HOSTILE, _HOSTILE)
def test_no_key_and_no_value_ever_leaves_its_scalar(file, key, value):
    content, document, trees = file
    applied = _tried(content, document, Put((key,), value))
    assume(applied is not None and applied.inverse is not None)

    after = _loaded(applied.content)[document]

    assert after[key] == value
    assert set(after) <= {*trees[document], key}
    assert applied.content.count(b"\n") <= content.count(b"\n") + 1


@_MANY
@given(st.binary(max_size=200), st.integers(0, 2))
def test_any_bytes_at_all_are_edited_or_refused(content, document):
    applied = _tried(content, document, Put(("metadata", "annotations", "a"), "b"))

    assert applied is None or b"a" in applied.content
