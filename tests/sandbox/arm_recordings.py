"""Recorded ARM traffic, and what it takes to send it to the sandbox and to compare the answers.

A recording gives the sandbox: its subscription, the resource groups and Cosmos DB accounts whose making it
leaves out, the principals that it names and did not make, and the weather: when each request was sent, how
long Entra took to know a new principal, how long each long-running operation ran. Everything else has to
come out of the sandbox.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from arm_answers import GUID, Cut, code

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "azure"
HOST = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
CALLER = "5a9d0f3e-0000-4000-8000-00000000c0de"
OWNER = re.compile(GRAPH + "/v1.0/applications/([^/]+)")
GROUP = re.compile(r"/subscriptions/[^/]+/resourcegroups/([^/?]+)", re.IGNORECASE)
ACCOUNT = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/([^/]+)/providers/Microsoft.DocumentDB/databaseAccounts/([^/?]+)",
    re.IGNORECASE,
)
SERVICES = (
    ("federated credentials", "federatedidentitycredentials"),
    ("role assignments", "microsoft.authorization/roleassignments"),
    ("role definitions", "microsoft.authorization/roledefinitions"),
    ("Cosmos DB roles", "/sqlrole"),
    ("clusters", "microsoft.containerservice"),
    ("identities", "microsoft.managedidentity"),
    ("resource groups", "/resourcegroups/"),
)


@dataclass(frozen=True)
class Interaction:
    """One recorded request with its answer; header names in lower case, `at` where it is known."""

    n: int
    method: str
    url: str
    body: str
    status: int
    headers: dict[str, str]
    answer: Any
    at: datetime | None

    @property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.url).path

    @property
    def is_poll(self) -> bool:
        """Whether it asks how far an operation is."""
        return (
            re.search(
                r"operationsStatus|operationresults|/operations/[0-9a-f-]{36}", self.path, re.IGNORECASE
            )
            is not None
        )


@dataclass
class Recording:
    """One recorded test; `whole` says whether requests on resource groups and the like are in it."""

    name: str
    whole: bool
    interactions: list[Interaction]
    polled: dict[str, str] = field(default_factory=dict)
    """The service of an operation by the path at which it is polled."""

    def __post_init__(self) -> None:
        for one in self.interactions:
            for header in ("azure-asyncoperation", "location"):
                if ((where := one.headers.get(header)) and one.status == 202) or (
                    one.status in (200, 201) and header == "azure-asyncoperation" and where
                ):
                    self.polled[urlsplit(where).path.lower()] = _service(one.path) or ""

    def service(self, one: Interaction) -> str | None:
        """Which service an interaction is about; None for those that are not compared."""
        if one.is_poll:
            return self.polled.get(one.path.lower()) or None
        return _service(one.path)

    def sample(self) -> dict[str, Any]:
        """What the sandbox is given at start."""
        sub = "recorded"
        groups = [
            {"subscription": sub, "name": g, "location": "westus2"} for g in sorted(self._given_groups())
        ]
        accounts = [
            {"subscription": sub, "group": g, "name": a, "location": "westus"}
            for g, a in sorted(self._given_accounts())
        ]
        people, applications = self._principals()
        return {
            "tenant": SUBSCRIPTION,
            "caller": {
                "object_id": CALLER, "client_id": CALLER.replace("5a9d", "5a9e"), "name": "recorder",
                "grants": [{"role": "Owner", "scope": "/"}],
            },
            "subscriptions": [{"id": SUBSCRIPTION, "name": sub}],
            "groups": groups,
            "cosmos": accounts,
            "people": people,
            "applications": applications,
        }  # fmt: skip

    def replication(self) -> float:
        """How long Entra took to know a new principal, as far as this recording shows it."""
        made = next((i.at for i in self.interactions if _is_identity(i) and i.status == 201), None)
        refused = [i for i in self.interactions if code(i.answer) == "PrincipalNotFound"]
        if not refused or made is None:
            return 0.0
        after = next(
            i.at
            for i in self.interactions
            if i.n > refused[-1].n and i.path == refused[-1].path and i.status == 201
        )
        return (after - made).total_seconds() - 0.5

    def duration(self, begun: Interaction) -> float:
        """How long the operation that this request began ran."""
        where = begun.headers.get("azure-asyncoperation") or begun.headers.get("location", "")
        for later in self.interactions:
            ended = later.path == urlsplit(where).path and (later.answer or {}).get("status") == "Succeeded"
            if later.n > begun.n and ended and later.at and begun.at:
                return (later.at - begun.at).total_seconds() - 0.5
        looks = [i for i in self.interactions if i.n > begun.n and i.method == "GET" and i.path == begun.path]
        if begun.status == 202 and looks and looks[0].status == 404:
            # Nobody polled: the object's own first appearance says how long it took.
            return next(
                (i.at - begun.at).total_seconds() - 0.5
                for i in looks
                if i.status == 200 and i.at and begun.at
            )
        return 0.0

    def _given_groups(self) -> set[str]:
        made = {i.path.lower() for i in self.interactions if i.method == "PUT" and GROUP.fullmatch(i.path)}
        named = {m[0].lower(): m[1] for i in self.interactions if (m := GROUP.match(i.path))}
        return {name for path, name in named.items() if path not in made}

    def _given_accounts(self) -> set[tuple[str, str]]:
        named = {m.groups() for i in self.interactions if (m := ACCOUNT.match(i.path))}
        return set() if self.whole else {(g, a) for g, a in named}

    def _principals(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        own = {
            str((i.answer or {}).get("properties", {}).get("principalId"))
            for i in self.interactions
            if _is_identity(i)
        }
        found: dict[str, str] = {}
        for one in self.interactions:
            if one.method == "PUT" and "/sqlroleassignments/" in one.path.lower():
                found.setdefault(json.loads(one.body)["properties"]["principalId"], "ServicePrincipal")
            if (
                one.method == "PUT"
                and "/roleassignments/" in one.path.lower()
                and "sql" not in one.path.lower()
            ):
                asked = json.loads(one.body)["properties"]
                told = ((one.answer or {}).get("properties") or {}).get("principalType")
                kind = asked.get("principalType") or told
                if kind:
                    found[asked["principalId"]] = kind
        people = [{"id": p, "name": p} for p, kind in found.items() if kind == "User" and p not in own]
        apps = [
            {"object_id": p, "client_id": GUID.sub(lambda m: m[0][::-1], p), "name": p}
            for p, kind in found.items()
            if kind == "ServicePrincipal" and p not in own
        ]
        owners = {m[1] for i in self.interactions if (m := OWNER.match(i.url))}
        apps += [{"object_id": o[::-1], "client_id": o[::-1], "application_id": o, "name": o} for o in owners]
        return people, apps


def recordings() -> list[Recording]:
    """Every recording that lies there, the whole one where there are both."""
    found = []
    for extract in sorted(DATA.glob("*/*.extract.json")):
        whole = extract.with_name(extract.name.replace(".extract.json", ".yaml"))
        found.append(_read(extract, whole if whole.exists() else None))
    return found


def _read(extract: Path, whole: Path | None) -> Recording:
    rows = json.loads(extract.read_text())["interactions"]
    times = {row["n"]: _time({k.lower(): v for k, v in row["response_headers"].items()}) for row in rows}
    name = f"{extract.parent.name}/{extract.name.removesuffix('.extract.json')}"
    if whole is None:
        found = [
            _interaction(
                r["n"],
                r["method"],
                r["uri"],
                r["request_body"],
                r["status"],
                r["response_headers"],
                r["response_body"],
                times,
            )
            for r in rows
        ]
        return Recording(name, False, found)
    found = []
    for n, row in enumerate(yaml.load(whole.read_text(), yaml.CSafeLoader)["interactions"]):
        asked, told = row["request"], row["response"]
        status = told.get("code") or told["status"]["code"]
        text = told["body"]["string"] if isinstance(told.get("body"), dict) else told.get("body")
        headers = {k: v[0] for k, v in told["headers"].items()}
        found.append(
            _interaction(
                n,
                asked["method"],
                asked.get("url") or asked["uri"],
                asked.get("body"),
                status,
                headers,
                text,
                times,
            )
        )
    return Recording(name, True, found)


def _interaction(
    n: int,
    method: str,
    url: str,
    body: Any,
    status: int,
    headers: dict[str, str],
    text: Any,
    times: dict[int, Any],
) -> Interaction:
    lower = {k.lower(): v for k, v in headers.items()}
    answer = _loads(text) if text else None
    return Interaction(n, method, url, body or "", int(status), lower, answer, _time(lower) or times.get(n))


def _loads(text: str) -> Any:
    """The JSON value; of a list that was cut off when it was saved, the elements that are whole."""
    try:
        return json.loads(text)
    except ValueError:
        values, at, decoder = Cut(), text.index("[") + 1, json.JSONDecoder()
        while True:
            try:
                value, at = decoder.raw_decode(text, at)
            except ValueError:
                return {"value": values}
            values.append(value)
            at += 1


def _time(headers: dict[str, str]) -> datetime | None:
    if "date" in headers:
        return parsedate_to_datetime(headers["date"])
    match = re.search(r"Ref C: (\S+)Z$", headers.get("x-msedge-ref", ""))
    return datetime.fromisoformat(match[1]).replace(tzinfo=UTC) if match else None


def _service(path: str) -> str | None:
    lower = path.lower()
    for name, mark in SERVICES:
        # Of what lies in a group only the services named are compared; the group itself is, too.
        if mark in lower and (name != "resource groups" or GROUP.fullmatch(path)):
            return name
    return None


def _is_identity(one: Interaction) -> bool:
    return (
        one.method == "PUT"
        and re.search(r"/userAssignedIdentities/[^/]+$", one.path, re.IGNORECASE) is not None
    )
