"""The sandbox's Azure beside recorded Azure: the same requests, the same answers."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from arm_answers import differences
from arm_recordings import CALLER, DATA, GRAPH, HOST, Interaction, Recording, recordings
from arm_world import Cloud, running

from sandbox.arm import Options
from sandbox.clock import Clock
from sandbox.world import World

pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="the recordings lie beside the project, in ../shared"
)
LEFT: tuple[tuple[str, str], ...] = ()


@dataclass
class Replay:
    """One recording, sent to the sandbox request by request."""

    recording: Recording
    cloud: Cloud
    moved: dict[str, str] = field(default_factory=dict)
    """Recorded ids by which the sandbox's own are meant: of principals and of operations."""

    async def run(self) -> list[tuple[str, Interaction, list[str]]]:
        """Every compared interaction with its service and in what it differs."""
        results = []
        for one in self.recording.interactions:
            if self._is_unknown(one):
                continue
            self._weather(one)
            status, headers, answer = await self._send(one)
            self._learn(one, headers, answer)
            if service := self.recording.service(one):
                results.append((service, one, differences(one, status, headers, answer)))
        return results

    def _is_unknown(self, one: Interaction) -> bool:
        """Polls of operations that began outside the recording, and requests to other hosts."""
        if not one.url.startswith((HOST, f"{GRAPH}/v1.0/applications/")):
            return True
        return one.is_poll and one.path.lower() not in self.moved

    def _weather(self, one: Interaction) -> None:
        world, options = self.cloud.world, self.cloud.arm.options
        if one.at and (ahead := (one.at - world.clock.now()).total_seconds()) > 0:
            world.clock.advance(ahead)
        options.cosmos_operation = options.cluster_operation = self.recording.duration(one)
        gone = (one.answer or {}).get("error", {}).get("code") == "ResourceGroupNotFound"
        if gone and not self.recording.whole:
            # The extract leaves out who deleted the group.
            self.cloud.arm.azure.state.drop(re.match(r"/subscriptions/[^/]+/[^/]+/[^/]+", one.path)[0])

    async def _send(self, one: Interaction) -> tuple[int, dict[str, str], Any]:
        url, body = one.url.removeprefix(HOST).removeprefix(GRAPH), one.body
        if one.is_poll:
            moved = self.moved[one.path.lower()]
            url = moved if "?" in moved else moved + "?" + urlsplit(one.url).query
        for recorded, ours in self.moved.items():
            url, body = url.replace(recorded, ours), body.replace(recorded, ours)
        sent = {"Authorization": f"Bearer {self.cloud.token(CALLER)}", "Content-Type": "application/json"}
        async with self.cloud.session.request(
            one.method, self.cloud.url + url, data=body or None, headers=sent
        ) as got:
            text = await got.text()
            headers = {k.lower(): v for k, v in got.headers.items()}
            return got.status, headers, json.loads(text) if text else None

    def _learn(self, one: Interaction, headers: dict[str, str], answer: Any) -> None:
        for name in ("azure-asyncoperation", "location"):
            if name in one.headers and name in headers and headers[name].startswith("http"):
                ours = headers[name].removeprefix(self.cloud.url)
                self.moved[urlsplit(one.headers[name]).path.lower()] = ours
        recorded, made = (
            (a or {}).get("properties") if isinstance(a, dict) else None for a in (one.answer, answer)
        )
        if one.method == "POST" and one.status == 201 and one.url.startswith(GRAPH):
            self.moved[one.answer["id"]] = answer["id"]
        for name in ("principalId", "clientId"):
            if "/userassignedidentities/" in one.path.lower() and recorded and made and name in recorded:
                self.moved[recorded[name]] = made[name]


@pytest.fixture(scope="module")
def tally() -> Any:
    """What was compared, printed when the module is done."""
    counts: Counter[tuple[str, bool]] = Counter()
    left: list[str] = []
    yield counts, left
    total, alike = sum(counts.values()), sum(n for (_, same), n in counts.items() if same)
    print(f"\n{alike} of {total} replayed alike")
    for service in sorted({s for s, _ in counts}):
        print(f"  {service}: {counts[service, True]} of {counts[service, True] + counts[service, False]}")
    print("\n".join(left))


@pytest.mark.parametrize("recording", recordings(), ids=lambda r: r.name)
async def test_a_recorded_request_gets_the_recorded_answer(
    recording: Recording, tmp_path: Path, tally: Any
) -> None:
    """Status, code and message always; headers and shape, save for what `LEFT` names with its reason."""
    counts, left = tally
    first = next((i.at for i in recording.interactions if i.at), None)
    world = World(data=tmp_path / "world", clock=Clock(first))
    options = Options(principal_replication=recording.replication(), credential_write=0)
    async with running(tmp_path, recording.sample(), options, world) as cloud:
        results = await Replay(recording, cloud).run()
    unexplained = []
    for service, one, found in results:
        counts[service, not found] += 1
        for line in found:
            reason = next((why for pattern, why in LEFT if re.search(pattern, f"{service}: {line}")), None)
            said = f"{recording.name} #{one.n} {one.method} {service}: {line}"
            left.append(f"  {said} ({reason})")
            if reason is None:
                unexplained.append(said)
    assert not unexplained, "\n".join(unexplained)
