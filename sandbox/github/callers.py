"""Who calls: tokens of people, of an App's installation, and the App's own signed word."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import jwt
from jwt.types import Options as JwtOptions

from sandbox.clock import Clock
from sandbox.github.options import Options, Token
from sandbox.github.refusal import Refused

LIFETIME = timedelta(hours=1)
TICKET = timedelta(minutes=5)
JWT_LIMIT = timedelta(minutes=10)
LEEWAY = timedelta(seconds=60)
LEVELS = {"read": 1, "write": 2, "admin": 3}
PROJECT_WRITES = (
    (r"/pulls/\d+/merge$", ("contents",)),
    (r"/pulls", ("pull_requests",)),
    (r"/issues|/labels", ("issues", "pull_requests")),
    (r"/git/|/contents", ("contents",)),
)
PROJECT_READS = (
    (r"/branches/.+/protection$", ("administration",)),
    (r"/pulls", ("pull_requests",)),
    (r"/issues", ("issues", "pull_requests")),
    (r"/git/|/contents|/compare|/commits|/branches|/tarball", ("contents",)),
)


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request; `permissions` None: everything that the account may do."""

    login: str
    kind: Literal["user", "installation", "app"]
    permissions: dict[str, str] | None
    key: str

    def may(self, wanted: tuple[str, ...], level: str) -> bool:
        """Whether one of these permissions is held at this level."""
        held = self.permissions
        return held is None or any(LEVELS.get(held.get(name, ""), 0) >= LEVELS[level] for name in wanted)

    def require(self, method: str, path: str) -> None:
        """403 when the token lacks what this request needs."""
        writes = method not in ("GET", "HEAD")
        for pattern, wanted in PROJECT_WRITES if writes else PROJECT_READS:
            if not re.search(pattern, path):
                continue
            level = "write" if writes else "read"
            if not self.may(wanted, level):
                kind = "integration" if self.kind == "installation" else "personal access token"
                asked = "; ".join(f"{name}={level}" for name in wanted)
                headers = {"X-Accepted-GitHub-Permissions": asked}
                raise Refused(403, f"Resource not accessible by {kind}", headers=headers)
            return


class Callers:
    """The tokens that are good now."""

    def __init__(self, options: Options, clock: Clock, rng: Any) -> None:
        self._options = options
        self._clock = clock
        self._rng = rng
        self._issued: dict[str, tuple[str, dict[str, str]]] = {}
        self._tickets: dict[str, tuple[datetime, Caller]] = {}

    def caller(self, header: str | None) -> Caller:
        """Who an Authorization header speaks for. 401 when nobody."""
        if not header:
            raise Refused(401, "Requires authentication")
        scheme, _, value = header.partition(" ")
        value = value.strip()
        if scheme.lower() not in ("token", "bearer") or not value:
            raise Refused(401, "Bad credentials")
        if value.count(".") == 2:
            return self._app(value)
        if value in self._options.tokens:
            return self._told(value, self._options.tokens[value])
        if value in self._issued:
            expires, permissions = self._issued[value]
            if datetime.fromisoformat(expires) > self._clock.now():
                return Caller(f"{self._options.app.slug}[bot]", "installation", permissions, value)
        raise Refused(401, "Bad credentials")

    def ticket(self, caller: Caller) -> str:
        """A word that stands for the caller in one address, for five minutes."""
        word = f"{self._rng.getrandbits(128):032X}"
        self._tickets[word] = (self._clock.now() + TICKET, caller)
        return word

    def bearer(self, ticket: str) -> Caller:
        """Whom a ticket stands for. 404 when for nobody any more."""
        ends, caller = self._tickets.get(ticket, (None, None))
        if ends is None or caller is None or ends < self._clock.now():
            raise Refused(404, "Not Found")
        return caller

    def issue(self, asked: dict[str, str] | None) -> tuple[str, datetime, dict[str, str]]:
        """A new token of the installation, its end, and what it may do. 422 for more than the App may."""
        held = self._options.app.permissions
        wanted = {**asked, "metadata": "read"} if asked else held
        for name, level in wanted.items():
            if LEVELS.get(level, 9) > LEVELS.get(held.get(name, ""), 0):
                raise Refused(422, "The permissions requested are not granted to this installation.")
        token = f"ghs_{self._rng.getrandbits(144):036x}"
        expires = (self._clock.now() + LIFETIME).replace(microsecond=0)
        self._issued[token] = (expires.isoformat(), dict(wanted))
        return token, expires, dict(wanted)

    def snapshot(self) -> dict[str, Any]:
        """The issued tokens as JSON values."""
        return {token: list(kept) for token, kept in self._issued.items()}

    def restore(self, saved: dict[str, Any]) -> None:
        """The same tokens are good as when this was saved."""
        self._issued = {token: (expires, permissions) for token, (expires, permissions) in saved.items()}

    def _told(self, value: str, token: Token) -> Caller:
        kind: Literal["user", "installation"] = "installation" if token.login.endswith("[bot]") else "user"
        return Caller(token.login, kind, token.permissions, value)

    def _app(self, value: str) -> Caller:
        app = self._options.app
        if not app.public_key:
            raise Refused(401, "A JSON web token could not be decoded")
        # Times are checked below, by the sandbox's clock.
        unchecked: JwtOptions = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
        try:
            claims = jwt.decode(value, app.public_key, algorithms=["RS256"], options=unchecked)
        except jwt.InvalidTokenError as error:
            raise Refused(401, "A JSON web token could not be decoded") from error
        if str(claims.get("iss")) not in (str(app.id), f"Iv1.{app.id:016x}"):
            raise Refused(401, "'Issuer' claim ('iss') must be an Integer")
        self._check_times(claims)
        return Caller(app.slug, "app", {}, f"app {app.id}")

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self._clock.now()
        ends, made = claims.get("exp"), claims.get("iat")
        if not isinstance(ends, int | float) or datetime.fromtimestamp(ends, now.tzinfo) <= now:
            told = "must be a numeric value representing the future time at which the assertion expires"
            raise Refused(401, f"'Expiration time' claim ('exp') {told}")
        if datetime.fromtimestamp(ends, now.tzinfo) > now + JWT_LIMIT:
            raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
        if not isinstance(made, int | float) or datetime.fromtimestamp(made, now.tzinfo) > now + LEEWAY:
            told = "must be an Integer representing the time that the assertion was issued"
            raise Refused(401, f"'Issued at' claim ('iat') {told}")
