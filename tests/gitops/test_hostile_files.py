"""Files made to hurt: each is refused or edited within bounded time."""

from __future__ import annotations

import time

import pytest
from trees import ACCOUNT, tree, wanted

from gitops.edits import MAX_BYTES, Put, apply
from gitops.errors import Reason, Refused
from gitops.files import Files
from gitops.propose import propose

ANNOTATE = Put(("metadata", "annotations", "a"), "b")
SECONDS = 20


def bomb(levels: int) -> str:
    """Aliases of aliases that stand for ten times more with every level."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    return "\n".join(lines + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)])


HOSTILE = {
    "an alias bomb": (f"metadata: {{}}\n{bomb(12)}\n", Reason.UNBOUNDED),
    "deep flow": ("metadata: " + "[" * 50_000 + "]" * 50_000 + "\n", Reason.NOT_YAML),
    "deep blocks": ("- " * 50_000 + "a\n", Reason.UNBOUNDED),
    "deep mappings": ("".join(f"{' ' * n}a:\n" for n in range(1_300)), Reason.UNBOUNDED),
    "too many documents": ("---\na: b\n" * 20_000, Reason.UNBOUNDED),
    "an alias of itself": ("metadata: &m [*m]\n", Reason.ALIAS),
    "ten million bytes": ("a: b\n" * 2_000_000, Reason.TOO_BIG),
    "a null byte": ("metadata:\n  name: a\0b\n", Reason.NOT_YAML),
}


@pytest.mark.parametrize(("text", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_would_take_for_ever_is_refused_soon(text, reason):
    started = time.process_time()

    with pytest.raises(Refused) as caught:
        apply(text.encode(), 0, ANNOTATE)

    assert caught.value.reason is reason
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "metadata:\n  name: a\nb: " + "x" * (MAX_BYTES - 100) + "\n",
        "metadata:\n  name: a\n" + "# c\n" * (MAX_BYTES // 4 - 20),
        "metadata:\n  name: a\n" + ("---\na: b\n" + "# c\n" * 40) * 4_900,
    ],
    ids=["one line", "comments", "documents"],
)
def test_what_is_only_big_is_edited_soon(text):
    started = time.process_time()

    applied = apply(text.encode(), 0, ANNOTATE)

    assert len(applied.content) == len(text) + len('\n  annotations:\n    a: "b"')
    assert time.process_time() - started < SECONDS


def test_a_hostile_file_beside_the_account_does_not_stop_it():
    contents = tree(app__sa=ACCOUNT, app__bomb=bomb(12))

    assert propose(Files.whole(contents), wanted()).edits
