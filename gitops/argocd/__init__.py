"""Argo CD over REST: its applications, and what they have in their clusters."""

from __future__ import annotations

import json
import ssl
import urllib.parse
from typing import Any

import aiohttp

from gitops.argocd.covering import covers
from gitops.argocd.values import ApplicationSeen, Node, Operation, Source, application, node
from gitops.errors import NotAllowed, NotVisible, Rejected, Unavailable

__all__ = ["ApplicationSeen", "ArgoCd", "Node", "Operation", "Source", "covers"]

BUSY = 5.0
# Argo CD's list knows only these names (forwarder_overwrite.go); it passes over others without a word.
FIELDS = ",".join(
    f"items.{name}"
    for name in (
        "metadata.name",
        "metadata.namespace",
        "metadata.annotations",
        "spec",
        "status.sync.status",
        "status.health",
        "status.operationState.phase",
    )
)
NOT_IN_TREE = "not found as part of application"


class ArgoCd:
    """One Argo CD, read with the token of one account that needs `applications, get`.

    `ca_file` is a PEM file; None means the session's own trust. Every call ends in `seconds`. Raises
    Unavailable, NotAllowed, NotVisible and Rejected.
    """

    def __init__(
        self,
        url: str,
        token: str,
        session: aiohttp.ClientSession,
        ca_file: str | None = None,
        seconds: float = 10.0,
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session = session
        self._trust: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca_file) if ca_file else True
        self._timeout = aiohttp.ClientTimeout(total=seconds)

    async def applications(self) -> tuple[ApplicationSeen, ...]:
        """Every application that the token sees, by name; without revisions and conditions."""
        found = await self._get("applications", fields=FIELDS)
        return tuple(sorted(map(application, found.get("items") or ()), key=lambda seen: seen.name))

    async def application(self, name: str, refresh: bool = False) -> ApplicationSeen:
        """One application; with `refresh` after Argo CD has looked at Git."""
        more = {"refresh": "normal"} if refresh else {}
        return application(await self._get(f"applications/{_quoted(name)}", **more))

    async def resource_tree(self, name: str) -> tuple[Node, ...]:
        """Every object of an application and what controllers made of it, pods too."""
        found = await self._get(f"applications/{_quoted(name)}/resource-tree")
        return tuple(node(one) for one in found.get("nodes") or ())

    async def live(self, application: str, found: Node) -> dict[str, Any] | None:
        """The object as it is in the cluster, None when it is gone; of a Secret the values are masked."""
        where = f"applications/{_quoted(application)}/resource"
        try:
            answer = await self._get(
                where,
                group=found.group,
                version=found.version,
                kind=found.kind,
                namespace=found.namespace,
                resourceName=found.name,
            )
        except (NotVisible, Rejected) as refused:
            if isinstance(refused, NotVisible) or NOT_IN_TREE in refused.problem:
                return None
            raise
        manifest = json.loads(answer.get("manifest") or "null")
        return manifest if isinstance(manifest, dict) else None

    async def _get(self, path: str, **parameters: str) -> dict[str, Any]:
        url = f"{self._url}/api/v1/{path}"
        try:
            async with self._session.get(
                url, params=parameters, headers=self._headers, timeout=self._timeout, ssl=self._trust
            ) as response:
                text = await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(
                f"Argo CD at {self._url} could not be reached ({type(error).__name__}).", BUSY
            ) from error
        body = _object(text)
        if response.status == 200 and body is not None:
            return body
        raise self._refused(response.status, response.headers.get("Retry-After", ""), body or {}, path)

    def _refused(self, status: int, retry: str, body: dict[str, Any], path: str) -> Exception:
        what = urllib.parse.unquote(path)
        said = str(body.get("message") or body.get("error") or f"status {status}")
        if status in (200, 408, 429) or status >= 500:
            return Unavailable(
                f"Argo CD does not answer for {what} now.", float(retry) if retry.isdigit() else BUSY
            )
        match status:
            case 401:
                return NotAllowed(
                    f"Argo CD at {self._url} does not accept the token.", "Give the bot a new account token."
                )
            case 403:
                # Of a missing application it says the same (gitops.md 5).
                return NotAllowed(
                    f"Argo CD shows no {what}: {said}.",
                    "Look whether it exists, and give the bot's account `applications, get` on it.",
                )
            case 404:
                return NotVisible(f"Argo CD has no {what}.", "Look whether it was renamed or removed.")
            case _:
                return Rejected(f"Argo CD refuses {what}: {said}.", "Mend what Argo CD names, then retry.")


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
