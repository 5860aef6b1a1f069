"""The card, as an approver reads it."""

from datetime import timedelta

import pytest

from bot import views
from bot.domain.policy import Finding, Weight
from bot.domain.request import Approval, Card, Progress, State, Trouble
from bot.errors import AskAgain
from tests.views import samples
from tests.views.reading import elements, read, refusal
from tests.views.samples import ANN, BEN, NOON, catalog, in_state, record, spec, workload

SECOND = timedelta(seconds=1)


def shown(request=None, of=None, now=NOON):
    return views.card(request or record(), of or catalog(), now)


def test_a_card_says_who_asks_for_what_and_why():
    text = read(shown())
    assert "@U0ROSA of team payments asks: payments/payments-api on prod-weu" in text
    assert "read every secret of key vault kv-payments" in text
    assert "it charges cards" in text


def test_a_card_names_the_identity_and_whose_tokens_it_trusts():
    text = read(shown())
    assert "id-payments-api-prod in rg-identities-prod" in text
    assert "system:serviceaccount:payments:payments-api" in text
    assert samples.ISSUER in text


def test_a_card_gives_each_role_with_its_exact_scope():
    words = "Read every secret of key vault kv-payments: Key Vault Secrets User on "
    assert words + samples.vault().id in read(shown())


def test_a_card_says_what_happens_now_and_what_after_the_merge():
    after = catalog(grants="after-merge")
    text = read(shown(record(of=after), after))
    now, later = text.split("What happens after the merge")
    assert "Make the managed identity" in now and "Open a pull request in shop/gitops" in now
    assert "Give it Key Vault Secrets User" in later and "Give it Key Vault Secrets User" not in now


def test_a_card_shows_the_diff_what_pods_notice_and_what_it_reaches():
    text = read(shown())
    assert "+    azure.workload.identity/client-id: known after apply" in text
    assert "Deployment payments-api: its pods are replaced as soon as the merge is synced" in text
    assert "payments-api-prod-weu" in text


def test_a_card_says_who_may_approve_and_how_and_for_which_plan():
    request = record()
    text = read(shown(request))
    assert "✅ (:white_check_mark:) approves exactly this, ⛔ (:no_entry:) rejects" in text
    assert "Who may: @S0PLATFORM; not @U0ROSA" in text
    assert f"Plan {request.plan.digest[:12]}" in text and request.id in text


def test_a_card_says_that_an_approval_is_held_before_it_begins():
    assert "After the last approval I wait 20 s; taking ✅ away meanwhile stops it" in read(
        shown(of=catalog(hold_seconds=20))
    )
    assert "After the last approval" not in read(shown())


def test_an_approved_card_says_when_it_begins_and_that_taking_the_reaction_away_stops_it():
    text = read(shown(in_state(State.APPROVED)))
    assert "Approved, not started yet" in text
    assert "It starts 24 Nov 2026, 12:00 UTC; taking ✅ away before then stops it" in text


def test_a_card_counts_the_approvals_that_are_still_needed():
    two = catalog(approvers={"group": "S0PLATFORM", "people": ["U0SAM"], "needed": 2})
    request = record(of=two)
    assert "2 approvals needed of @S0PLATFORM or @U0SAM" in read(shown(request, two))
    one_yes = record(of=two, approvals=(Approval(person=ANN, digest=request.plan.digest, at="1.0"),))
    text = read(shown(one_yes, two))
    assert "1 more approval needed" in text and "Approved so far by @U0ANN" in text


def test_findings_stand_on_the_card_with_their_remedy():
    finding = Finding(rule="quotas", weight=Weight.WARNS, problem="17 of 20 are used.", remedy="Use another.")
    assert "⚠️ Mind: 17 of 20 are used. Use another. (quotas)" in read(shown(record(findings=(finding,))))


def test_each_step_is_told_in_words_as_it_happens():
    steps = record().plan.before
    progress = {
        **samples.done(steps[0].key),
        steps[1].key: Progress(begun=NOON),
        steps[2].key: Progress(
            begun=NOON, attempts=3, again_at=NOON + 60 * SECOND, problem="Azure wants fewer calls."
        ),
    }
    text = read(shown(in_state(State.PROVISIONING, progress=progress), now=NOON + 12 * SECOND))
    assert "✅ Done: managed identity id-payments-api-prod (2.0 s)" in text
    assert "⏳ Running: credential for payments/payments-api (for 12 s)" in text
    assert "🔁 Tried again: Key Vault Secrets User on key vault kv-payments (attempt 3): Azure wants" in text
    assert "▫️ Waiting: pull request in shop/gitops" in text
    assert "Being made: 1 of 4 steps done" in text


def test_a_step_that_stopped_says_so():
    key = record().plan.before[1].key
    trouble = Trouble(problem="It is locked.", remedy="Unlock it.", obstacle="locked", step=key)
    stopped = in_state(State.FAILED, progress={key: Progress(begun=NOON)}, trouble=trouble)
    text = read(shown(stopped))
    assert "❌ Stopped: credential for payments/payments-api" in text
    assert "It is locked. Unlock it. Then say retry here." in text


def test_a_proposed_card_ends_with_the_pull_request_and_names_who_reviews_it():
    made = shown(in_state(State.PROPOSED))
    assert "@U0ROSA: review and merge shop/gitops/pull/7" in read(made)
    assert [link["url"] for link in elements(made, "link")] == [samples.PULL.url]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.REJECTED, "Rejected by @U0ANN. Reason: use the staging vault"),
        (State.WITHDRAWN, "Nothing was changed. Mention me in a new message to ask again"),
        (State.EXPIRED, "Nobody acted in time; nothing was changed"),
        (State.FAILED, "Azure Policy denies it. Ask for an exemption"),
        (State.LIVE, "Nothing is left to do"),
    ],
)
def test_a_card_of_a_request_that_has_ended_says_how_and_what_can_be_done(state, words):
    assert words in read(shown(in_state(state)))


@pytest.mark.parametrize("state", list(State))
def test_slack_takes_the_card_of_every_state_and_it_asks_for_a_reaction_only_while_one_counts(state):
    made = shown(in_state(state))
    assert refusal(made) == []
    assert ("React on this message" in read(made)) == (state in (State.REVIEWED, State.APPROVED))


@pytest.mark.parametrize("state", list(State))
def test_a_cards_text_stands_alone_in_a_notification(state):
    text = shown(in_state(state)).text
    assert "<@U0ROSA>" in text and "kv-payments" in text


def test_a_card_is_drawn_in_rich_text_in_every_state_so_that_slack_lets_it_be_updated():
    old = Card(digest="d" * 64, ts="1.0", void=True)
    cards = [shown(in_state(state)) for state in State]
    assert all(elements(made, "rich_text") for made in (*cards, views.card(record(), catalog(), NOON, old)))


def test_a_void_card_says_that_it_counts_no_more():
    old = Card(digest="abcdef123456" + "0" * 52, ts="1.0", void=True)
    void = views.card(record(), catalog(), NOON, old)
    assert "Void" in read(void) and "abcdef123456" in read(void) and "newer card" in read(void)
    assert "kv-payments" not in read(void)
    assert refusal(void) == []


def test_a_void_card_leads_to_the_card_that_replaces_it():
    old = Card(digest="d" * 64, ts="1.0", void=True)
    void = views.card(record(), catalog(), NOON, old, "https://shop.example/archives/C0/p1")
    assert [link["url"] for link in elements(void, "link")] == ["https://shop.example/archives/C0/p1"]
    ended = in_state(State.WITHDRAWN, cards=(old,))
    assert "The request has ended" in read(views.card(ended, catalog(), NOON, old))


# However long the request is.


def many(count=40, lines=2_000, **changes):
    diff = samples.DIFF + "".join(f"+  key-{n:05}: {'x' * 40}\n" for n in range(lines))
    wanted = spec(grants=samples.grants(count), **changes)
    proposals = (samples.proposal(workload(), diff),)
    return record(wanted, samples.observed(wanted, proposals=proposals))


def whole(request):
    return "\n".join(map(read, (*views.overflow(request, catalog()), shown(request))))


def test_forty_grants_and_a_diff_of_two_thousand_lines_are_shown_whole():
    text = whole(many())
    assert all(samples.vault(f"kv-payments-{n:02}").id in text for n in range(2, 41))
    assert all(f"+  key-{n:05}:" in text for n in range(2_000))


def test_slack_takes_every_message_of_a_large_request():
    request = many()
    messages = (shown(request), *views.overflow(request, catalog()))
    assert len(messages) > 5
    assert [refusal(message) for message in messages] == [[]] * len(messages)


def test_a_card_that_goes_on_in_the_thread_says_so():
    request = many()
    count = len(views.overflow(request, catalog()))
    assert f"It goes on in {count} messages of this thread, above this card" in read(shown(request))
    assert "It goes on in" not in read(shown())
    assert views.overflow(record(), catalog()) == ()


def test_what_went_to_the_thread_stays_the_same_while_the_request_goes_on():
    request = many()
    later = request.model_copy(
        update={"state": State.PROVISIONING, "progress": samples.done(*(s.key for s in request.plan.before))}
    )
    assert views.overflow(later, catalog()) == views.overflow(request, catalog())
    assert refusal(shown(later)) == []


def test_many_steps_are_told_by_those_that_matter_and_the_others_are_counted():
    request = many()
    keys = [s.key for s in request.plan.before]
    progress = {**samples.done(*keys[:30]), keys[30]: Progress(begun=NOON)}
    text = read(shown(request.model_copy(update={"state": State.PROVISIONING, "progress": progress})))
    assert "⏳ Running: Key Vault Secrets User" in text
    assert "× ✅ Done" in text


def test_a_request_too_large_to_be_read_is_refused_with_the_advice_to_split_it():
    with pytest.raises(AskAgain, match="Split it"):
        views.overflow(many(lines=20_000), catalog())


def test_a_reason_of_five_thousand_characters_is_shown_whole():
    reason = " ".join(f"because-{n:04}" for n in range(400))
    request = record(spec(reason=reason))
    text = whole(request)
    assert refusal(shown(request)) == []
    assert all(f"because-{n:04}" in text for n in range(400))


def test_the_largest_head_leaves_room_for_the_details():
    people = [f"U{n:010}" for n in range(60)]
    crowd = catalog(approvers={"group": "S0PLATFORM", "people": people, "needed": 5}, hold_seconds=3600)
    request = many(reason="because " * 600).model_copy(
        update={"findings": tuple(_finding(n) for n in range(20))}
    )
    keys = [step.key for step in request.plan.before]
    problem = Progress(begun=NOON, attempts=99, again_at=NOON, problem="Azure says no. " * 30)
    trouble = Trouble(
        problem="It is locked. " * 60, remedy="Unlock it. " * 60, obstacle="locked", step=keys[0]
    )
    failed = {"state": State.FAILED, "progress": dict.fromkeys(keys, problem), "trouble": trouble}
    for changes in ({}, failed, {"state": State.APPROVED, "hold_until": NOON}):
        assert refusal(shown(request.model_copy(update=changes), crowd)) == []


def _finding(number):
    return Finding(rule="quotas", weight=Weight.WARNS, problem=f"{number} " * 60, remedy="Use another. " * 8)


def test_twenty_workloads_are_all_named():
    wanted = spec(workloads=tuple(workload(account=f"payments-{n:02}") for n in range(20)))
    request = record(wanted)
    text = whole(request)
    assert all(f"system:serviceaccount:payments:payments-{n:02}" in text for n in range(20))
    assert refusal(shown(request)) == []


# Whatever is in its words.

HOSTILE = (
    "<!channel> <@U0ANN> *bold* `code` ``` &lt; <https://evil.example|safe> :white_check_mark: \u202egnihton"
)


def test_markup_in_a_reason_is_shown_and_does_nothing():
    made = shown(record(spec(reason=HOSTILE)))
    assert "< !channel> < @U0ANN> *bold* `code` ``` &lt; <https://evil.example|safe>" in read(made)
    assert {part["user_id"] for part in elements(made, "user")} == {"U0ROSA"}
    assert elements(made, "link") == [] and elements(made, "broadcast") == []
    assert "<!channel>" not in made.text and "evil.example|" not in made.text


def test_characters_that_turn_the_text_around_are_written_out():
    assert "\u202e" not in read(shown(record(spec(reason=HOSTILE))))
    assert "\\u202egnihton" in read(shown(record(spec(reason=HOSTILE))))


def test_a_diff_cannot_break_out_of_its_block():
    diff = "+```\n+<!here> *now outside*\n+\u200bhidden\n"
    request = record(seen=samples.observed(proposals=(samples.proposal(workload(), diff),)))
    blocks = elements(shown(request), "rich_text_preformatted")
    assert blocks[0]["elements"][0]["text"] == "+```\n+<!here> *now outside*\n+\\u200bhidden"


def test_who_wrote_in_a_request_is_named_as_one_who_cannot_approve_it():
    request = record()
    draft = request.draft.model_copy(update={"authors": ("U0BEN",)})
    assert "not @U0BEN or @U0ROSA" in read(shown(request.model_copy(update={"draft": draft})))
    assert BEN.user in request.model_copy(update={"draft": draft}).authors
