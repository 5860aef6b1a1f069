"""The one thing to ask next: what is missing and matters most."""

from collections.abc import Sequence

from bot.domain.catalog import Catalog
from bot.domain.draft.checks import account_problem, cluster_problem, namespace_problem
from bot.domain.draft.fields_said import clusters_of
from bot.domain.draft.resources import fits, scope_of
from bot.domain.draft.values import Draft, Found, Option, Question, Wish
from bot.domain.roles import ROLES, Action, Family, role
from bot.domain.spec import ScopeKind

MOST_OPTIONS = 25
"""More than these nobody reads; the question can be answered in words as well."""
PLACES: dict[Family, str] = {
    Family.SECRETS: "key vault",
    Family.CERTIFICATES: "key vault",
    Family.KEYS: "key vault",
    Family.BLOBS: "storage account",
    Family.STORAGE_QUEUES: "storage account",
    Family.TABLES: "storage account",
    Family.BUS: "queue, topic or Service Bus namespace",
    Family.HUBS: "event hub",
    Family.GRID: "Event Grid topic",
    Family.SETTINGS: "App Configuration store",
    Family.IMAGES: "container registry",
    Family.METRICS: "Application Insights resource",
    Family.COSMOS: "Cosmos DB account",
}


def next_question(draft: Draft, catalog: Catalog, found: Sequence[Found] = ()) -> Question | None:
    """The question that matters most; None when everything is said. A field that is wrong is asked again."""
    if not draft.service_account or account_problem(draft, catalog):
        return _service_account(draft)
    if not draft.namespace or namespace_problem(draft, catalog):
        return _namespace(draft, catalog)
    if not draft.cluster or cluster_problem(draft, catalog):
        return _cluster(draft, catalog)
    if not draft.wishes:
        return Question(
            key="wish",
            text=f"What should {draft.service_account} be able to do? For example “read secrets from NAME”,"
            " “write blobs to NAME” or “send to queue NAME”.",
        )
    for index, wish in enumerate(draft.wishes):
        if question := _about_wish(index, wish, draft, found):
            return question
    if not draft.reason:
        return Question(
            key="reason",
            text=f"Why does {draft.service_account} need this? A sentence or a ticket; approvers read it.",
        )
    return None


def _service_account(draft: Draft) -> Question:
    where = f" in namespace {draft.namespace}" if draft.namespace else ""
    return Question(key="service_account", text=f"Which Kubernetes service account{where} is it for?")


def _namespace(draft: Draft, catalog: Catalog) -> Question:
    own = [t for t in catalog.teams if set(t.people) & set(draft.authors)]
    names = [n for t in (own or catalog.teams) for n in t.namespaces if not n.endswith("*")]
    return Question(
        key="namespace",
        text=f"In which namespace does {draft.service_account} run?",
        options=_options(names),
    )


def _cluster(draft: Draft, catalog: Catalog) -> Question:
    inside = clusters_of(draft.environment, catalog) if draft.environment else ()
    text = (
        f"“{draft.environment}” is more than one cluster. On which one?"
        if inside
        else f"On which cluster does {draft.service_account} run?"
    )
    return Question(key="cluster", text=text, options=_options(inside or [c.name for c in catalog.clusters]))


def _options(names: Sequence[str]) -> tuple[Option, ...]:
    return tuple(Option(label=n, value=n) for n in dict.fromkeys(names))[:MOST_OPTIONS]


def _about_wish(index: int, wish: Wish, draft: Draft, found: Sequence[Found]) -> Question | None:
    if not wish.resource and not wish.inner:
        return Question(key=f"resource:{index}", text=_which_resource(wish), options=_places(wish, found))
    if wish.scope is None and len(fitting := fits(wish, found)) > 1:
        return scope_question(index, wish, fitting)
    if wish.scope is not None and len(wish.roles) > 1:
        return role_question(index, wish)
    return None


def _which_resource(wish: Wish) -> str:
    places = dict.fromkeys(PLACES[role(key).family] for key in wish.roles)
    kinds = [k for k in wish.kinds if k is not ScopeKind.OTHER]
    if len(kinds) == 1:
        return f"Which {kinds[0]}? (for “{wish.said}”)"
    if len(places) == 1:
        return f"Which {next(iter(places))}? (for “{wish.said}”)"
    return f"“{wish.said}”: in which resource? Its name is enough, such as kv-payments."


def _places(wish: Wish, found: Sequence[Found]) -> tuple[Option, ...]:
    kinds = {kind for key in wish.roles for kind in role(key).kinds}
    return _options([f.name for f in found if f.kind in (wish.kinds or kinds)])


def scope_question(index: int, wish: Wish, fitting: Sequence[Found]) -> Question:
    """Which of several resources of that name is meant."""
    scopes = [scope_of(wish, one) for one in fitting]
    return Question(
        key=f"scope:{index}",
        text=f"There is more than one “{wish.inner or wish.resource}”. Which one is meant?",
        options=tuple(Option(label=s.short, value=s.id) for s in scopes)[:MOST_OPTIONS],
    )


def role_question(index: int, wish: Wish) -> Question:
    """Which of several roles the words mean."""
    where = wish.scope.short if wish.scope else (wish.inner or wish.resource)
    known = [r for r in ROLES if r.key in wish.roles]
    verb = "" if wish.actions in ((), (Action.USE,)) else f" (“{wish.said}”)"
    return Question(
        key=f"role:{index}",
        text=f"What should it be able to do with {where}{verb}?",
        options=tuple(
            Option(label=f"{r.lets} it".replace(" of it", "").capitalize(), value=r.key) for r in known
        ),
    )
