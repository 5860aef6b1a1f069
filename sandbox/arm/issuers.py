"""The clusters' OIDC issuers: their published documents, and the service account tokens that they sign."""

from aiohttp import web

from sandbox.arm.clusters import Clusters
from sandbox.arm.core import Azure
from sandbox.arm.tokens import Keyring

AUDIENCE = "api://AzureADTokenExchange"
LIFETIME = 3600


class Issuers:
    """What a cluster's API server does for workload identity."""

    def __init__(self, azure: Azure, keyring: Keyring, clusters: Clusters) -> None:
        self._azure = azure
        self._keyring = keyring
        self._clusters = clusters

    def add_to(self, app: web.Application) -> None:
        """The application publishes every issuer's documents."""
        app.router.add_get("/oidc/{tenant}/{issuer}/.well-known/openid-configuration", self.configuration)
        app.router.add_get("/oidc/{tenant}/{issuer}/openid/v1/jwks", self.jwks)

    async def configuration(self, request: web.Request) -> web.Response:
        """An issuer's OpenID configuration; 404 for one that no cluster has any more."""
        self._known(request)
        issuer = f"{self._azure.base}/oidc/{request.match_info['tenant']}/{request.match_info['issuer']}/"
        body = {
            "issuer": issuer,
            "jwks_uri": f"{issuer}openid/v1/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return web.json_response(body)

    async def jwks(self, request: web.Request) -> web.Response:
        """The keys by which an issuer's tokens can be checked."""
        issuer = self._known(request)
        return web.json_response(self._keyring.jwks(self._azure.state, issuer))

    def token(
        self,
        cluster: str,
        namespace: str,
        name: str,
        *,
        audience: str = AUDIENCE,
        lifetime: float = LIFETIME,
        age: float = 0.0,
    ) -> str:
        """A service account's projected token, as the kubelet writes it into the pod, `age` seconds old."""
        found = self._clusters.named(cluster)
        issued = int(self._azure.now() - age)
        fresh = found.hidden["issuer"] not in self._azure.state.keys
        claims = {
            "iss": self._clusters.issuer(found),
            "sub": f"system:serviceaccount:{namespace}:{name}",
            "aud": [audience],
            "iat": issued,
            "nbf": issued,
            "exp": int(issued + lifetime),
            "kubernetes.io": {
                "namespace": namespace,
                "serviceaccount": {"name": name, "uid": self._azure.new_guid()},
            },
        }
        token = self._keyring.sign(self._azure.state, found.hidden["issuer"], claims)
        if fresh:
            self._azure.changed()
        return token

    def _known(self, request: web.Request) -> str:
        for cluster in self._clusters.all():
            if cluster.hidden["oidc"] and cluster.hidden["issuer"] == request.match_info["issuer"]:
                issuer: str = cluster.hidden["issuer"]
                return issuer
        raise web.HTTPNotFound(text="No cluster has this issuer.")
