"""The draft shown back field by field, as a spec once it is complete, and as plain data."""

from typing import Any

from bot.domain import names
from bot.domain.catalog import Catalog
from bot.domain.draft.checks import problems
from bot.domain.draft.question import next_question
from bot.domain.draft.reading import read
from bot.domain.draft.values import Draft, Wish
from bot.domain.roles import can, role
from bot.domain.spec import Consumer, Grant, IdentityRef, Spec, Workload

NOBODY = "U0NOBODY"


def fields(draft: Draft, catalog: Catalog) -> tuple[tuple[str, str], ...]:
    """What was understood, field by field, in the order in which people think of it."""
    cluster = catalog.cluster(draft.cluster or "")
    where = f"{cluster.name} ({cluster.environment})" if cluster else draft.cluster
    lines = (
        ("Service account", draft.service_account),
        ("Namespace", draft.namespace),
        ("Cluster", where or draft.environment),
        ("Used by", None if draft.consumer is Consumer.POD else draft.consumer.value.replace("-", " ")),
        *(("Can", in_words(wish)) for wish in draft.wishes),
        ("Because", draft.reason),
    )
    return tuple((name, value) for name, value in lines if value)


def in_words(wish: Wish) -> str:
    """One wish as far as it is understood: what it comes to, or what is still open."""
    if len(wish.roles) == 1 and wish.scope:
        return f"{can(wish.roles[0], wish.scope)} ({role(wish.roles[0]).name})"
    where = "/".join(part for part in (wish.resource, wish.inner) if part) or "…"
    if len(wish.roles) == 1:
        return f"{role(wish.roles[0]).lets} {where} ({role(wish.roles[0]).name})"
    return f"{' or '.join(wish.actions) or 'use'} {where} (which role is open)"


def to_spec(draft: Draft, catalog: Catalog) -> Spec:
    """What is asked for. The draft is complete: no problem, no question, every wish settled."""
    cluster = catalog.cluster(draft.cluster or "")
    assert cluster and draft.namespace and draft.service_account and draft.reason
    workload = Workload(
        cluster=cluster.name,
        namespace=draft.namespace,
        service_account=draft.service_account,
        consumer=draft.consumer,
    )
    team = catalog.team_of(draft.namespace)
    place = cluster.identities
    return Spec(
        tenant=cluster.tenant,
        application=draft.service_account,
        team=team.name if team else None,
        identity=IdentityRef(
            subscription=place.subscription,
            resource_group=place.resource_group,
            name=names.identity(workload, cluster.environment),
            region=place.region,
        ),
        workloads=(workload,),
        grants=tuple(_grant(wish) for wish in draft.wishes),
        reason=draft.reason,
    )


def _grant(wish: Wish) -> Grant:
    assert wish.scope is not None
    (key,) = wish.roles
    return Grant(role=key, scope=wish.scope)


def understand(text: str, catalog: Catalog) -> dict[str, Any]:
    """What a first message comes to, as JSON values; nothing is looked up in Azure."""
    heard = read(Draft(), text, catalog, None, NOBODY)
    question = next_question(heard.draft, catalog)
    return {
        "command": heard.command,
        "fields": [list(pair) for pair in fields(heard.draft, catalog)],
        "draft": heard.draft.model_dump(mode="json", exclude={"authors"}),
        "leftovers": list(heard.leftovers),
        "problems": [*heard.problems, *problems(heard.draft, catalog)],
        "question": question.model_dump(mode="json") if question and not heard.command else None,
    }
