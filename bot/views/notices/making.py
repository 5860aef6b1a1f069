"""What is said while a request is made, and once its pull request is there."""

from bot.domain.catalog import Catalog
from bot.domain.request import IdentityRequest
from bot.views.parts import About, Part, few
from bot.views.progress import done_so_far
from bot.views.standing import pull_requests, standing
from bot.views.steps import label, noticed
from bot.views.words import Bold, Code, Line, fit, line

TEXT = 1_000


def failed(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    trouble = record.trouble
    problem = trouble.problem if trouble else "Something went wrong that I cannot mend."
    said: list[Part] = [line(Bold("It stopped. "), fit(problem, TEXT))]
    if trouble and trouble.remedy:
        said.append(line(Bold("What to do: "), fit(trouble.remedy, TEXT)))
    return [
        *said,
        *done_so_far(record),
        line("Then say ", Code("retry"), " here: it goes on where it stopped."),
    ]


def retrying(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return [line("I try again from where it stopped.")]


def proposed(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    look: list[Line] = []
    if record.plan:
        look += [line(Code(change.path), f": {change.what}") for change in record.plan.changes]
        look += [line(f"{pods.kind} {pods.name}: {noticed(pods)}") for pods in record.plan.pods]
    opening = line("The identity is made. Please review and merge ", *pull_requests(record), ".")
    shown: list[Part] = [line("What to look at:"), few(look)] if look else []
    return [opening, *shown, *_after(record)]


def _after(record: IdentityRequest) -> list[Part]:
    if record.plan is None or not record.plan.after:
        return []
    return [line("After the merge I make:"), few(line(label(step)) for step in record.plan.after)]


def merged(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return [line("Merged: ", *pull_requests(record), ". ", *standing(record, catalog).next)]


def live(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    return [line("It is live. ", *standing(record, catalog).next)]


def closed_unmerged(record: IdentityRequest, catalog: Catalog, about: About) -> list[Part]:
    closed = line(
        "the pull request ", *pull_requests(record), " was closed without a merge, so the request ends."
    )
    asks = line("What was made in Azure stands. Ask an operator to remove it if it is not wanted.")
    return [closed, *done_so_far(record), asks]
