"""The fields of a workload as a message gives or changes them."""

from collections.abc import Sequence

from bot.domain.catalog import Catalog
from bot.domain.draft.items import Item, Label, Part
from bot.domain.draft.said import Said
from bot.domain.draft.values import Draft
from bot.domain.draft.words import ENVIRONMENTS
from bot.domain.spec import Consumer

ONE_AT_A_TIME = (
    "You named more than one {what}: {names}. One request is for one workload; please say which comes first,"
    " and ask for the others in messages of their own."
)


def with_fields(draft: Draft, said: Said, catalog: Catalog) -> tuple[Draft, tuple[str, ...]]:
    """The draft with the message's fields in it, and what is wrong with them."""
    problems: list[str] = []
    draft = _without_refused(draft, said)
    clusters = _narrowed([_known(value, catalog) for value in said.clusters], catalog)
    if len(clusters) > 1:
        problems.append(_more("cluster", clusters))
    elif clusters:
        draft = on_cluster(draft, clusters[0], catalog)
    namespaces = _each(said.namespaces)
    if len(namespaces) > 1:
        problems.append(_more("namespace", namespaces))
    elif namespaces:
        draft = draft.model_copy(update={"namespace": namespaces[0]})
    accounts = _each(said.accounts) or _each(said.apps)
    if len(accounts) > 1:
        problems.append(_more("service account", accounts))
    elif accounts:
        draft = draft.model_copy(update={"service_account": accounts[0]})
    return _with_consumer_and_reason(draft, said), tuple(problems)


def _with_consumer_and_reason(draft: Draft, said: Said) -> Draft:
    changes: dict[str, object] = {}
    if said.consumer:
        changes["consumer"] = Consumer(said.consumer)
    elif said.no_consumer:
        changes["consumer"] = Consumer.POD
    if said.reason:
        changes["reason"] = said.reason
    return draft.model_copy(update=changes)


def on_cluster(draft: Draft, value: str, catalog: Catalog) -> Draft:
    """The draft on a cluster that was named by name, alias or environment, known or not."""
    if cluster := catalog.cluster(value):
        return draft.model_copy(update={"cluster": cluster.name, "environment": None})
    inside = clusters_of(value, catalog)
    if len(inside) == 1:
        return draft.model_copy(update={"cluster": inside[0], "environment": None})
    if inside:
        if draft.cluster in inside:
            return draft
        return draft.model_copy(update={"cluster": None, "environment": value.casefold()})
    return draft.model_copy(update={"cluster": value, "environment": None})


def clusters_of(environment: str, catalog: Catalog) -> tuple[str, ...]:
    """The clusters of an environment, by any word for it."""
    word = environment.casefold()
    row = next((row for row in ENVIRONMENTS if word in row), frozenset({word}))
    return tuple(c.name for c in catalog.clusters if c.environment in row)


def plain_name(name: str) -> str:
    """A name as Kubernetes writes it: phones begin sentences with a capital, Kubernetes has none."""
    return name.casefold() if name.isascii() else name


def _each(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain_name(name) for name in names))


def _known(value: str, catalog: Catalog) -> str:
    cluster = catalog.cluster(value)
    return cluster.name if cluster else value


def _narrowed(values: Sequence[str], catalog: Catalog) -> tuple[str, ...]:
    """The clusters said, without an environment that only says again what a cluster's name says."""
    each = tuple(dict.fromkeys(values))
    return tuple(v for v in each if not any(o != v and o in clusters_of(v, catalog) for o in each))


def _more(what: str, names: Sequence[str]) -> str:
    return ONE_AT_A_TIME.format(what=what, names=" and ".join(names))


def _without_refused(draft: Draft, said: Said) -> Draft:
    """What the message speaks against is no longer in the draft."""
    changes: dict[str, object] = {}
    for item in (one for run in said.against for one in run.items):
        name = plain_name(item.name or item.value)
        if item.part is Part.CLUSTER or (
            item.part in (Part.FIELD, Part.LABEL) and item.value == Label.CLUSTER
        ):
            changes |= {"cluster": None, "environment": None} if _is_there(item, draft) else {}
        elif item.part in (Part.FIELD, Part.LABEL) and item.value == Label.NAMESPACE:
            if item.part is Part.LABEL or name == draft.namespace:
                changes["namespace"] = None
        elif item.part is Part.FIELD and name == draft.service_account:
            changes["service_account"] = None
    return draft.model_copy(update=changes)


def _is_there(item: Item, draft: Draft) -> bool:
    """Whether the cluster or environment that is spoken against is the draft's."""
    said = (item.name or item.value).casefold()
    row = next((row for row in ENVIRONMENTS if said in row), frozenset({said}))
    now = (draft.cluster or "").casefold()
    return (
        item.part is Part.LABEL
        or now == said
        or draft.environment in row
        or any(piece in row for piece in now.split("-"))
    )
