"""The whole job without hands: ask, answer, approve, pull request; the sandbox judges whether it is right."""

import difflib
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

CHANNEL = "C0IDENTITIES"
REQUESTER, APPROVER = "U0ROSA", "U0ANN"
ASK = "@identity payments-api in namespace payments on dev-weu needs to read secrets from kv-payments-dev"
REASON = "because the service reads its payment provider's key at start"
WORKLOAD = {
    "cluster": "dev-weu",
    "namespace": "payments",
    "service_account": "payments-api",
    "path": "apps/payments-api/overlays/dev",
    "grants": [{"role": "Key Vault Secrets User", "scope": "kv-payments-dev"}],
}
PATIENCE = 60.0


def play(address: str) -> int:
    """0 when the pull request is open and right, 1 otherwise; every message and Azure call is printed."""
    demo = Demo(address)
    try:
        thread = demo.person(REQUESTER, "say", channel=CHANNEL, text=ASK)["ts"]
        demo.until("the question", lambda: demo.reply_with(thread, "input", "why", "reason"))
        demo.person(REQUESTER, "say", channel=CHANNEL, text=REASON, thread_ts=thread)
        card = demo.until("the card", lambda: demo.card(thread))
        demo.person(APPROVER, "react", channel=CHANNEL, ts=card["ts"], name="white_check_mark")
        pull = demo.until("the pull request", demo.pull)
        demo.until(
            "the card's end", lambda: demo.reply_with(thread, pull["title"], f"/pull/{pull['number']}")
        )
    except TimeoutError as late:
        print(f"✗ {late}")
        return 1
    demo.show_pull(pull)
    complaints = demo.post("/control/judge", WORKLOAD | {"number": pull["number"]})["complaints"]
    for complaint in complaints:
        print(f"✗ {complaint}")
    if not complaints:
        print("✓ The pull request is right: client id, tenant, subject, label and grants are as in Azure.")
    return 1 if complaints else 0


class Demo:
    """What the demo says to the sandbox, and what it has printed of its answers."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._shown: dict[str, str] = {}
        self._journal = max((e["id"] for e in self._get("/control/journal")), default=0)
        self._old = {m["ts"] for m in self._messages()}
        self._pulls = {p["number"] for p in self._view()["github"]["pulls"]}

    def person(self, user: str, verb: str, **body: Any) -> Any:
        """What a person does in Slack has been done."""
        print(f"\n— {user} {verb}s {body.get('text') or ':' + body.get('name', '') + ':'}")
        return self.post(f"/slack/people/{user}/{verb}", body)

    def until(self, what: str, look: Callable[[], Any]) -> Any:
        """What `look` finds, once it finds something; news is printed meanwhile."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self._print_news()
            if found := look():
                self._print_news()
                return found
            time.sleep(0.1)
        raise TimeoutError(f"{what} did not come within {PATIENCE:.0f} s")

    def reply_with(self, thread: str, *any_of: str) -> Any:
        """The first message of the bot in the thread with one of these words."""
        for message in self._replies(thread):
            text = said(message).casefold()
            if any(word.casefold() in text for word in any_of):
                return message
        return None

    def card(self, thread: str) -> Any:
        """The card: the bot's message that carries both reactions."""
        for message in self._replies(thread):
            if {r["name"] for r in message["reactions"]} >= {"white_check_mark", "no_entry"}:
                return message
        return None

    def pull(self) -> Any:
        """The pull request that was opened since the demo began."""
        for pull in self._view()["github"]["pulls"]:
            if pull["number"] not in self._pulls and pull["state"] == "open":
                return pull
        return None

    def show_pull(self, pull: Any) -> None:
        """The pull request is printed as a reviewer reads it."""
        print(f"\n=== Pull request #{pull['number']}: {pull['title']}\n{pull['body']}\n")
        for file in pull["files"]:
            print(f"--- {file['status']} {file['path']}\n{file['patch']}\n")

    def _replies(self, thread: str) -> Iterator[Any]:
        return (m for m in self._messages() if m["thread_ts"] == thread and m["bot_id"])

    def _messages(self) -> list[Any]:
        channels = self._view()["slack"]["channels"]
        messages: list[Any] = next(c["messages"] for c in channels if c["id"] == CHANNEL)
        return messages

    def _print_news(self) -> None:
        for message in self._messages():
            before, now = self._shown.get(message["ts"]), said(message)
            if message["ts"] in self._old or before == now:
                continue
            self._shown[message["ts"]] = now
            for line in (
                [f"  {message['author']}: (the message now says)"] if before else [f"  {message['author']}:"]
            ):
                print(line)
            fresh = now.splitlines() if before is None else _added(before, now)
            print("\n".join(f"    {line}" for line in fresh))
        for entry in self._get(f"/control/journal?service=arm&since={self._journal}"):
            self._journal = entry["id"]
            if entry["method"] in ("PUT", "DELETE"):
                print(f"  Azure: {entry['method']} {entry['path']} → {entry['status']}")

    def _view(self) -> Any:
        return self._get("/control/view")

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(self._address + path, timeout=10) as answer:
            return json.load(answer)

    def post(self, path: str, body: Any) -> Any:
        """The JSON that the sandbox answers to a POST."""
        request = urllib.request.Request(
            self._address + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


def said(message: Any) -> str:
    """All text of a message, blocks before its fallback."""
    lines = (line for block in message["blocks"] for line in _lines(block))
    return "\n".join(line for line in lines if line.strip()) or message["text"]


def _lines(value: Any) -> Iterator[str]:
    """A block's text; what stands in one rich-text section stands in one line."""
    if isinstance(value, dict) and value.get("type") in ("rich_text_section", "rich_text_preformatted"):
        yield from "".join(_texts(value["elements"])).splitlines()
    elif isinstance(value, dict) and not isinstance(value.get("text"), str):
        for part in value.values():
            yield from _lines(part)
    elif isinstance(value, list):
        for part in value:
            yield from _lines(part)
    else:
        yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") in ("user", "usergroup"):
            yield f"@{value.get('user_id') or value['usergroup_id']}"
            return
        if isinstance(value.get("text"), str):
            yield value["text"]
            return
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _added(before: str, now: str) -> list[str]:
    changes = difflib.ndiff(before.splitlines(), now.splitlines())
    return [line[2:] for line in changes if line.startswith("+ ")]
