"""What is asked, in which order, and how it is answered: by click or in words."""

import pytest
from sample import CATALOG, EVERY_ROLE, FOUND

from bot.domain.draft import Draft, Question, answer, fields, next_question, problems, read, resolve, to_spec
from bot.domain.draft.values import Heard
from bot.domain.spec import Consumer

TWO_PRODS = CATALOG.model_copy(
    update={
        "clusters": (
            *CATALOG.clusters,
            CATALOG.clusters[0].model_copy(update={"name": "prod-neu", "aliases": ()}),
        )
    }
)


def said(*messages: str, catalog=CATALOG) -> Draft:
    """The draft after these messages of Rosa, each resolved as the bot resolves it."""
    draft = Draft()
    for message in messages:
        question = next_question(draft, catalog, FOUND) if draft != Draft() else None
        draft = resolve(read(draft, message, catalog, question, "U0ROSA").draft, FOUND, 2).draft
    return draft


def asked(draft: Draft, catalog=CATALOG) -> Question:
    """The question that is asked now."""
    question = next_question(draft, catalog, FOUND)
    assert question is not None
    return question


def clicked(draft: Draft, value: str, catalog=CATALOG) -> Heard:
    """Rosa picked an option of the question that is asked now."""
    question = asked(draft, catalog)
    assert value in {option.value for option in question.options}
    return answer(draft, question, value, "U0ROSA")


def test_everything_but_the_reason_in_one_sentence_leaves_one_question() -> None:
    draft = said("payments-api in namespace payments on prod-weu needs to read secrets from kv-payments")
    question = asked(draft)
    assert question.key == "reason"
    assert not question.options
    done = said(
        "payments-api in namespace payments on prod-weu needs to read secrets from kv-payments",
        "it charges cards",
    )
    assert next_question(done, CATALOG, FOUND) is None


def test_who_is_asked_before_what_and_what_before_why() -> None:
    keys, draft = [], Draft()
    for words in (
        "hello",
        "payments-api",
        "payments",
        "prod",
        "read secrets",
        "kv-payments",
        "it charges cards",
    ):
        question = next_question(draft, CATALOG, FOUND) if draft != Draft() else None
        draft = resolve(read(draft, words, CATALOG, question, "U0ROSA").draft, FOUND, 2).draft
        following = next_question(draft, CATALOG, FOUND)
        keys.append(following.key if following else "nothing")
    assert keys == ["service_account", "namespace", "cluster", "wish", "resource:0", "reason", "nothing"]


def test_the_namespaces_of_the_requesters_team_are_offered() -> None:
    assert [o.value for o in asked(said("payments-api")).options] == ["payments"]
    unknown = read(Draft(), "payments-api", CATALOG, None, "U0GIL").draft
    assert [o.value for o in asked(unknown).options] == ["payments", "orders", "invoices", "catalogue"]


def test_the_clusters_are_offered_and_a_click_answers() -> None:
    draft = said("payments-api in payments")
    assert [o.value for o in asked(draft).options] == ["prod-weu", "dev-weu"]
    assert clicked(draft, "dev-weu").draft.cluster == "dev-weu"


def test_an_environment_of_several_clusters_is_asked_about() -> None:
    draft = said("payments-api in payments on prod", catalog=TWO_PRODS)
    question = asked(draft, TWO_PRODS)
    assert "more than one cluster" in question.text
    assert [o.value for o in question.options] == ["prod-weu", "prod-neu"]
    chosen = clicked(draft, "prod-neu", TWO_PRODS).draft
    assert (chosen.cluster, chosen.environment) == ("prod-neu", None)


@pytest.mark.parametrize("words", ["2", "the second one", "prod-neu", "second", "on prod-neu please"])
def test_options_can_be_named_in_words(words: str) -> None:
    draft = said("payments-api in payments on prod", catalog=TWO_PRODS)
    heard = read(draft, words, TWO_PRODS, asked(draft, TWO_PRODS), "U0ROSA")
    assert heard.draft.cluster == "prod-neu"


def test_a_queue_name_that_fits_several_is_asked_about_with_each() -> None:
    draft = said("payments/payments-api on prod needs to send to queue payments because it pays")
    question = asked(draft)
    assert question.key == "scope:0"
    assert [o.label for o in question.options] == [
        "queue sb-shop/payments", "queue sb-backoffice/payments", "queue sb-shop-dev/payments",
    ]  # fmt: skip
    scope = clicked(draft, question.options[1].value).draft.wishes[0].scope
    assert scope is not None
    assert scope.short == "queue sb-backoffice/payments"
    spoken = read(draft, "sb-backoffice", CATALOG, question, "U0ROSA").draft
    assert spoken.wishes[0].scope == scope


def test_what_access_means_is_asked_once_the_resource_is_known() -> None:
    draft = said("invoices/invoices on prod needs access to stshopinvoices because of accounting")
    question = asked(draft)
    assert question.key == "role:0"
    assert [o.value for o in question.options] == [
        "storage-blob-data-reader",
        "storage-blob-data-contributor",
    ]
    assert question.options[0].label == "Read and list the blobs"
    assert clicked(draft, "storage-blob-data-reader").draft.wishes[0].roles == ("storage-blob-data-reader",)
    spoken = read(draft, "write", CATALOG, question, "U0ROSA").draft
    assert spoken.wishes[0].roles == ("storage-blob-data-contributor",)


def test_the_kind_of_a_found_resource_settles_what_reading_means() -> None:
    draft = said("payments/payments-api on prod needs to read from kv-payments because it charges cards")
    assert draft.wishes[0].roles == ("key-vault-secrets-user",)


def test_a_click_on_a_question_about_something_else_changes_nothing() -> None:
    draft = said("payments/payments-api on prod needs to send to queue payments because it pays")
    question = asked(draft)
    changed = said("payments/payments-api on prod needs to read secrets from kv-payments because it pays")
    heard = answer(changed, question, question.options[0].value, "U0ROSA")
    assert heard.draft == changed
    assert "no longer asked for" in heard.problems[0]


def test_a_field_that_is_wrong_is_asked_again_and_the_bare_answer_mends_it() -> None:
    draft = said("payments-api in namespace Pay_ments on prod")
    assert problems(draft, CATALOG)
    assert asked(draft).key == "namespace"
    mended = read(draft, "payments", CATALOG, None, "U0ROSA").draft
    assert mended.namespace == "payments"
    assert mended.service_account == "payments-api"
    assert not problems(mended, CATALOG)


def test_a_name_that_was_not_found_is_mended_by_saying_it_again() -> None:
    draft = said("payments/payments-api on prod needs to read secrets from kv-paymets")
    assert draft.wishes[0].scope is None
    mended = resolve(read(draft, "kv-payments", CATALOG, None, "U0ROSA").draft, FOUND, 2).draft
    assert [w.scope.short for w in mended.wishes if w.scope] == ["key vault kv-payments"]
    assert mended.reason is None


@pytest.mark.parametrize("words", ["yes", "ok", "because", "why?", "-", "no"])
def test_a_word_without_content_is_no_reason(words: str) -> None:
    draft = said("payments/payments-api on prod needs to read secrets from kv-payments")
    assert read(draft, words, CATALOG, asked(draft), "U0ROSA").draft.reason is None


def test_the_spec_holds_what_was_said_and_what_follows_from_it() -> None:
    draft = said(
        "payments/payments-api on prod needs to read secrets from kv-payments, used by external secrets",
        "it charges cards",
    )
    spec = to_spec(draft, CATALOG)
    assert (spec.application, spec.team, spec.tenant) == ("payments-api", "payments", "shop")
    assert spec.identity.name == "id-payments-api-prod"
    assert spec.identity.resource_group == "rg-identities-prod"
    assert [w.key for w in spec.workloads] == ["prod-weu/payments/payments-api"]
    assert spec.workloads[0].consumer is Consumer.EXTERNAL_SECRETS
    assert [(g.role, g.scope.name) for g in spec.grants] == [("key-vault-secrets-user", "kv-payments")]
    assert spec.reason == "it charges cards"


def test_what_was_understood_is_shown_field_by_field_in_plain_words() -> None:
    draft = said(
        "payments/payments-api on prod needs to read secrets from kv-payments because it charges cards"
    )
    assert fields(draft, CATALOG) == (
        ("Service account", "payments-api"),
        ("Namespace", "payments"),
        ("Cluster", "prod-weu (prod)"),
        ("Can", "read every secret of key vault kv-payments (Key Vault Secrets User)"),
        ("Because", "it charges cards"),
    )


def test_what_is_open_is_shown_as_open() -> None:
    draft = read(
        Draft(), "payments/payments-api on staging needs access to kv-x", EVERY_ROLE, None, "U0ROSA"
    ).draft
    shown = dict(fields(draft, EVERY_ROLE))
    assert shown["Cluster"] == "staging"
    assert shown["Can"] == "use kv-x (which role is open)"
