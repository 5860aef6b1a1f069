"""Values as production makes them, valid by default: a test states only its difference."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain import plan
from bot.domain.catalog import Catalog
from bot.domain.observed import ClusterSeen, FileChange, IdentitySeen, Observed, PodsSeen, ProposalSeen
from bot.domain.plan import Plan
from bot.domain.request import Card, IdentityRequest, Progress, PullRequest, State, Thread, Trouble
from bot.domain.spec import Grant, IdentityRef, Person, Scope, ScopeKind, Spec, Workload

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROSA = Person(user="U0ROSA", team="T0SHOP")
ANN = Person(user="U0ANN", team="T0SHOP")
BEN = Person(user="U0BEN", team="T0SHOP")
SUBSCRIPTION = "1a2b3c4d-0001-4000-8000-00000000aaaa"
TENANT = "3f6c2a1e-8f0d-4b57-9a3c-5d1e7b2f4a60"
CLIENT_ID = "0c5d9e1f-7a3b-4c2d-8e6f-1a2b3c4d5e6f"
PRINCIPAL_ID = "7b6a5c4d-3e2f-4a1b-9c8d-0e1f2a3b4c5d"
ISSUER = "https://westeurope.oic.prod-aks.azure.com/3f6c2a1e/8d2f/"
REQUEST = "r-0123456789ab"
DIFF = """\
--- a/apps/payments-api/overlays/prod/serviceaccount.yaml
+++ b/apps/payments-api/overlays/prod/serviceaccount.yaml
@@ -1,4 +1,6 @@
 kind: ServiceAccount
 metadata:
   name: payments-api
+  annotations:
+    azure.workload.identity/client-id: known after apply
"""


def catalog(**cluster: Any) -> Catalog:
    """The shop's catalog with one cluster, prod-weu, changed as said."""
    place = {"subscription": SUBSCRIPTION, "resource_group": "rg-identities-prod", "region": "westeurope"}
    prod = {
        "name": "prod-weu", "environment": "prod", "tenant": "shop", "subscription": SUBSCRIPTION,
        "resource_group": "rg-aks-prod", "region": "westeurope", "issuer": ISSUER, "identities": place,
        "repository": "shop/gitops", "paths": ["apps/{service_account}/overlays/{environment}"],
        "approvers": {"group": "S0PLATFORM"},
    }  # fmt: skip
    own = {
        "principal": PRINCIPAL_ID, "resource_group": "rg-identity-bot", "subscription": SUBSCRIPTION,
        "identity": "id-identity-bot", "namespace": "identity-bot", "service_account": "identity-bot",
    }  # fmt: skip
    return Catalog.model_validate(
        {
            "channels": ["C0IDENTITIES"],
            "tenants": [{"name": "shop", "id": TENANT, "subscriptions": [SUBSCRIPTION]}],
            "clusters": [{**prod, **cluster}],
            "roles": ["key-vault-secrets-user", "storage-blob-data-reader"],
            "bot": own,
        }
    )


def vault(name: str = "kv-payments") -> Scope:
    """A key vault of the shop."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-data-prod"
    return Scope(id=f"{group}/providers/Microsoft.KeyVault/vaults/{name}", kind=ScopeKind.VAULT, name=name)


def grants(count: int = 1) -> tuple[Grant, ...]:
    """So many grants on as many vaults."""
    names = ["kv-payments", *(f"kv-payments-{n:02}" for n in range(2, count + 1))]
    return tuple(Grant(role="key-vault-secrets-user", scope=vault(name)) for name in names[:count])


def workload(cluster: str = "prod-weu", account: str = "payments-api") -> Workload:
    """A workload of the payments team."""
    return Workload(cluster=cluster, namespace="payments", service_account=account)


def spec(**changes: Any) -> Spec:
    """payments-api on prod-weu reads the secrets of kv-payments."""
    identity = IdentityRef(
        subscription=SUBSCRIPTION, resource_group="rg-identities-prod", name="id-payments-api-prod",
        region="westeurope",
    )  # fmt: skip
    fields: dict[str, Any] = {
        "tenant": "shop", "application": "payments-api", "team": "payments", "identity": identity,
        "workloads": (workload(),), "grants": grants(), "reason": "it charges cards",
    }  # fmt: skip
    return Spec(**{**fields, **changes})


def observed(wanted: Spec | None = None, **changes: Any) -> Observed:
    """Nothing of it is there yet; the repository has the ServiceAccount without annotations."""
    wanted = wanted or spec()
    clusters = {w.cluster for w in wanted.workloads}
    fields: dict[str, Any] = {
        "identity": None,
        "clusters": tuple(
            ClusterSeen(name=name, issuer=ISSUER, oidc_enabled=True, workload_identity_enabled=True)
            for name in sorted(clusters)
        ),
        "proposals": tuple(proposal(w) for w in wanted.workloads),
    }
    return Observed(**{**fields, **changes})


def identity_seen() -> IdentitySeen:
    """The identity, made by this bot before."""
    return IdentitySeen(
        id=spec().identity.id, client_id=CLIENT_ID, principal_id=PRINCIPAL_ID, tenant_id=TENANT,
        region="westeurope", tags={"managed-by": "identity-bot"},
    )  # fmt: skip


def proposal(of: Workload, diff: str = DIFF, **changes: Any) -> ProposalSeen:
    """One file changes, and one deployment rolls."""
    path = f"apps/{of.service_account}/overlays/{of.cluster}"
    fields: dict[str, Any] = {
        "workload": of.key, "repository": "shop/gitops", "branch": "main", "path": path, "base": "c0ffee",
        "strategy": "annotate", "why": "the ServiceAccount stands in this overlay", "essence": "{}",
        "changes": (
            FileChange(path=f"{path}/sa.yaml", what="annotates the ServiceAccount", new=False, diff=diff),
        ),
        "pods": (PodsSeen(kind="Deployment", name=of.service_account, effect="rolls now"),),
        "applications": (f"{of.service_account}-{of.cluster}",),
    }  # fmt: skip
    return ProposalSeen(**{**fields, **changes})


def planned(wanted: Spec | None = None, seen: Observed | None = None, of: Catalog | None = None) -> Plan:
    """The plan that production builds."""
    wanted = wanted or spec()
    return plan.build(wanted, seen or observed(wanted), of or catalog(), REQUEST)


def record(
    wanted: Spec | None = None, seen: Observed | None = None, of: Catalog | None = None, **changes: Any
) -> IdentityRequest:
    """A request of Rosa's that waits for approval, its card posted."""
    wanted = wanted or spec()
    seen = seen or observed(wanted)
    built = planned(wanted, seen, of)
    fields: dict[str, Any] = {
        "id": REQUEST, "requester": ROSA, "thread": Thread(channel="C0IDENTITIES", ts="1764000000.000100"),
        "opened": NOON, "state": State.REVIEWED, "spec": wanted, "observed": seen, "plan": built,
        "cards": (Card(digest=built.digest, ts="1764000100.000200"),),
    }  # fmt: skip
    return IdentityRequest(**{**fields, **changes})


def in_state(state: State, **changes: Any) -> IdentityRequest:
    """A request in a state, with what such a one holds."""
    return record(**{**STATES.get(state, {}), "state": state, **changes})


def done(*keys: str) -> dict[str, Progress]:
    """Steps that took two seconds each; the identity with its outputs."""
    outputs = {"client_id": CLIENT_ID, "principal_id": PRINCIPAL_ID, "tenant_id": TENANT}
    return {
        key: Progress(
            begun=NOON, ended=NOON + timedelta(seconds=2), outputs=outputs if key == "identity" else {}
        )
        for key in keys
    }


PULL = PullRequest(repository="shop/gitops", number=7, url="https://github.example/shop/gitops/pull/7")
STATES: dict[State, dict[str, Any]] = {
    State.APPROVED: {"hold_until": NOON + timedelta(seconds=20)},
    State.PROVISIONING: {"progress": {**done("identity")}},
    State.PROPOSED: {"progress": done("identity"), "pull_requests": (PULL,)},
    State.MERGED: {"progress": done("identity"), "pull_requests": (PULL,)},
    State.LIVE: {"progress": done("identity"), "pull_requests": (PULL,)},
    State.REJECTED: {"rejected_by": ANN, "rejected_because": "use the staging vault"},
    State.FAILED: {
        "progress": done("identity"),
        "trouble": Trouble(
            problem="Azure Policy denies it.",
            remedy="Ask for an exemption.",
            obstacle="denied by Azure Policy",
        ),
    },
}
