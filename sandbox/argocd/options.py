"""What the sandbox's Argo CD can be told, read from the `argocd` section of the world's YAML."""

from dataclasses import dataclass, field
from typing import Any

EVERYTHING = ("*",)


@dataclass(frozen=True)
class Application:
    """One application: what it renders, where from and where to."""

    name: str
    cluster: str
    path: str
    namespace: str
    values: tuple[str, ...] = ()
    project: str = "default"
    auto_sync: bool = True
    revision: str = "main"


@dataclass(frozen=True)
class Account:
    """Whom a token speaks for; `may` holds what it can do, as `applications/sync`, or `*`."""

    name: str
    may: tuple[str, ...] = EVERYTHING

    def can(self, right: str) -> bool:
        """Whether the account has this right."""
        return self.may == EVERYTHING or right in self.may


@dataclass
class Options:
    """Everything that can be told, also while it runs; see README.md. `poll` and `startup` are seconds."""

    applications: tuple[Application, ...] = ()
    repo_url: str = ""
    project: str = "default"
    tokens: dict[str, Account] = field(default_factory=dict)
    password: str = ""
    poll: float = 10.0
    startup: float = 2.0
    tenant: str = ""


def read_options(section: dict[str, Any], full_name: str, branch: str) -> Options:
    """The options in a section, for the repository of this name. ValueError names the key that is not one."""
    told = dict(section)
    unknown = set(told) - set(Options.__dataclass_fields__)
    if unknown:
        raise ValueError(f"argocd: unknown keys {', '.join(sorted(unknown))}")
    project = told.get("project", Options.project)
    rows = told.get("applications") or []
    told["applications"] = tuple(_application(row, project, branch) for row in rows)
    tokens = told.get("tokens") or {"sandbox-token": "identity-bot"}
    told["tokens"] = {token: _account(value) for token, value in tokens.items()}
    told["repo_url"] = told.get("repo_url") or f"https://github.com/{full_name}.git"
    return Options(**told)


def _application(row: dict[str, Any], project: str, branch: str) -> Application:
    unknown = set(row) - set(Application.__dataclass_fields__)
    if unknown:
        raise ValueError(f"argocd: application {row.get('name')}: unknown keys {', '.join(sorted(unknown))}")
    given = {"project": project, "revision": branch, **row, "values": tuple(row.get("values") or ())}
    return Application(**given)


def _account(value: str | dict[str, Any]) -> Account:
    return Account(value) if isinstance(value, str) else Account(value["name"], tuple(value.get("may") or ()))
