"""The rest of a cluster's body: what AKS fills in by itself, so that clients find what they look for."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

VERSION = "1.33.5"
POOL: dict[str, Any] = {
    "name": "nodepool1",
    "count": 3,
    "vmSize": "Standard_DS2_v2",
    "osDiskSizeGB": 128,
    "osDiskType": "Managed",
    "kubeletDiskType": "OS",
    "maxPods": 110,
    "type": "VirtualMachineScaleSets",
    "enableAutoScaling": False,
    "powerState": {"code": "Running"},
    "orchestratorVersion": VERSION,
    "currentOrchestratorVersion": VERSION,
    "enableNodePublicIP": False,
    "mode": "System",
    "enableEncryptionAtHost": False,
    "enableUltraSSD": False,
    "osType": "Linux",
    "osSKU": "Ubuntu",
    "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202511.01.0",
    "upgradeSettings": {},
    "enableFIPS": False,
}
# Of a pool's request, what only matters while it is made: AKS does not give it back.
UNSEEN = ("scaleSetPriority", "scaleSetEvictionPolicy", "spotMaxPrice", "nodeTaints", "nodeLabels")
NETWORK: dict[str, Any] = {
    "networkPlugin": "kubenet",
    "loadBalancerSku": "standard",
    "podCidr": "10.244.0.0/16",
    "serviceCidr": "10.0.0.0/16",
    "dnsServiceIP": "10.0.0.10",
    "outboundType": "loadBalancer",
    "ipFamilies": ["IPv4"],
}
DRIVERS = ("diskCSIDriver", "fileCSIDriver", "snapshotController")


def fresh(group: str, name: str, location: str) -> dict[str, Any]:
    """A new cluster's properties, before anything was asked of it."""
    return {
        "kubernetesVersion": VERSION,
        "currentKubernetesVersion": VERSION,
        "dnsPrefix": name,
        "fqdn": f"{name}.hcp.{location}.azmk8s.io",
        "azurePortalFQDN": f"{name}.portal.hcp.{location}.azmk8s.io",
        "agentPoolProfiles": [deepcopy(POOL)],
        "servicePrincipalProfile": {"clientId": "msi"},
        "nodeResourceGroup": f"MC_{group}_{name}_{location}",
        "enableRBAC": True,
        "supportPlan": "KubernetesOfficial",
        "networkProfile": deepcopy(NETWORK),
        "maxAgentPools": 100,
        "disableLocalAccounts": False,
        "storageProfile": {driver: {"enabled": True} for driver in DRIVERS},
        "workloadAutoScalerProfile": {},
    }


def merged(properties: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The properties after a PUT: what was asked for over what is there, the pools filled up."""
    result = {**properties}
    for name, value in wanted.items():
        if name == "agentPoolProfiles":
            result[name] = [_pool(pool) for pool in value or []]
        elif name in ("networkProfile", "storageProfile", "workloadAutoScalerProfile"):
            result[name] = {**properties.get(name, {}), **(value or {})}
        elif value not in (None, "", {}):
            result[name] = value
    return result


def finished(
    properties: dict[str, Any], cluster: str, subscription: str, guid: Callable[[], str]
) -> dict[str, Any]:
    """The properties once the first operation is over: with an address and the kubelet's identity."""
    inside = f"/subscriptions/{subscription}/resourceGroups/{properties['nodeResourceGroup']}/providers"
    address = f"{inside}/Microsoft.Network/publicIPAddresses/{guid()}"
    balancer = {"managedOutboundIPs": {"count": 1}, "effectiveOutboundIPs": [{"id": address}]}
    own = f"{inside}/Microsoft.ManagedIdentity/userAssignedIdentities/{cluster}-agentpool"
    kubelet = {
        "resourceId": own.replace("/resourceGroups/", "/resourcegroups/"),
        "clientId": guid(),
        "objectId": guid(),
    }
    network = {**properties["networkProfile"], "loadBalancerProfile": balancer}
    return {**properties, "networkProfile": network, "identityProfile": {"kubeletidentity": kubelet}}


def shown(properties: dict[str, Any], state: str) -> dict[str, Any]:
    """The properties as a GET shows them in this provisioning state."""
    network = properties["networkProfile"]
    network = {
        "loadBalancerProfile": {"managedOutboundIPs": {"count": 1}},
        **network,
        "podCidrs": network.get("podCidrs", [network["podCidr"]]),
        "serviceCidrs": network.get("serviceCidrs", [network["serviceCidr"]]),
    }
    pools = [{**pool, "provisioningState": state} for pool in properties["agentPoolProfiles"]]
    head = {"provisioningState": state, "powerState": {"code": "Running"}}
    return {**head, **properties, "networkProfile": network, "agentPoolProfiles": pools}


def _pool(wanted: dict[str, Any]) -> dict[str, Any]:
    sent = {k: v for k, v in wanted.items() if v not in (None, "", 0) and k not in UNSEEN}
    return {**deepcopy(POOL), **sent}
