"""What the sandbox's GitHub can be told, read from the `github` section of the world's YAML."""

import zlib
from dataclasses import dataclass, field
from typing import Any

BOT = "[bot]"


@dataclass(frozen=True)
class Account:
    """Somebody who can act: a person with write access, or an App's bot."""

    login: str
    name: str
    email: str

    @property
    def id(self) -> int:
        """A number that follows from the login."""
        return 1_000_000 + zlib.crc32(self.login.encode()) % 900_000_000

    @property
    def is_bot(self) -> bool:
        """Whether this is an App's account."""
        return self.login.endswith(BOT)


@dataclass(frozen=True)
class Token:
    """Whom a token speaks for; `permissions` None: whatever the account may do."""

    login: str
    permissions: dict[str, str] | None = None


@dataclass(frozen=True)
class App:
    """A GitHub App and its one installation. Without `public_key` (PEM) none of its JWTs is accepted."""

    id: int = 1
    slug: str = "identity-bot"
    installation: int = 1
    public_key: str = ""
    permissions: dict[str, str] = field(
        default_factory=lambda: {
            "contents": "write",
            "issues": "write",
            "members": "read",
            "metadata": "read",
            "pull_requests": "write",
        }
    )


@dataclass(frozen=True)
class Protection:
    """What a protected branch demands before a merge."""

    reviews: int = 1
    code_owners: bool = False


@dataclass
class Options:
    """Everything that can be told, also while it runs; see README.md."""

    owner: str = "shop"
    repository: str = "gitops"
    default_branch: str = "main"
    people: dict[str, str] = field(default_factory=dict)
    teams: dict[str, list[str]] = field(default_factory=dict)
    bot: str = "identity-bot[bot]"
    tokens: dict[str, Token] = field(default_factory=dict)
    app: App = field(default_factory=App)
    writes_per_minute: int = 80
    requests_per_hour: int = 15_000
    protection: dict[str, dict[str, Any]] = field(default_factory=dict)
    webhook: dict[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`owner/repository`."""
        return f"{self.owner}/{self.repository}"

    def protected(self, branch: str) -> Protection | None:
        """What a branch demands, if it demands anything."""
        told = self.protection.get(branch)
        return None if told is None else Protection(**told)

    def account(self, login: str) -> Account:
        """The account of this login, known or not."""
        if login.endswith(BOT):
            bare = Account(login, login.removesuffix(BOT), "")
            return Account(login, bare.name, f"{bare.id}+{login}@users.noreply.github.com")
        return Account(login, self.people.get(login, login), f"{login}@{self.owner}.example")


def read_options(section: dict[str, Any]) -> Options:
    """The options in a section. ValueError names the key that is not one."""
    told = dict(section)
    unknown = set(told) - set(Options.__dataclass_fields__)
    if unknown:
        raise ValueError(f"github: unknown keys {', '.join(sorted(unknown))}")
    bot = told.get("bot", Options.bot)
    told["tokens"] = {t: _token(v) for t, v in (told.get("tokens") or {"sandbox-token": bot}).items()}
    told["app"] = App(**(told.get("app") or {}))
    told["protection"] = {b: dict(p or {}) for b, p in (told.get("protection") or {}).items()}
    told["webhook"] = told.get("webhook") or {}
    return Options(**told)


def _token(value: str | dict[str, Any]) -> Token:
    return Token(value) if isinstance(value, str) else Token(value["login"], value.get("permissions"))
