"""What the bot answers, kind by kind."""

import ast
from pathlib import Path

import pytest

import bot.domain
from bot import views
from bot.domain.draft import Option, Question
from bot.domain.policy import Finding, Weight
from bot.domain.request import Approval, Notice, State
from bot.views.notices import NOTICES
from bot.views.refusals import REFUSED
from tests.views import samples
from tests.views.reading import elements, read, refusal
from tests.views.samples import ANN, NOON, catalog, in_state, record

LONG = "<!channel> *x* `y` ``` " * 250


def say(kind, request=None, only_for=None, mention=(), **about):
    told = Notice(key="r-1:0", kind=kind, about=about, only_for=only_for, mention=mention)
    return views.notice(told, request or record(), catalog())


def asking(*options, text="Which vault is it?", key="scope:0"):
    question = Question(key=key, text=text, options=tuple(Option(label=o, value=o) for o in options))
    return record(state=State.ASKING, question=question)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("kind", NOTICES)
def test_every_notice_can_be_posted_in_every_state_even_when_nothing_fills_it(kind, state):
    assert refusal(say(kind, in_state(state))) == []


@pytest.mark.parametrize("kind", NOTICES)
def test_every_notice_stays_within_slacks_limits_and_harmless_however_long_its_words_are(kind):
    about = {
        "problems": [LONG] * 40, "fields": [(LONG, LONG)] * 40, "leftovers": [LONG] * 40,
        "changes": [LONG] * 40,
        "problem": LONG, "command": LONG, "nearest": LONG, "workload": LONG, "clusters": [LONG] * 40,
        "before": LONG, "after": LONG, "reason": LONG, "first": LONG,
        "findings": [Finding(rule="r", weight=Weight.BLOCKS, problem=LONG, remedy=LONG).model_dump()] * 40,
    }  # fmt: skip
    request = asking(*[f"{n:03}{LONG}" for n in range(200)], text=LONG).model_copy(
        update={"rejected_because": LONG}
    )
    made = say(kind, request, **about)
    assert refusal(made) == []
    assert elements(made, "broadcast") == [] and "<!channel>" not in made.text


def test_every_kind_that_the_domain_tells_has_a_text():
    told = {kind for path in SOURCES for kind in _told_in(ast.parse(path.read_text()))}
    assert told and told <= set(NOTICES)


def test_every_reason_for_which_the_domain_refuses_a_reaction_has_a_text():
    path = Path(bot.domain.__file__).parent / "approval.py"
    functions = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)]
    reasons = {
        node.value
        for function in functions
        if function.name in ("refusal", "_account")
        for returned in ast.walk(function)
        if isinstance(returned, ast.Return) and returned.value is not None
        for node in ast.walk(returned.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert reasons and reasons <= set(REFUSED)


SOURCES = [
    *Path(bot.domain.__file__).parent.glob("*.py"),
    Path(bot.domain.__file__).parents[1] / "reconciler.py",
]


def _told_in(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "tell":
            yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant))


def test_people_who_must_act_are_mentioned_first():
    made = say("proposed", in_state(State.PROPOSED), mention=("U0ROSA",))
    assert read(made).startswith("@U0ROSA The identity is made")
    assert made.text.startswith("<@U0ROSA> ")


def test_a_question_with_few_answers_has_a_button_for_each():
    made = say("question", asking("payments", "orders"), question="scope:0")
    buttons = elements(made, "button")
    assert [b["value"] for b in buttons] == ["payments", "orders"]
    assert elements(made, "actions")[0]["block_id"] == "question:scope:0"
    assert "Which vault is it?" in read(made) and "Which vault is it?" in made.text


def test_a_question_with_many_answers_has_a_select():
    made = say("question", asking(*[f"kv-{n}" for n in range(60)]))
    (select,) = elements(made, "static_select")
    assert select["action_id"] == "answer" and len(select["options"]) == 60


def test_answers_too_long_for_a_select_become_buttons_and_the_rest_can_be_typed():
    made = say("question", asking(*[samples.vault(f"kv-{n:03}{'x' * 60}").id for n in range(90)]))
    assert elements(made, "static_select") == []
    count = len(elements(made, "button"))
    assert count > 10 and f"There are {90 - count} more: type the name in this thread" in read(made)
    assert refusal(made) == []


def test_a_question_without_known_answers_is_answered_in_words():
    assert "Answer in this thread" in read(say("question", asking(text="Why is it needed?", key="reason")))


def test_a_question_shows_what_was_understood_and_what_was_not():
    made = say("question", asking(), fields=[("Cluster", "prod-weu")], leftovers=["please", "asap <!here>"])
    assert "*Cluster*prod-weu" in read(made)
    assert "I did not understand: please and asap < !here>" in read(made)
    assert "&lt; !here&gt;" in made.text


def test_a_problem_is_listed_with_what_to_do():
    made = say("problem", problems=["kv-pay is not in the 2 subscriptions that I can see."])
    assert "kv-pay is not in the 2 subscriptions that I can see" in read(made)
    assert "Say in this thread how it should be, or cancel" in read(made)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("requester", "You asked for this yourself"),
        ("not_in_group", "Who may: @S0PLATFORM"),
        ("group_unreadable", "I cannot read who is in the approver group"),
        ("void_card", "React on the newest card"),
        ("lookalike", "Only ✅ (:white_check_mark:) approves"),
    ],
)
def test_a_refused_reaction_is_told_why_and_what_to_do(reason, words):
    text = read(say("refused_approval", only_for="U0SAM", reason=reason))
    assert "Your reaction did not count" in text and words in text


def test_a_queued_request_says_behind_whose():
    assert "Another request of @U0BEN for the same workload is under way" in read(
        say("queued_behind", by="U0BEN")
    )


def test_somebody_elses_words_are_told_whose_request_it_is():
    made = say("not_yours", only_for="U0SAM", requester="U0ROSA")
    assert "Only @U0ROSA can change this request" in read(made)


def test_a_rejection_reaches_the_requester_with_its_reason():
    text = read(say("rejected", in_state(State.REJECTED), by="U0ANN"))
    assert "@U0ROSA, the request is rejected by @U0ANN" in text and "use the staging vault" in text


def test_a_taken_back_approval_says_how_many_are_needed_now():
    assert (
        "@U0ANN took the approval back. Nothing was changed; the request waits for 1 more approval"
        in read(say("approval_taken_back", by="U0ANN"))
    )


def test_an_approval_with_a_hold_says_when_it_begins():
    approvals = (Approval(person=ANN, digest=record().plan.digest, at="1"),)
    text = read(say("approved", in_state(State.APPROVED, approvals=approvals)))
    assert "Approved by @U0ANN. It starts 24 Nov 2026, 12:00 UTC; taking ✅ away" in text


def test_a_changed_plan_says_from_which_to_which():
    text = read(say("digest_changed", before="a" * 64, after="b" * 64))
    assert "Plan aaaaaaaaaaaa became bbbbbbbbbbbb" in text and "a new card is to be approved" in text


def test_a_failure_says_what_happened_what_to_do_and_what_was_done():
    text = read(say("failed", in_state(State.FAILED), mention=("U0ROSA",)))
    assert "Azure Policy denies it." in text and "What to do: Ask for an exemption." in text
    assert "Done so far:\n\nmanaged identity id-payments-api-prod" in text
    assert "say retry here" in text


def test_a_failure_before_anything_was_done_says_that_nothing_was_changed():
    assert "Nothing was changed." in read(say("failed", in_state(State.FAILED, progress={})))


def test_a_proposal_says_what_to_review():
    text = read(say("proposed", in_state(State.PROPOSED)))
    assert "Please review and merge shop/gitops/pull/7" in text
    assert "sa.yaml: annotates the ServiceAccount" in text
    assert "Deployment payments-api: its pods are replaced" in text


def test_status_says_where_it_is_and_who_must_act():
    text = read(say("status", asking()))
    assert "Waiting for an answer" in text and "@U0ROSA answers: Which vault is it?" in text


def test_help_names_the_commands_the_clusters_and_the_roles():
    text = read(say("help"))
    assert all(word in text for word in ("status", "cancel", "retry", "prod-weu", "Key Vault Secrets User"))


def test_a_request_in_another_channel_is_told_where_to_ask():
    assert "only in #C0IDENTITIES" in read(say("wrong_channel"))


def test_a_kind_that_this_version_does_not_know_is_an_error():
    with pytest.raises(KeyError):
        say("sung")


def test_a_time_is_shown_in_the_readers_zone():
    (date,) = elements(say("approved", in_state(State.APPROVED)), "date")
    assert date["timestamp"] == int(NOON.timestamp()) + 20 and "{time_secs}" in date["format"]
