"""GitHub by PyGithub: whole operations in a few threads, one place where its refusals are told apart."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.parse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import github
import requests
from github import Auth
from github.GithubException import GithubException
from github.Requester import Requester
from jwt import PyJWTError

from gitops.errors import NotAllowed, NotVisible, Rejected, Unavailable
from gitops.repository.cache import Bounded
from gitops.repository.limiter import Clock, Writes
from gitops.repository.values import AppKey, GitHubSettings

T = TypeVar("T")
BUSY = 5.0
SECONDARY = 60.0
LONGEST = 3600.0


@dataclass(eq=False)
class Refusal(Exception):
    """An answer of GitHub that is not a success."""

    status: int
    message: str
    errors: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def says(self, text: str) -> bool:
        """Whether the message or one of its errors holds this; GitHub has no codes for these."""
        return any(text.casefold() in said.casefold() for said in (self.message, *self.errors))

    @property
    def words(self) -> str:
        """What GitHub said, in one line."""
        return "; ".join((self.message, *self.errors)).replace("\n", " ")


class Calls:
    """The requests of one operation, in one thread; they end when the operation's time is over."""

    def __init__(
        self, requester: Requester, tags: Bounded[tuple[str, Any]], deadline: Callable[[], bool]
    ) -> None:
        self._requester = requester
        self._tags = tags
        self._over = deadline

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON at a path; asked for by ETag, so that an unchanged answer costs nothing."""
        where = _with(path, parameters)
        known = self._tags.get(where)
        headers = {"If-None-Match": known[0]} if known else {}
        status, answered, text = self._read(where, headers)
        if status == 304 and known:
            return known[1]
        found = _json(text)
        if tag := answered.get("etag"):
            self._tags.put(where, (tag, found), len(text))
        return found

    def once(self, path: str, **parameters: Any) -> Any:
        """The JSON at a path that never changes, and is kept by the caller."""
        return _json(self._read(_with(path, parameters), {})[2])

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON that answers a POST."""
        return _json(self._send("POST", path, {}, body)[2])

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON that answers a PATCH."""
        return _json(self._send("PATCH", path, {}, body)[2])

    def _read(self, where: str, headers: dict[str, str]) -> tuple[int, dict[str, Any], str]:
        """Asked once more when the answer is lost: an operation is a row of reads, and starts over else.

        Writes are never repeated here: what became of the first is for the next operation to find out.
        """
        try:
            return self._send("GET", where, headers, None)
        except Unavailable:
            return self._send("GET", where, headers, None)

    def _send(
        self, verb: str, path: str, headers: dict[str, str], body: dict[str, Any] | None
    ) -> tuple[int, dict[str, Any], str]:
        if self._over():
            raise Unavailable("GitHub was too slow for all of it.", BUSY)
        try:
            status, answered, text = self._requester.requestJson(verb, path, headers=headers, input=body)
        except requests.exceptions.RequestException as error:
            raise Unavailable(f"GitHub could not be reached ({type(error).__name__}).", BUSY) from error
        if status >= 400:
            raise _refusal(status, answered, text)
        return status, answered, text


class Access:
    """One GitHub as one account; `run` is the only way in."""

    def __init__(self, settings: GitHubSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._auth = _auth(settings)
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="github")
        self._own = threading.local()
        self._tags: Bounded[tuple[str, Any]] = Bounded(settings.cache_bytes // 4)
        self._writes = Writes(settings.writes_per_minute, clock)

    async def run(self, doing: str, work: Callable[[Calls], T], *, writes: int = 0, key: str = "") -> T:
        """What the work returns, done in one thread.

        Of GitHub's troubles nothing is raised but Unavailable and Rejected. Writes over the limit are not
        waited for: Unavailable says when their turn is. A cancelled operation makes no further request.
        """
        if writes and (wait := self._writes.ask(key or doing, writes)):
            raise Unavailable(f"{doing}: GitHub's limit on writes is reached.", wait)
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._settings.operation_seconds
        stopped = threading.Event()
        try:
            return await loop.run_in_executor(
                self._threads, self._work, doing, work, lambda: stopped.is_set() or loop.time() > ends
            )
        finally:
            stopped.set()

    def close(self) -> None:
        """No further operation begins; those under way make no further request."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _work(self, doing: str, work: Callable[[Calls], T], over: Callable[[], bool]) -> T:
        calls = Calls(self._client().requester, self._tags, over)
        try:
            return work(calls)
        except Refusal as refusal:
            raise explained(refusal, doing, self._clock()) from refusal
        except GithubException as error:  # a token for a GitHub App is asked for within PyGithub
            told = _refusal(error.status, error.headers or {}, json.dumps(error.data))
            raise explained(told, f"{doing}: getting a token", self._clock()) from error
        except RuntimeError as error:  # how PyGithub says that GitHub leads to another address
            raise Rejected(f"{doing}: {error}.", "Correct the address of GitHub.") from error
        except Unavailable as busy:
            raise Unavailable(f"{doing}: {busy.problem}", busy.after) from busy

    def _client(self) -> github.Github:
        """This thread's own client: PyGithub keeps a request's parts on the connection between two calls."""
        client: github.Github | None = getattr(self._own, "client", None)
        if client is None:
            client = self._own.client = _client(self._settings, self._auth)
        return client


def explained(refusal: Refusal, doing: str, now: datetime) -> Exception:
    """The error of ours for what GitHub answered."""
    if (wait := _wait(refusal, now)) is not None:
        return Unavailable(f"{doing}: GitHub asks to wait.", wait)
    match refusal.status:
        case 401:
            return NotAllowed(
                f"{doing}: GitHub does not accept the token.",
                "Give the bot a new one, or mend the App's key.",
            )
        case 403:
            return NotAllowed(
                f"{doing}: GitHub refuses: {refusal.words}.",
                "The token needs contents and pull requests, read and write, on this repository.",
            )
        case 404:
            return NotVisible(
                f"{doing}: GitHub finds nothing there.",
                "It does not exist, or the token may not see it: look at both.",
            )
        case _:
            return Rejected(
                f"{doing}: GitHub refuses: {refusal.words}.", "Mend what GitHub names, then retry."
            )


def _wait(refusal: Refusal, now: datetime) -> float | None:
    """How long to wait when the answer is one to be tried again; both rate limits come as 403 or 429."""
    headers = refusal.headers
    if refusal.status in (403, 429):
        if (stated := headers.get("retry-after", "")).isdigit():
            return min(float(stated), LONGEST)
        if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
            resets = datetime.fromtimestamp(int(headers["x-ratelimit-reset"]), UTC)
            return min(max((resets - now).total_seconds(), 1.0), LONGEST)
        if refusal.status == 429 or Requester.isRateLimitError(refusal.message):
            return SECONDARY
    if refusal.status in (408, 409) or refusal.status >= 500:
        return BUSY
    return None


def _refusal(status: int, headers: dict[str, Any], text: str) -> Refusal:
    try:
        body = json.loads(text)
    except ValueError:
        body = {}
    body = body if isinstance(body, dict) else {}
    told = body.get("errors") or []
    errors = [
        e.get("message") or " ".join(map(str, e.values())) if isinstance(e, dict) else str(e) for e in told
    ]
    return Refusal(
        status,
        str(body.get("message") or f"status {status}"),
        tuple(errors),
        {str(name).lower(): str(value) for name, value in headers.items()},
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Unavailable("GitHub answered something that is no JSON.", BUSY) from error


def _with(path: str, parameters: dict[str, Any]) -> str:
    return f"{path}?{urllib.parse.urlencode(parameters)}" if parameters else path


def _client(settings: GitHubSettings, auth: Auth.Auth | None) -> github.Github:
    """A client that neither waits between requests nor repeats them: both are decided here."""
    return github.Github(
        auth=auth,
        base_url=settings.base_url.rstrip("/"),
        timeout=settings.seconds,
        user_agent="identity-bot",
        verify=settings.ca_file or True,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
        lazy=True,
    )


def _auth(settings: GitHubSettings) -> Auth.Auth:
    if settings.app:
        return _Installation(settings, settings.app)
    if settings.token:
        return Auth.Token(settings.token)
    raise Rejected(
        "There is no way to sign in to GitHub.", "Give a token, or a GitHub App's id, installation and key."
    )


class _Installation(Auth.Auth):
    """A GitHub App's installation token, got once for all threads and again before it expires."""

    def __init__(self, settings: GitHubSettings, app: AppKey) -> None:
        own = Auth.AppAuth(app.id, app.private_key)
        try:
            own.create_jwt()
        except (ValueError, TypeError, PyJWTError) as error:
            raise Rejected(
                "The GitHub App's private key is none.", "Give the PEM file that GitHub made for the App."
            ) from error
        requester = _client(settings, own).requester
        self._inner = own.get_installation_auth(app.installation, requester=requester)
        self._lock = threading.Lock()

    @property
    def token_type(self) -> str:
        return "token"

    @property
    def token(self) -> str:
        with self._lock:
            return self._inner.token
