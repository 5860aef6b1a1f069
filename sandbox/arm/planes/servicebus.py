"""Service Bus over HTTPS: https://learn.microsoft.com/rest/api/servicebus/service-bus-runtime-rest"""

import json
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from aiohttp import web

from sandbox.arm.model import Resource
from sandbox.arm.planes.door import Door, bearer

TYPE = "Microsoft.ServiceBus/namespaces"
AUDIENCES = ("https://servicebus.azure.net",)
CLAIMS = {"send": "Send", "receive": "Listen"}


class ServiceBus:
    """The namespaces' queues, topics and subscriptions."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def answer(self, request: web.Request, name: str, path: str) -> web.Response:
        """The answer of the namespace of this name at this path."""
        namespace = self._door.named(TYPE, name)
        if namespace is None:
            return self._refused(404, f"The namespace '{name}' does not exist.")
        visitor = self._door.visitor(bearer(request.headers.get("Authorization", "")), AUDIENCES)
        if visitor is None:
            return self._refused(
                401, "MissingToken: The token is missing, expired or meant for another resource."
            )
        entity, _, end = path.strip("/").partition("/messages")
        doing = {("POST", ""): "send", ("POST", "/head"): "receive", ("DELETE", "/head"): "receive"}
        verb = doing.get((request.method, end))
        if verb is None:
            return self._refused(404, f"No messages are sent or received by {request.method} at '{path}'.")
        scope = self._scope(namespace, entity)
        if not self._door.allows(visitor, f"{TYPE}/messages/{verb}/action", scope):
            # Like the other data planes here. The real one is reported to say 401 where a claim is missing;
            # nobody has recorded it.
            return self._refused(
                403,
                f"Unauthorized access. '{CLAIMS[verb]}' claim(s) are required to perform this operation. "
                f"Resource: 'sb://{namespace.name}.servicebus.windows.net/{entity}'.",
            )
        found = self._door.azure.state.get(scope)
        if found is None:
            return self._refused(404, f"The messaging entity '{entity}' could not be found.")
        if verb == "send":
            return self._sent(found, await request.text())
        return self._received(found, lock=request.method == "POST")

    def _scope(self, namespace: Resource, entity: str) -> str:
        topic = f"{namespace.id}/topics/{entity}"
        if "/subscriptions/" in entity or self._door.azure.state.get(topic):
            return topic
        return f"{namespace.id}/queues/{entity}"

    def _sent(self, entity: Resource, text: str) -> web.Response:
        subscriptions = list(self._door.azure.state.below(entity.id, f"{TYPE}/topics/subscriptions"))
        for holder in subscriptions or [entity]:
            self._door.azure.state.data.setdefault(holder.id.lower(), []).append(text)
        self._door.azure.changed()
        return web.Response(status=201)

    def _received(self, entity: Resource, *, lock: bool) -> web.Response:
        waiting = self._door.azure.state.data.get(entity.id.lower(), [])
        if not waiting:
            return web.Response(status=204)
        text = waiting.pop(0)
        self._door.azure.changed()
        properties = json.dumps({"DeliveryCount": 1, "MessageId": self._door.azure.new_guid()})
        return web.Response(status=201 if lock else 200, text=text, headers={"BrokerProperties": properties})

    def _refused(self, status: int, message: str) -> web.Response:
        azure = self._door.azure
        now = datetime.fromtimestamp(azure.now(), UTC)
        detail = f"{message} TrackingId:{azure.new_guid()}, Timestamp:{now:%Y-%m-%dT%H:%M:%S}"
        text = f"<Error><Code>{status}</Code><Detail>{escape(detail)}</Detail></Error>"
        return web.Response(status=status, text=text, content_type="application/xml")
