"""Sentences and what they mean. They stand in `sentences/*.md`, to be read; here they are held."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meaning import meaning
from sample import CATALOG, EVERY_ROLE

from bot.domain.draft import LONGEST_MESSAGE, Draft, Heard, fields, problems, read, understand

FOLDER = Path(__file__).parent / "sentences"
MAIN = "payments-api in namespace payments on prod-weu needs to read secrets from kv-payments"


def examples() -> Iterator[tuple[str, list[str], str]]:
    """File, messages (`> …`, a ⏎ for each line break) and meaning (indented) of every example."""
    for path in sorted(FOLDER.glob("*.md")):
        messages: list[str] = []
        for line in path.read_text().splitlines():
            if line.startswith("> "):
                messages.append(line[2:].replace(" ⏎ ", "\n"))
            elif line.startswith("    "):
                yield path.stem, messages, line.strip()
                messages = []


EXAMPLES = list(examples())


@pytest.mark.parametrize(
    ("file", "messages", "means"), EXAMPLES, ids=[f"{f}: {m[-1][:60]}" for f, m, _ in EXAMPLES]
)
def test_every_sentence_means_what_is_written_below_it(file: str, messages: list[str], means: str) -> None:
    assert meaning(messages, EVERY_ROLE if file == "every_role" else CATALOG) == means


def test_there_are_enough_sentences_to_learn_the_language_from() -> None:
    assert len({tuple(messages) for _, messages, _ in EXAMPLES}) >= 200


def outcome(heard: Heard) -> str:
    """Everything that is shown after a message."""
    shown = [*heard.leftovers, *heard.problems, *problems(heard.draft, CATALOG)]
    return " ".join([*shown, *(value for _, value in fields(heard.draft, CATALOG))])


WORDS = MAIN.split()


@pytest.mark.parametrize("at", range(len(WORDS) + 1))
def test_a_word_that_nobody_knows_is_never_dropped_in_silence(at: int) -> None:
    sentence = " ".join([*WORDS[:at], "zorglub", *WORDS[at:]])
    assert "zorglub" in outcome(read(Draft(), sentence, CATALOG, None, "U0ROSA"))


def test_a_message_of_five_thousand_characters_is_refused_with_advice() -> None:
    heard = read(Draft(), MAIN + " x" * 2500, CATALOG, None, "U0ROSA")
    assert heard.draft == Draft()
    assert "I read up to 3,000" in heard.problems[0]
    assert "in a few sentences" in heard.problems[0]


def test_the_longest_message_that_is_read_is_read_at_once() -> None:
    words = ("read secrets from kv-a and " * 200)[:LONGEST_MESSAGE]
    assert read(Draft(), words, CATALOG, None, "U0ROSA").draft.wishes


PIECES = st.sampled_from(
    [*MAIN.split(), "not", "and", "or", "drop", "instead", "also", "only", "because", "for", "queue",
     "orders", "INC-1", ",", ".", ":", "\n", "`", '"', "(", "<!channel>", "<@U0ANN>", "/", "a/b/c",
     "/subscriptions/x", "write", "send", "vault", "it", "no", "them", "zorglub", "&lt;", "é", "prod",
     "dev", "namespace", "the"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=14), st.lists(PIECES, max_size=8))
def test_no_heap_of_words_breaks_the_reading_or_changes_what_nobody_spoke_of(
    first: list[str], second: list[str]
) -> None:
    heard = read(Draft(), " ".join(first), CATALOG, None, "U0ROSA")
    again = read(heard.draft, " ".join(second), CATALOG, None, "U0ROSA")
    assert read(heard.draft, " ".join(second), CATALOG, None, "U0ROSA") == again
    said = " ".join([*first, *second])
    for wish in again.draft.wishes:
        assert (wish.resource or "") in said, "a resource was made up"
        assert wish.roles or wish.kinds


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_no_text_at_all_breaks_the_reading(text: str) -> None:
    understand(text, CATALOG)


def test_only_those_whose_words_changed_something_are_authors() -> None:
    draft = read(Draft(), MAIN, CATALOG, None, "U0ROSA").draft
    draft = read(draft, "thanks!", CATALOG, None, "U0SAM").draft
    assert draft.authors == ("U0ROSA",)
    assert read(draft, "on dev instead", CATALOG, None, "U0SAM").draft.authors == ("U0ROSA", "U0SAM")


def test_understand_gives_everything_as_plain_data() -> None:
    found = understand(f"<@U0IDENTITY> {MAIN} because it charges cards, zorglub", CATALOG)
    assert found["command"] is None
    assert found["fields"][0] == ["Service account", "payments-api"]
    assert found["draft"]["wishes"][0]["roles"] == ["key-vault-secrets-user"]
    assert found["question"] is None
    assert understand(MAIN, CATALOG)["question"]["key"] == "reason"
    assert understand("help", CATALOG)["question"] is None
