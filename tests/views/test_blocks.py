"""No text breaks out, gets lost or grows too long, whatever it is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.views.blocks import MESSAGE, bullets, choices, code, facts, header, pages, quote, shown, size, title
from bot.views.words import Bold, Link, User, escape, line, prose, spoken, visible
from tests.views.reading import refusal

SPICE = st.sampled_from(
    ["<!channel>", "<@U0ANN>", "&lt;", "&", "```", "*b*", "\u202e", "\n", "\r\n", " ", "é", "😀"]
)
TEXTS = st.lists(st.one_of(SPICE, st.text(max_size=30)), max_size=60).map("".join)
LONG_TEXTS = st.builds(lambda text, times: text * times, TEXTS, st.integers(1, 40))


def letters(blocks):
    """The text of rich blocks put together, without what a break between two of them may swallow."""
    parts = [part["text"] for block in blocks for part in block["elements"][0]["elements"]]
    return "".join("".join(parts).split())


@settings(max_examples=60, deadline=None)
@given(LONG_TEXTS)
def test_a_long_text_is_split_and_loses_no_letter(text):
    assert letters(code(text)) == "".join(visible(text, joiners=False).split())
    assert letters(quote(text)) == "".join(visible(text).split())


@settings(max_examples=60, deadline=None)
@given(LONG_TEXTS)
def test_every_block_of_any_text_is_taken_by_slack(text):
    for block in (header(text), title(text), *code(text), *quote(text), *facts([("Name", text[:4_000])])):
        assert refusal(shown([block], [line("text")])) == []
    assert refusal(shown(bullets([line(text[:2_000], Bold(text[:500]))]), [line("text")])) == []


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.integers(40, 400))
def test_a_cut_text_keeps_its_limit_and_is_never_cut_within_a_mention_or_an_entity(text, limit):
    said = spoken([line(User("U0ROSA"), " ", text, Link("https://example.com", text), User("U0ANN"))], limit)
    assert len(said) <= limit
    ours = ("<@U0ROSA>", "<@U0ANN>", f"<https://example.com|{escape(prose(text)).replace('|', '/')}>")
    for tag in ours:
        said = said.replace(tag, "")
    assert "<" not in said and ">" not in said
    assert all(rest.startswith(("amp;", "lt;", "gt;")) for rest in said.split("&")[1:])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.integers(500, 4_000))
def test_pages_hold_every_block_in_order_and_no_more_than_fits(sizes, first):
    groups = [
        [title(f"{n}"), *(title(f"{n}.{m}" + "x" * 300) for m in range(count))]
        for n, count in enumerate(sizes)
    ]
    made = pages(groups, first, MESSAGE)
    assert [block for page in made for block in page] == [block for group in groups for block in group]
    assert size(made[0]) <= first and all(size(page) <= MESSAGE and len(page) <= 50 for page in made)
    assert all(page[-1] not in [group[0] for group in groups] for page in made if page)


def test_a_list_is_numbered_throughout_however_many_blocks_it_takes():
    blocks = bullets([line("x" * 400)] * 20, ordered=True)
    starts = [block["elements"][0].get("offset", 0) for block in blocks]
    counts = [len(block["elements"][0]["elements"]) for block in blocks]
    assert len(blocks) > 1 and starts == [sum(counts[:n]) for n in range(len(counts))]


def test_forty_buttons_stand_in_rows_whose_ids_lead_to_one_question():
    rows = choices("question:scope:0", "answer", [(f"l-{n}", f"v-{n}" * 40) for n in range(40)], "Choose")
    assert [row["block_id"] for row in rows] == ["question:scope:0", "question:scope:0#1"]
    assert refusal(shown(rows, [line("Which?")])) == []
