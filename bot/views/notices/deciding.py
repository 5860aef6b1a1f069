"""What is said while a request is decided on, and when it ends without being made."""

from bot.domain.catalog import Catalog
from bot.domain.request import IdentityRequest
from bot.views.parts import WORD, About, Part, Quoted, brief
from bot.views.progress import done_so_far
from bot.views.refusals import refused
from bot.views.standing import missing, standing
from bot.views.words import Code, Moment, User, counted, fit, line, people

DIGEST = 12


def refused_approval(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return [refused(str(about.get("reason", "")), record, catalog)]


def rejected_ask_reason(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return [line("The request is rejected and nothing was changed. Please answer here with the reason.")]


def rejected(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    by = line(" by ", User(about["by"])) if about.get("by") else ()
    said: list[Part] = [line(User(record.requester.user), ", the request is rejected", *by, ".")]
    if record.rejected_because:
        said.append(Quoted(record.rejected_because))
    return [*said, line("Nothing was changed. Mention me in a new message to ask differently.")]


def approval_taken_back(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    took = (
        line(User(about["by"]), " took the approval back.")
        if about.get("by")
        else line("An approval is gone.")
    )
    more = counted(missing(record, catalog), "more approval")
    return [(*took, f" Nothing was changed; the request waits for {more}.")]


def approved(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    by = line("Approved by ", *people(a.person.user for a in record.approvals), ". ")
    if record.hold_until is None:
        return [(*by, "It starts now.")]
    begins = line("It starts ", Moment(record.hold_until, exact=True))
    return [(*by, *begins, "; taking ✅ away before then stops it.")]


def digest_changed(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    why = fit(str(about.get("problem") or "What would happen now differs from what was shown."), WORD)
    said: list[Part] = [line(f"{why} Earlier approvals count no more; a new card is to be approved.")]
    if changes := about.get("changes"):
        said.append(brief(changes))
    if about.get("before") and about.get("after"):
        said.append(
            line("Plan ", Code(about["before"][:DIGEST]), " became ", Code(about["after"][:DIGEST]), ".")
        )
    return [*said, *done_so_far(record)] if record.progress else said


def too_late(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    where = standing(record, catalog)
    return [
        line("It is too late for that: the request is past the point where it can be changed."),
        line(*where.heading, ". ", *where.next),
    ]


def withdrawn(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return [line("The request is withdrawn. Nothing was changed.")]


def expired(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return [
        line(
            "Nobody acted in time, so the request has expired. Nothing was changed. "
            "Mention me in a new message to ask again."
        )
    ]
