"""The sandbox's Azure as one service of its world."""

from typing import Any

from aiohttp import web

from sandbox.arm import view
from sandbox.arm.assignments import Assignments
from sandbox.arm.clusters import Clusters
from sandbox.arm.core import Azure
from sandbox.arm.cosmos import Cosmos
from sandbox.arm.credentials import Credentials
from sandbox.arm.definitions import Definitions
from sandbox.arm.entra import Entra
from sandbox.arm.gateway import Gateway
from sandbox.arm.graph import Graph
from sandbox.arm.host import Host
from sandbox.arm.identities import Identities
from sandbox.arm.issuers import Issuers
from sandbox.arm.limits import Limits
from sandbox.arm.locks import Locks
from sandbox.arm.model import State
from sandbox.arm.options import Options
from sandbox.arm.planes.front import Front
from sandbox.arm.policy_insights import PolicyInsights
from sandbox.arm.resource_graph import ResourceGraph
from sandbox.arm.routing import Router
from sandbox.arm.sample import Sample
from sandbox.arm.scopes import Scopes
from sandbox.arm.tokens import Keyring
from sandbox.gate import gate
from sandbox.world import World


class Arm:
    """Azure Resource Manager, Entra, the clusters' issuers and the data planes behind one TLS port."""

    name = "arm"

    def __init__(self, world: World, sample: dict[str, Any], options: Options | None = None) -> None:
        self.options = options or Options()
        self._world = world
        self.azure = Azure(world, State(), self.options)
        self._builder = Sample(self.azure, sample)
        self._builder.build()
        self.keyring = Keyring()
        self.clusters = Clusters(self.azure)
        self.issuers = Issuers(self.azure, self.keyring, self.clusters)
        self.entra = Entra(self.azure, self.keyring, self.clusters)
        self._cosmos = Cosmos(self.azure)
        self._host = Host(self.azure, self.entra, sample["caller"]["object_id"])

    def app(self) -> web.Application:
        """Everything that is spoken over TLS."""
        app = web.Application(middlewares=[gate(self._world, self.name)], client_max_size=4 * 1024 * 1024)
        self.entra.add_to(app)
        self.issuers.add_to(app)
        Graph(self.azure, self.keyring).add_to(app)
        front, gateway = Front(self.azure, self.keyring, self._cosmos), self._gateway()
        front.add_to(app)

        async def answer(request: web.Request) -> web.StreamResponse:
            return await front.by_host(request) or await gateway.answer(request)

        app.router.add_route("*", "/{path:.*}", answer)
        return app

    def identity_app(self) -> web.Application:
        """The identity endpoint, spoken over plain HTTP."""
        app = web.Application(middlewares=[gate(self._world, "identity")])
        app.router.add_get("/token", self._host.token)
        return app

    def snapshot(self) -> dict[str, Any]:
        """Its whole state as JSON values."""
        return self.azure.state.snapshot()

    def restore(self, saved: dict[str, Any]) -> None:
        """It is as it was when the snapshot was taken."""
        self.azure.use(State.restored(saved))

    def view(self) -> dict[str, Any]:
        """What the page shows of it."""
        return view.view(self.azure, self.clusters, self._cosmos)

    def reset(self) -> None:
        """It is as it was at first, but for ids that are drawn."""
        self.azure.use(State())
        self._builder.build()
        self.azure.changed()

    def extend(self, section: dict[str, Any]) -> None:
        """What a section in the sample's form names is there, too: vaults, assignments, locks, policies."""
        self._builder.extend(section)
        self.azure.changed()

    def scope(self, named: str) -> str:
        """The id of `subscription/group/resource`, of which the end may be left out."""
        return self._builder.scope(named)

    def service_account_token(self, cluster: str, namespace: str, name: str, **options: Any) -> str:
        """A service account's token, signed by its cluster; options: audience, lifetime, age (seconds)."""
        return self.issuers.token(cluster, namespace, name, **options)

    def rebuild_cluster(self, name: str) -> str:
        """The cluster was deleted and made again under its name; its new issuer URL is returned."""
        return self.clusters.rebuild(name)

    @property
    def identities(self) -> dict[str, dict[str, Any]]:
        """The identities by name, as the page shows them."""
        return {found["name"]: found for found in self.view()["identities"]}

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """Every credential, with the name of its identity."""
        return [{**c, "identity": i["name"]} for i in self.view()["identities"] for c in i["credentials"]]

    @property
    def assignments(self) -> list[dict[str, Any]]:
        """Every role that an identity holds, in both planes, with the name of the identity."""
        return [{**a, "identity": i["name"]} for i in self.view()["identities"] for a in i["assignments"]]

    def _gateway(self) -> Gateway:
        azure, scopes = self.azure, Scopes(self.azure)
        services = (
            Locks(azure), Assignments(azure), Definitions(azure), PolicyInsights(azure), Identities(azure),
            Credentials(azure), self.clusters, self._cosmos, ResourceGraph(azure), scopes,
        )  # fmt: skip
        routes = [route for service in services for route in service.routes()]
        return Gateway(azure, Router([*routes, *scopes.generic()]), self.keyring, Limits(azure))
