"""What is said while a request is asked for."""

from bot.domain.catalog import Catalog
from bot.domain.policy import Finding
from bot.domain.request import IdentityRequest
from bot.views.details import finding
from bot.views.help import guide
from bot.views.parts import WORD, About, Part, brief, few, fields
from bot.views.questions import asked
from bot.views.standing import standing
from bot.views.words import Channel, Code, Link, User, fit, line, listed

MEND = line("Say in this thread how it should be, or ", Code("cancel"), ".")


def problem(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    problems = brief(about.get("problems", ()))
    return [line("This cannot be done as it stands:"), problems, *_heard(about), MEND]


def question(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    question = record.question
    if question is None or about.get("question", question.key) != question.key:
        return [line("That question is answered by now."), *_heard(about)]
    return [*_heard(about), *asked(question)]


def understood(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    heard = _heard(about)
    return heard if heard else [line("I have noted that.")]


def not_heard(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    remedy = brief([about["remedy"]]) if about.get("remedy") else ()
    parts: list[Part] = [
        line(f"I cannot look up what you wrote: {about.get('problem', 'something is in the way')}")
    ]
    if remedy:
        parts += [line("An operator must mend that:"), remedy]
    return [*parts, line("Nothing is lost, and nobody need say it again: I try once a minute.")]


def _heard(about: About) -> list[Part]:
    """What was understood field by field, and what was not."""
    parts: list[Part] = []
    if pairs := about.get("fields"):
        parts += [line("This is what I understood:"), fields(pairs)]
    if leftovers := about.get("leftovers"):
        words = listed((Code(fit(str(word), WORD)),) for word in leftovers[:8])
        parts.append(line("I did not understand: ", *words))
    return parts


def queued_behind(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    by = line(" of ", User(about["by"])) if about.get("by") else ()
    where = line(" (", Link(about["link"], "its thread"), ")") if about.get("link") else ()
    first = line("Another request", *by, " for the same workload is under way", *where, ". ")
    return [(*first, "Yours waits behind it and goes on by itself once that one is proposed or ends.")]


def claim_free(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return [line("The request before this one is out of the way. Yours goes on.")]


def not_yours(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    owner = User(about.get("requester") or record.requester.user)
    return [
        line(
            "Only ",
            owner,
            " can change this request. What you wrote is not part of it. "
            "Mention me in a new message to ask for something yourself.",
        )
    ]


def edited(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return [line("I do not read edits: what you wrote first still counts. Say the change in a new message.")]


def deleted(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    still = line("Your deleted message is still part of the request. ")
    return [(*still, "Say in a new message what should change, or ", Code("cancel"), ".")]


def unknown_words(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    word = fit(str(about.get("command") or ""), WORD)
    nearest = line(" Did you mean ", Code(str(about["nearest"])), "?") if about.get("nearest") else ()
    said = line("I do not know ", Code(word), ".") if word else line("I did not understand that.")
    return [(*said, *nearest, " Say ", Code("help"), " for what I know.")]


def wrong_channel(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return [line("I take requests only in ", *listed(((Channel(c),) for c in catalog.channels), "or"), ".")]


def blocked_by_policy(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    stored = about.get("findings")
    found = (
        [Finding.model_validate(f) for f in stored] if stored else [f for f in record.findings if f.blocks]
    )
    return [
        line("The rules do not allow this as it stands, so nobody is asked to approve it:"),
        few(finding(f) for f in found),
        MEND,
    ]


def help(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return guide(catalog)


def status(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    where = standing(record, catalog)
    return [line(*where.heading), where.next]
