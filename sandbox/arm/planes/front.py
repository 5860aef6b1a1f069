"""Which data plane a request is for: by host name (`kv.vault.azure.net`), or by path (`/vault/kv/…`)."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.arm.core import Azure
from sandbox.arm.cosmos import Cosmos
from sandbox.arm.planes.blob import Blob
from sandbox.arm.planes.documents import Documents
from sandbox.arm.planes.door import Door
from sandbox.arm.planes.servicebus import ServiceBus
from sandbox.arm.planes.vault import Vault
from sandbox.arm.tokens import Keyring

Plane = Callable[[web.Request, str, str], Awaitable[web.Response]]


class Front:
    """The data planes together."""

    def __init__(self, azure: Azure, keyring: Keyring, sql: Cosmos) -> None:
        door = Door(azure, keyring)
        self._by_path: dict[str, Plane] = {
            "vault": Vault(door).answer,
            "blob": Blob(door).answer,
            "servicebus": ServiceBus(door).answer,
            "cosmos": Documents(door, sql).answer,
        }
        self._by_host = {
            ".vault.azure.net": self._by_path["vault"],
            ".blob.core.windows.net": self._by_path["blob"],
            ".servicebus.windows.net": self._by_path["servicebus"],
            ".documents.azure.com": self._by_path["cosmos"],
        }

    def add_to(self, app: web.Application) -> None:
        """The application answers at the planes' paths."""
        for name, plane in self._by_path.items():
            app.router.add_route("*", f"/{name}/{{resource}}/{{path:.*}}", _at_path(plane))

    async def by_host(self, request: web.Request) -> web.Response | None:
        """The answer of the plane whose host this request names, if it names one."""
        host = request.host.partition(":")[0].lower()
        for suffix, plane in self._by_host.items():
            if host.endswith(suffix):
                return await plane(request, host.removesuffix(suffix), request.path)
        return None


def _at_path(plane: Plane) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handler(request: web.Request) -> web.StreamResponse:
        return await plane(request, request.match_info["resource"], request.match_info["path"])

    return handler
