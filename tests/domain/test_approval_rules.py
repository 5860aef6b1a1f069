"""What reactions come to, where several clusters, several people or a slow Slack make it hard."""

from datetime import UTC, datetime

import pytest

from bot.domain import approval
from bot.domain.catalog import Approvers, Catalog
from bot.domain.people import People, PersonSeen
from bot.domain.plan import Plan
from bot.domain.request import Card, IdentityRequest, Reaction, State, Thread
from bot.domain.spec import IdentityRef, Person, Spec, Workload

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROSA, ANN, BEN = (Person(user=user, team="T0SHOP") for user in ("U0ROSA", "U0ANN", "U0BEN"))
PLATFORM, SECURITY = "S0PLATFORM", "S0SECURITY"


def catalog(*groups: str, needed: int = 1) -> Catalog:
    """A cluster for each group, whose members approve there."""
    guid = "1a2b3c4d-0001-4000-8000-00000000aaaa"
    place = {"subscription": guid, "resource_group": "rg", "region": "westeurope"}
    clusters = [
        place
        | {
            "name": f"c{number}",
            "environment": "prod",
            "tenant": "shop",
            "issuer": f"https://c{number}/",
            "identities": place,
            "repository": "shop/gitops",
            "paths": ["apps/{namespace}"],
            "approvers": {"group": group, "needed": needed},
        }
        for number, group in enumerate(groups)
    ]
    own = {"principal": guid, "identity": "id-bot", "namespace": "bot", "service_account": "bot"}
    return Catalog.model_validate(
        {
            "channels": ["C0IDENTITIES"],
            "tenants": [{"name": "shop", "id": guid, "subscriptions": [guid]}],
            "clusters": clusters,
            "roles": ["key-vault-secrets-user"],
            "bot": own | {"subscription": guid, "resource_group": "rg-bot"},
        }
    )


def reviewed(known: Catalog, *reactions: Reaction) -> IdentityRequest:
    """A request whose card is out, with these reactions come in."""
    identity = IdentityRef(subscription="s", resource_group="rg", name="id-x", region="westeurope")
    workloads = tuple(
        Workload(cluster=c.name, namespace="payments", service_account="api") for c in known.clusters
    )
    spec = Spec(
        tenant="shop",
        application="api",
        team=None,
        identity=identity,
        workloads=workloads,
        grants=(),
        reason="x",
    )
    plan = Plan(spec=spec, before=())
    return IdentityRequest(
        id="r-1",
        state=State.REVIEWED,
        requester=ROSA,
        thread=Thread(channel="C0IDENTITIES", ts="1.0"),
        opened=NOW,
        spec=spec,
        plan=plan,
        cards=(Card(digest=plan.digest, ts="2.0", seeded=True),),
        reactions=reactions,
    )


def people(**groups: frozenset[str]) -> People:
    """Everybody is a full member; the groups have these members."""
    seen = {p.user: PersonSeen(user=p.user, team="T0SHOP") for p in (ROSA, ANN, BEN)}
    return People(seen=seen, groups=groups)


def reacted(person: Person, at: str, *, added: bool = True) -> Reaction:
    return Reaction(name=approval.APPROVE, person=person, card="2.0", added=added, at=at)


def test_each_clusters_own_group_must_say_yes() -> None:
    known = catalog(PLATFORM, SECURITY)
    both = people(S0PLATFORM=frozenset({ANN.user}), S0SECURITY=frozenset({BEN.user}))

    first = approval.decide(reviewed(known, reacted(ANN, "3.0")), both, known, NOW)
    assert first.state is State.REVIEWED, "nobody of security has said yes"

    second = first.evolve(reactions=(*first.reactions, reacted(BEN, "4.0")))
    assert approval.decide(second, both, known, NOW).state is State.APPROVED


def test_one_person_does_not_count_twice() -> None:
    known = catalog(PLATFORM, needed=2)
    group = people(S0PLATFORM=frozenset({ANN.user, BEN.user}))

    twice = reviewed(known, reacted(ANN, "3.0"), reacted(ANN, "4.0"))
    assert approval.decide(twice, group, known, NOW).state is State.REVIEWED

    two = reviewed(known, reacted(ANN, "3.0"), reacted(BEN, "4.0"))
    assert approval.decide(two, group, known, NOW).state is State.APPROVED


def test_an_approval_taken_back_leaves_the_others_standing() -> None:
    known = catalog(PLATFORM)
    group = people(S0PLATFORM=frozenset({ANN.user, BEN.user}))
    record = reviewed(known, reacted(ANN, "3.0"), reacted(BEN, "4.0"), reacted(BEN, "5.0", added=False))

    decided = approval.decide(record, group, known, NOW)

    assert decided.state is State.APPROVED
    assert [a.person.user for a in decided.approvals] == [ANN.user]


def test_a_removal_that_slack_delivers_late_does_not_take_back_the_later_approval() -> None:
    known = catalog(PLATFORM)
    group = people(S0PLATFORM=frozenset({ANN.user}))
    approved = approval.decide(reviewed(known, reacted(ANN, "5.0")), group, known, NOW)

    late = approved.evolve(reactions=(*approved.reactions, reacted(ANN, "4.0", added=False)))

    assert approval.decide(late, group, known, NOW).state is State.APPROVED


def test_a_request_that_waits_again_can_expire_again() -> None:
    known = catalog(PLATFORM)
    group = people(S0PLATFORM=frozenset({ANN.user}))
    record = reviewed(known, reacted(ANN, "3.0"), reacted(ANN, "4.0", added=False))

    decided = approval.decide(record, group, known, NOW)

    assert decided.state is State.REVIEWED
    assert decided.expires is not None


def test_a_group_that_cannot_be_read_has_no_members() -> None:
    known = catalog(PLATFORM)

    decided = approval.decide(reviewed(known, reacted(ANN, "3.0")), people(), known, NOW)

    assert decided.state is State.REVIEWED
    assert [n.about["reason"] for n in decided.outbox] == ["group_unreadable"]


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        ({"deleted": True}, "deactivated"),
        ({"is_bot": True}, "bot"),
        ({"stranger": True}, "stranger"),
        ({"guest": True}, "guest"),
        ({"team": "T0SISTER"}, "other_workspace"),
        ({"enterprise": "E0OTHER"}, "other_workspace"),
    ],
)
def test_an_account_that_is_no_full_active_member_is_refused(account: dict[str, object], reason: str) -> None:
    known = catalog(PLATFORM)
    ann = PersonSeen.model_validate({"user": ANN.user, "team": "T0SHOP"} | account)
    seen = People(seen={ANN.user: ann}, groups={PLATFORM: frozenset({ANN.user})})

    assert approval.refusal(reviewed(known), ANN, seen, known) == reason


def test_listed_people_may_approve_without_any_group() -> None:
    known = catalog(PLATFORM)
    listed = known.model_copy(
        update={
            "clusters": tuple(
                c.model_copy(update={"approvers": Approvers(people=(BEN.user,))}) for c in known.clusters
            )
        }
    )
    decided = approval.decide(reviewed(listed, reacted(BEN, "3.0")), people(), listed, NOW)

    assert decided.state is State.APPROVED
