"""Deliveries to a webhook, signed as GitHub signs them."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.github.hosting import Hosting
from sandbox.github.links import Links
from sandbox.github.options import Options
from sandbox.github.pull import Pull
from sandbox.github.shapes.accounts import owner, repository, simple_user
from sandbox.github.shapes.pulls import pull as pull_shape

ACTIONS = {
    "opened",
    "edited",
    "closed",
    "reopened",
    "synchronize",
    "labeled",
    "unlabeled",
    "review_requested",
}
ELSEWHERE = "https://github.example"
TIMEOUT = 10


class Webhook:
    """Sends `pull_request` and `push` events in order to the address in the options, if there is one."""

    def __init__(self, options: Options, hosting: Hosting) -> None:
        self._options = options
        self._hosting = hosting
        self._waiting: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()

    def tell(self, kind: str, pull: Pull | None, details: dict[str, Any]) -> None:
        """Something happened; it will be delivered if anybody listens."""
        if not self._options.webhook:
            return
        links = Links(f"{ELSEWHERE}/api/v3", ELSEWHERE, self._options.full_name)
        about = {
            "repository": repository(links, self._hosting),
            "organization": owner(links, self._options),
            "sender": simple_user(
                links, self._options.account((pull.merged_by or pull.author) if pull else self._options.bot)
            ),
        }
        if kind in ACTIONS and pull is not None:
            shown = pull_shape(links, self._hosting, pull, judged=False)
            body = {"action": kind, "number": pull.number, "pull_request": shown, **about}
            self._waiting.put_nowait(("pull_request", body))
        elif kind == "push":
            self._waiting.put_nowait(("push", {**details, **about}))

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """Deliveries go out for as long as the application runs."""
        sender = asyncio.create_task(self._send()) if self._options.webhook else None
        yield
        if sender:
            sender.cancel()

    async def _send(self) -> None:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                event, body = await self._waiting.get()
                data = json.dumps(body).encode()
                try:
                    async with session.post(
                        self._options.webhook["url"], data=data, headers=self._headers(event, data)
                    ):
                        pass
                except (aiohttp.ClientError, TimeoutError):
                    # GitHub does not send again either: whoever relies on it also polls.
                    continue

    def _headers(self, event: str, data: bytes) -> dict[str, str]:
        secret = self._options.webhook.get("secret", "")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/sandbox",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-GitHub-Hook-Installation-Target-Type": "repository",
        }
        if secret:
            headers["X-Hub-Signature-256"] = (
                f"sha256={hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()}"
            )
        return headers
