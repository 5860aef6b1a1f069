"""What the workload identity webhook does to a pod (Azure/azure-workload-identity, pkg/webhook)."""

import copy

from sandbox.argocd.manifests import Manifest

LABEL = "azure.workload.identity/use"
CLIENT_ID = "azure.workload.identity/client-id"
TENANT_ID = "azure.workload.identity/tenant-id"
SKIPPED = "azure.workload.identity/skip-containers"
EXPIRATION = "azure.workload.identity/service-account-token-expiration"
FOLDER = "/var/run/secrets/azure/tokens"
TOKEN_FILE = "azure-identity-token"
AUDIENCE = "api://AzureADTokenExchange"
AUTHORITY = "https://login.microsoftonline.com/"


def inject(pod: Manifest, account: Manifest | None, default_tenant: str) -> Manifest:
    """The pod as the webhook lets it in: unchanged without the label, else with environment and token."""
    metadata = pod.get("metadata") or {}
    if str((metadata.get("labels") or {}).get(LABEL, "")) != "true":
        return pod
    told = ((account or {}).get("metadata") or {}).get("annotations") or {}
    own = metadata.get("annotations") or {}
    wanted = {
        "AZURE_CLIENT_ID": str(told.get(CLIENT_ID, "")),
        "AZURE_TENANT_ID": str(told.get(TENANT_ID, default_tenant)),
        "AZURE_FEDERATED_TOKEN_FILE": f"{FOLDER}/{TOKEN_FILE}",
        "AZURE_AUTHORITY_HOST": AUTHORITY,
    }
    made = copy.deepcopy(pod)
    spec = made["spec"]
    skipped = {name.strip() for name in str(own.get(SKIPPED, "")).split(";")}
    for container in (*(spec.get("initContainers") or []), *(spec.get("containers") or [])):
        if container.get("name") not in skipped:
            _give(container, wanted)
    lifetime = own.get(EXPIRATION) or told.get(EXPIRATION) or 3600
    token = {"path": TOKEN_FILE, "audience": AUDIENCE, "expirationSeconds": int(lifetime)}
    volume = {
        "name": TOKEN_FILE,
        "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": token}]},
    }
    spec["volumes"] = [v for v in spec.get("volumes") or [] if v.get("name") != TOKEN_FILE] + [volume]
    return made


def _give(container: Manifest, wanted: dict[str, str]) -> None:
    held = list(container.get("env") or [])
    names = {row.get("name") for row in held}
    # Present ones stay, and an empty value is not given at all.
    held += [{"name": name, "value": value} for name, value in wanted.items() if value and name not in names]
    container["env"] = held
    mounts = [m for m in container.get("volumeMounts") or [] if m.get("mountPath") != FOLDER]
    container["volumeMounts"] = [*mounts, {"name": TOKEN_FILE, "mountPath": FOLDER, "readOnly": True}]


def environment(pod: Manifest) -> dict[str, str]:
    """The environment of a pod's first container that has any AZURE_ name, as far as it is plain values."""
    for container in (pod.get("spec") or {}).get("containers") or []:
        rows = {r["name"]: str(r.get("value", "")) for r in container.get("env") or [] if "name" in r}
        if any(name.startswith("AZURE_") for name in rows):
            return rows
    return {}


def has_token(pod: Manifest) -> bool:
    """Whether the pod has the projected token for Entra."""
    for volume in (pod.get("spec") or {}).get("volumes") or []:
        for source in (volume.get("projected") or {}).get("sources") or []:
            if (source.get("serviceAccountToken") or {}).get("audience") == AUDIENCE:
                return True
    return False
