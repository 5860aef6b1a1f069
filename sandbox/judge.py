"""Whether a proposal is right, judged by what the sandbox's own Git and Azure hold and by nothing else."""

import copy
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.argocd.injection import AUDIENCE, CLIENT_ID, LABEL, TENANT_ID
from sandbox.argocd.manifests import Key, Manifest, pod_template, service_account_name
from sandbox.argocd.options import Application
from sandbox.argocd.render import Rendered, Renderer, RenderFailed
from sandbox.github import GitHub
from sandbox.github.git import Git


@dataclass(frozen=True)
class Grant:
    """A role on a scope; `scope` is a resource id or what a person calls it, as `kv-payments`."""

    role: str
    scope: str


@dataclass(frozen=True)
class Workload:
    """What was asked for. `path` is the folder that Argo CD renders, `grants` None: they are not judged."""

    cluster: str
    namespace: str
    service_account: str
    path: str
    grants: tuple[Grant, ...] | None = None
    values: tuple[str, ...] = ()

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Workload":
        """The workload in a JSON object with these fields. TypeError when one is missing or unknown."""
        grants = told.get("grants")
        rows = None if grants is None else tuple(Grant(**row) for row in grants)
        return cls(**{**told, "grants": rows, "values": tuple(told.get("values") or ())})


async def judge(
    github: GitHub,
    azure: dict[str, Any],
    workload: Workload,
    number: int | None,
    others: Iterable[Application] = (),
) -> list[str]:
    """What is wrong with a pull request (or, without number, with the default branch); empty: it is right.

    `azure` is the view of the sandbox's Azure (sandbox/arm/README.md); `others` are the applications that
    have to render as they did before.
    """
    before, head, problem = _ends(github, number)
    if problem:
        return [problem]
    app = Application("judged", workload.cluster, workload.path, workload.namespace, workload.values)
    with tempfile.TemporaryDirectory() as folder:
        renderer = Renderer(github.hosting.git, Path(folder) / "checkouts")
        try:
            after = await renderer.render(head, app)
            old = await renderer.render(before, app) if before else None
            beyond = (
                [c async for c in _about_others(renderer, before, head, others, workload)] if before else []
            )
        except RenderFailed as error:
            return [f"{workload.path} does not render: {error}"]
    if after.opaque:
        return [f"{workload.path} is a Helm chart, and no Helm engine is installed to judge it by"]
    complaints = list(_about_manifests(after, workload, azure))
    if before and old:
        complaints += _about_files(github.hosting.git, before, head)
        complaints += _about_the_rest(old, after, workload)
    return complaints + beyond


def _ends(github: GitHub, number: int | None) -> tuple[str | None, str, str]:
    """The commits before and after a proposal, and why there is nothing to judge."""
    hosting = github.hosting
    if number is None:
        head = hosting.git.resolve(hosting.default_branch)
        return None, head or "", "" if head else "The repository has no commit"
    pull = hosting.pulls.get(number)
    if pull is None:
        return None, "", f"There is no pull request {number}"
    closed = f"Pull request {number} was closed without a merge" if pull.stage == "closed" else ""
    return hosting.common(pull), pull.head_sha, closed


async def _about_others(
    renderer: Renderer, before: str, head: str, others: Iterable[Application], workload: Workload
) -> AsyncIterator[str]:
    for app in others:
        if app.path.strip("/") == workload.path.strip("/") and app.values == workload.values:
            continue
        if await _outcome(renderer, before, app) != await _outcome(renderer, head, app):
            yield f"{app.name} ({app.path}) changes too"


async def _outcome(renderer: Renderer, commit: str, app: Application) -> Rendered | str:
    try:
        return await renderer.render(commit, app)
    except RenderFailed as error:
        return str(error)


def _about_manifests(rendered: Rendered, workload: Workload, azure: dict[str, Any]) -> Iterator[str]:
    namespace, name = workload.namespace, workload.service_account
    account = rendered.targets.get(Key("", "ServiceAccount", namespace, name))
    if account is None:
        yield f"{workload.path} renders no ServiceAccount {namespace}/{name}"
        return
    yield from _about_pods(rendered, workload)
    annotations = (account["metadata"].get("annotations")) or {}
    for annotation in (CLIENT_ID, TENANT_ID):
        if not isinstance(annotations.get(annotation), str):
            yield f"ServiceAccount {namespace}/{name} has no {annotation} that is a string"
    client = annotations.get(CLIENT_ID)
    identity = next((i for i in azure["identities"] if i["client_id"] == client), None)
    if identity is None:
        yield f"No identity in Azure has the client id {client}"
        return
    tenants = {s["name"]: s["tenant"] for s in azure["subscriptions"]}
    if annotations.get(TENANT_ID) != (tenant := tenants[identity["subscription"]]):
        yield f"{TENANT_ID} is {annotations.get(TENANT_ID)}, but {identity['name']} is in {tenant}"
    yield from _about_trust(identity, workload, azure)
    yield from _about_grants(identity, workload)


def _about_pods(rendered: Rendered, workload: Workload) -> Iterator[str]:
    found = list(_users(rendered, workload))
    if not found:
        yield f"{workload.path} renders nothing that runs as {workload.service_account}"
    for key, template in found:
        label = ((template.get("metadata") or {}).get("labels") or {}).get(LABEL)
        if label != "true":
            yield f'The pods of {key.short} carry {LABEL}: {label!r}, not "true"'


def _users(rendered: Rendered, workload: Workload) -> Iterator[tuple[Key, Manifest]]:
    for key, manifest in rendered.targets.items():
        template = pod_template(manifest)
        if template is None or key.namespace != workload.namespace:
            continue
        if service_account_name(template.get("spec") or {}) == workload.service_account:
            yield key, template


def _about_trust(identity: dict[str, Any], workload: Workload, azure: dict[str, Any]) -> Iterator[str]:
    issuer = next((c["issuer"] for c in azure["clusters"] if c["name"] == workload.cluster), None)
    if issuer is None:
        yield f"Azure has no cluster {workload.cluster}"
        return
    subject = f"system:serviceaccount:{workload.namespace}:{workload.service_account}"
    wanted = (issuer, subject, AUDIENCE)
    held = [(c["issuer"], c["subject"], c["audience"]) for c in identity["credentials"]]
    if held.count(wanted) != 1:
        shown = "; ".join(" ".join(row) for row in held) or "none"
        yield f"{identity['name']} has not exactly one credential for {' '.join(wanted)}; it has: {shown}"


def _about_grants(identity: dict[str, Any], workload: Workload) -> Iterator[str]:
    if workload.grants is None:
        return
    wanted = set(workload.grants)
    for row in identity["assignments"]:
        both = {Grant(row["role"], row["short"]), Grant(row["role"], row["scope"])}
        if not both & set(workload.grants):
            yield f"{identity['name']} holds {row['role']} on {row['short']}, which nobody asked for"
        wanted -= both
    for grant in sorted(wanted, key=lambda g: (g.role, g.scope)):
        yield f"{identity['name']} does not hold {grant.role} on {grant.scope}"


class _Strict(yaml.SafeLoader):
    """PyYAML that refuses what it silently forgives: the same key twice."""


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise yaml.constructor.ConstructorError(
            None, None, f"the key {twice.pop()} stands twice", node.start_mark
        )
    loader.flatten_mapping(node)
    return loader.construct_mapping(node)


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _about_files(git: Git, before: str, head: str) -> Iterator[str]:
    for changed in git.diff(before, head):
        text = git.text(head, changed.path)
        if text is None:
            yield f"{changed.path} is gone"
        elif changed.path.endswith((".yaml", ".yml")) and "{{" not in text:
            try:
                list(yaml.load_all(text, _Strict))  # A safe loader: it derives from SafeLoader.
            except yaml.YAMLError as error:
                yield f"{changed.path} is not good YAML: {error}"


def _about_the_rest(before: Rendered, after: Rendered, workload: Workload) -> Iterator[str]:
    own = Key("", "ServiceAccount", workload.namespace, workload.service_account)
    users = {key for key, _ in _users(after, workload)}
    for key in sorted(set(before.targets) | set(after.targets)):
        old, new = before.targets.get(key), after.targets.get(key)
        if old == new or (key == own and old is None):
            continue
        if old is None or new is None:
            yield f"{key.short} is {'new' if old is None else 'gone'}, which nobody asked for"
        elif _bare(old, key, own, users) != _bare(new, key, own, users):
            yield f"{key.short} changes in more than the identity"


def _bare(manifest: Manifest, key: Key, own: Key, users: set[Key]) -> Manifest:
    """The manifest without what a proposal may change in it."""
    bare = copy.deepcopy(manifest)
    template = pod_template(bare)
    if key == own:
        for name in (CLIENT_ID, TENANT_ID):
            (bare["metadata"].get("annotations") or {}).pop(name, None)
    elif key in users and template is not None:
        metadata = template.get("metadata") or {}
        (metadata.get("labels") or {}).pop(LABEL, None)
        template["metadata"] = {k: v for k, v in metadata.items() if v}
    return bare
