"""Rendering strangers' files: what they may read, how long they may take, and what the proof lets through."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path

import pytest
from trees import ACCOUNT, CLIENT, DEPLOYMENT, kustomization, tree, wanted

from gitops import layout
from gitops.errors import Reason, Refused
from gitops.files import SYMLINK, Files
from gitops.propose import propose, prove
from gitops.render import Unrenderable, render

LEAF = tree(
    app__kustomization=kustomization("sa.yaml", "deployment.yaml", namespace="shop"),
    app__sa=ACCOUNT,
    app__deployment=DEPLOYMENT,
)


def rendered(contents: dict[str, bytes], modes: dict[str, str] | None = None) -> str:
    files = Files.whole(contents, modes)
    return "\n---\n".join(render(files, layout.read(files, "app")).texts)


def unrenderable(contents: dict[str, bytes]) -> str:
    with pytest.raises(Unrenderable) as caught:
        rendered(contents)
    return caught.value.why


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside the repository that anybody on this machine may read."""
    tmp_path.chmod(0o755)
    path = tmp_path / "token"
    path.write_text("the-bots-token")
    path.chmod(0o644)
    return path


def test_a_generator_reads_no_file_outside_the_repository(secret):
    generator = [{"name": "loot", "files": [f"token={secret}"]}]

    assert str(secret) in unrenderable(
        LEAF | tree(app__kustomization=kustomization("sa.yaml", configMapGenerator=generator))
    )


def test_a_generator_that_is_hidden_in_a_transformer_reads_nothing_either(secret):
    hidden = (
        "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata:\n  name: loot\n"
        f"files:\n- token={secret}\n- up=../../../../../../../..{secret}\n"
    )
    contents = LEAF | tree(app__kustomization=kustomization("sa.yaml", generators=[hidden]))

    assert "the-bots-token" not in unrenderable(contents)


def test_a_replacement_reads_nothing_outside(secret):
    contents = LEAF | tree(
        app__kustomization=kustomization("sa.yaml", replacements=[{"path": f"../../../../../..{secret}"}])
    )

    assert "not in the repository" in unrenderable(contents)


def test_a_symbolic_link_is_not_followed():
    with pytest.raises(Unrenderable, match="symbolic link"):
        rendered(LEAF, {"app/sa.yaml": SYMLINK})


def test_nothing_is_fetched():
    fetched = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetched.append(self.path)

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/base.yaml"
        openly = unrenderable(LEAF | tree(app__kustomization=kustomization("sa.yaml", address)))
        hidden = (
            f"apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata:\n  name: a\nfiles:\n- a={address}\n"
        )
        unrenderable(LEAF | tree(app__kustomization=kustomization("sa.yaml", generators=[hidden])))
        server.shutdown()

    assert address in openly
    assert fetched == []


def test_a_generator_in_a_file_that_names_an_address_is_not_run():
    head = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata:\n  name: a\n"
    generator = f"{head}files: [http://127.0.0.1:1/x]\n"
    leaf = kustomization("sa.yaml", generators=["plugin.yaml"])

    assert "app/plugin.yaml" in unrenderable(LEAF | tree(app__kustomization=leaf, app__plugin=generator))


def test_no_program_is_run():
    plugin = """\
apiVersion: v1
kind: Evil
metadata:
  name: a
  annotations:
    config.kubernetes.io/function: |
      exec:
        path: /bin/sh
"""
    leaf = kustomization("sa.yaml", generators=["plugin.yaml"])

    assert "external plugin" in unrenderable(LEAF | tree(app__kustomization=leaf, app__plugin=plugin))


def test_an_alias_bomb_ends_soon():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    bomb = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n" + "\n".join(lines) + "\n"

    unrenderable(LEAF | tree(app__kustomization=kustomization("sa.yaml", "bomb.yaml"), app__bomb=bomb))


def test_what_is_rendered_is_kept_in_the_copy_that_was_made_of_it():
    contents = LEAF | tree(
        app__kustomization=kustomization(
            "../shared/sa.yaml", configMapGenerator=[{"name": "a", "files": ["../shared/a.yaml"]}]
        ),
        shared__sa=ACCOUNT,
        shared__a="inside: the repository\n",
    )

    assert "inside: the repository" in rendered(contents)


def test_a_proposal_that_renders_to_something_else_is_refused():
    """The overlay's own transformer takes the annotations away again."""
    contents = LEAF | tree(
        app__kustomization=kustomization(
            "sa.yaml",
            "deployment.yaml",
            namespace="shop",
            patches=[
                {
                    "target": {"kind": "ServiceAccount"},
                    "patch": "- {op: replace, path: /metadata, value: {name: orders, namespace: shop}}",
                }
            ],
        )
    )
    files = Files.whole(contents)

    with pytest.raises(Refused) as caught:
        prove(files, wanted(), propose(files, wanted()))

    assert caught.value.reason is Reason.NOT_PROVED
    assert "would not carry" in caught.value.sentence


def test_a_proof_shows_the_rendered_difference_and_nothing_else():
    files = Files.whole(LEAF)

    proof = prove(files, wanted(), propose(files, wanted()))

    lines = [line[1:].strip() for line in proof.difference.splitlines() if line[0] == "+" and line[1] != "+"]
    assert lines == [
        'azure.workload.identity/use: "true"',
        "annotations:",
        f"azure.workload.identity/client-id: {CLIENT}",
        "azure.workload.identity/tenant-id: aaaabbbb-0000-cccc-1111-dddd2222eeee",
    ]


def test_what_cannot_be_rendered_is_said_to_be_unverified():
    contents = LEAF | tree(
        app__kustomization=kustomization("sa.yaml", "deployment.yaml", "https://github.com/a/b//c?ref=v1")
    )
    files = Files.whole(contents)

    proof = prove(files, wanted(), propose(files, wanted()))

    assert not proof.is_proved
    assert "github.com/a/b" in proof.why
