"""Management locks: what they forbid, and how they are read, set and taken away."""

from sandbox.arm import errors, ids
from sandbox.arm.core import Azure
from sandbox.arm.errors import ArmError
from sandbox.arm.model import Lock, State
from sandbox.arm.routing import Call, Reply, Route

LEVELS = ("CanNotDelete", "ReadOnly")
HERE = "{scope:any}/providers/Microsoft.Authorization/locks"
LOCKS = "/providers/microsoft.authorization/locks"


def check(state: State, call: Call) -> None:
    """Return if no lock forbids this request; 409 when one does."""
    if call.method in ("GET", "HEAD") or LOCKS in call.path.lower() or not ids.subscription_of(call.path):
        return
    if call.method == "POST" and not call.path.lower().endswith("/listkeys"):
        return
    verb = "delete" if call.method == "DELETE" else "write"
    forbidding = LEVELS if verb == "delete" else ("ReadOnly",)
    above = {lock for lock in _reaching(state, call) if state.locks[lock].level in forbidding}
    if above:
        raise errors.scope_locked(call.path, verb, sorted(state.locks[lock].scope for lock in above))


def _reaching(state: State, call: Call) -> set[str]:
    """Locks above the path, and for a delete those below it as well."""
    lineage = set(ids.lineage(call.path))
    found = {k for k, lock in state.locks.items() if ids.key(lock.scope) in lineage}
    if call.method == "DELETE":
        found |= {k for k, lock in state.locks.items() if ids.contains(call.path, lock.scope)}
    return found


class Locks:
    """The locks API."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def routes(self) -> list[Route]:
        """Its paths."""
        one, right = HERE + "/{name}", "Microsoft.Authorization/locks/"
        return [
            Route("GET", HERE, self.listed, right + "read", "{scope}"),
            Route("GET", one, self.get, right + "read"),
            Route("PUT", one, self.put, right + "write"),
            Route("DELETE", one, self.delete, right + "delete"),
        ]

    async def listed(self, call: Call) -> Reply:
        """The locks that count at a scope: its own and those above it, and those below it."""
        scope = call.parts["scope"]
        self._azure.target(scope)
        at_scope = "atscope()" in call.query.get("$filter", "").lower().replace(" ", "")
        found = [
            lock
            for lock in self._azure.state.locks.values()
            if ids.contains(lock.scope, scope) or (not at_scope and ids.contains(scope, lock.scope))
        ]
        return Reply(body={"value": [shown(lock) for lock in found]})

    async def get(self, call: Call) -> Reply:
        """One lock."""
        return Reply(body=shown(self._found(call)))

    async def put(self, call: Call) -> Reply:
        """The lock is set: 201 when it is new, else 200."""
        scope, name = call.parts["scope"], call.parts["name"]
        self._azure.target(scope)
        properties = call.object().get("properties") or {}
        if properties.get("level") not in LEVELS:
            raise ArmError(400, "LockLevelInvalid", f"The lock level must be one of {', '.join(LEVELS)}.")
        lock = Lock(name, scope, properties["level"], properties.get("notes") or "")
        new = ids.key(lock.id) not in self._azure.state.locks
        self._azure.state.locks[ids.key(lock.id)] = lock
        self._azure.changed()
        return Reply(201 if new else 200, shown(lock))

    async def delete(self, call: Call) -> Reply:
        """The lock is gone."""
        if self._azure.state.locks.pop(ids.key(call.path), None) is None:
            return Reply(204)
        self._azure.changed()
        return Reply(200)

    def _found(self, call: Call) -> Lock:
        lock = self._azure.state.locks.get(ids.key(call.path))
        if lock is None:
            raise ArmError(404, "LockNotFound", f"The lock '{call.parts['name']}' could not be found.")
        return lock


def shown(lock: Lock) -> dict[str, object]:
    """A lock as ARM shows it."""
    properties = {"level": lock.level, **({"notes": lock.notes} if lock.notes else {})}
    return {
        "properties": properties,
        "id": lock.id,
        "type": "Microsoft.Authorization/locks",
        "name": lock.name,
    }
