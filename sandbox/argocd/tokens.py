"""What a pod's log says about its token, judged by what the sandbox's Azure really holds."""

from typing import Any

from sandbox.argocd.cluster import Live
from sandbox.argocd.injection import AUDIENCE, environment, has_token
from sandbox.argocd.manifests import Key, service_account_name

ADVICE = (
    "Check your federated identity credential Subject, Audience and Issuer against the presented assertion. "
    "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
)


def token_line(azure: dict[str, Any] | None, cluster: str, key: Key, pod: Live) -> str | None:
    """The line with which the Azure SDK ends its first try; None for a pod without a token.

    `azure` is the view of the sandbox's Azure (sandbox/arm/README.md), None when there is none.
    """
    if azure is None or not has_token(pod.manifest):
        return None
    told = environment(pod.manifest)
    client = told.get("AZURE_CLIENT_ID", "")
    if not client:
        return "WorkloadIdentityCredential authentication unavailable: AZURE_CLIENT_ID is not set."
    identity = next((i for i in azure["identities"] if i["client_id"] == client), None)
    if identity is None:
        tenant = told.get("AZURE_TENANT_ID", "")
        return (
            f"AADSTS700016: Application with identifier '{client}' was not found in the directory '{tenant}'."
        )
    issuer = next((c["issuer"] for c in azure["clusters"] if c["name"] == cluster), "")
    subject = f"system:serviceaccount:{key.namespace}:{service_account_name(pod.manifest['spec'])}"
    return _exchanged(identity["credentials"], issuer, subject)


def _exchanged(credentials: list[dict[str, Any]], issuer: str, subject: str) -> str:
    left = credentials
    for code, part, value in (
        ("700211", "issuer", issuer),
        ("700213", "subject", subject),
        ("700212", "audience", AUDIENCE),
    ):
        left = [c for c in left if c[part] == value]
        if not left:
            told = f"No matching federated identity record found for presented assertion {part} '{value}'."
            return f"AADSTS{code}: {told} {ADVICE}"
    return "DefaultAzureCredential acquired a token from WorkloadIdentityCredential"
