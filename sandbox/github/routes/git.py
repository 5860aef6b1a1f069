"""Git Data: references, trees, blobs and commits, one object at a time."""

import base64
import binascii
from datetime import datetime
from typing import Any

import pygit2
from aiohttp import web

from sandbox.github.call import answer, body, call, optional, page, wanted
from sandbox.github.git import PathMissing
from sandbox.github.hosting import Hosting
from sandbox.github.objects import Change, Signature
from sandbox.github.refusal import Refused, not_found, unprocessable
from sandbox.github.routes.repository import REPO
from sandbox.github.shapes import objects

MODES = {"100644": "blob", "100755": "blob", "120000": "blob", "040000": "tree", "160000": "commit"}
BLOB_LIMIT = 100 * 1024 * 1024
NO_TREE_BASE = "base_tree is not a valid tree oid"
ONE_OF = "Must supply either tree.sha or tree.content. Request will be rejected if both are present."
routes = web.RouteTableDef()


@routes.get(REPO + "/git/ref/{ref:.+}")
async def get_ref(request: web.Request) -> web.Response:
    """One reference by its exact name."""
    known = call(request)
    name = f"refs/{request.match_info['ref']}"
    if (sha := known.hosting.git.ref(name)) is None:
        raise not_found()
    return answer(request, objects.ref(known.links, known.hosting.git, name, sha))


@routes.get(REPO + "/git/matching-refs/{ref:.*}")
@routes.get(REPO + "/git/refs/{ref:.*}")
@routes.get(REPO + "/git/refs")
async def list_refs(request: web.Request) -> web.Response:
    """References whose names begin so; an exact name under `refs/` is that one alone."""
    known = call(request)
    git, prefix = known.hosting.git, request.match_info.get("ref", "")
    exact = git.ref(f"refs/{prefix}") if prefix and "/git/refs/" in request.path else None
    if exact:
        return answer(request, objects.ref(known.links, git, f"refs/{prefix}", exact))
    found = {
        name: sha for name, sha in git.refs(f"refs/{prefix}").items() if not name.startswith("refs/pull/")
    }
    if not found and "/git/refs/" in request.path:
        raise not_found()
    rows, headers = page(request, [objects.ref(known.links, git, name, sha) for name, sha in found.items()])
    return answer(request, rows, headers=headers)


@routes.post(REPO + "/git/refs")
async def create_ref(request: web.Request) -> web.Response:
    """A new branch, tag or other reference."""
    known = call(request)
    sent = await body(request)
    name, sha = wanted(sent, "ref", str), wanted(sent, "sha", str)
    known.hosting.create_ref(name, sha)
    made = objects.ref(known.links, known.hosting.git, name, sha)
    return answer(request, made, 201, {"Location": made["url"]})


@routes.patch(REPO + "/git/refs/{ref:.+}")
async def update_ref(request: web.Request) -> web.Response:
    """The reference points at another object."""
    known = call(request)
    sent = await body(request)
    name, sha = f"refs/{request.match_info['ref']}", wanted(sent, "sha", str)
    known.hosting.update_ref(name, sha, force=bool(optional(sent, "force", bool)))
    return answer(request, objects.ref(known.links, known.hosting.git, name, sha))


@routes.delete(REPO + "/git/refs/{ref:.+}")
async def delete_ref(request: web.Request) -> web.Response:
    """The reference is gone."""
    call(request).hosting.delete_ref(f"refs/{request.match_info['ref']}")
    return web.Response(status=204)


@routes.get(REPO + "/git/trees/{sha:.+}")
async def get_tree(request: web.Request) -> web.Response:
    """A tree by its own id, or that of a commit or branch; `recursive`, with anything in it, goes down."""
    known = call(request)
    git, name = known.hosting.git, request.match_info["sha"]
    commit = None if git.kind(name) == "tree" else git.resolve(name)
    if commit is None and git.kind(name) != "tree":
        raise not_found()
    tree = git.commit(commit).tree if commit else name
    # GitHub repeats the id that was asked for: a commit's stays a commit's.
    shown = commit if commit == name else tree
    found = objects.tree(known.links, git, tree, shown=shown or tree, recursive="recursive" in request.query)
    return answer(request, found)


@routes.post(REPO + "/git/trees")
async def create_tree(request: web.Request) -> web.Response:
    """A new tree from a base and changes."""
    known = call(request)
    sent = await body(request)
    git, base = known.hosting.git, sent.get("base_tree")
    rows = wanted(sent, "tree", list)
    if base is not None and (not isinstance(base, str) or git.kind(base) != "tree"):
        raise unprocessable(NO_TREE_BASE)
    if not rows:
        raise unprocessable("Invalid tree info")
    changes = [_change(known.hosting, row) for row in rows]
    try:
        sha = git.write_tree(base, changes)
    except (PathMissing, pygit2.GitError) as error:
        raise unprocessable("GitRPC::BadObjectState") from error
    made = objects.tree(known.links, git, sha, shown=sha, recursive=False)
    return answer(request, made, 201, {"Location": made["url"]})


@routes.get(REPO + "/git/blobs/{sha}")
async def get_blob(request: web.Request) -> web.Response:
    """A blob in base64, or its bytes when raw is accepted."""
    known = call(request)
    git, sha = known.hosting.git, request.match_info["sha"]
    if git.kind(sha) != "blob":
        raise not_found()
    data = git.blob(sha)
    if "raw" in request.headers.get("Accept", ""):
        return web.Response(body=data, content_type="application/vnd.github.raw")
    return answer(request, objects.blob(known.links, sha, data))


@routes.post(REPO + "/git/blobs")
async def create_blob(request: web.Request) -> web.Response:
    """A blob is stored; any encoding but base64 is taken for UTF-8."""
    known = call(request)
    sent = await body(request)
    data = wanted(sent, "content", str).encode()
    if sent.get("encoding") == "base64":
        try:
            data = base64.b64decode(data)
        except binascii.Error as error:
            raise unprocessable("content is not valid Base64") from error
    if len(data) > BLOB_LIMIT:
        raise unprocessable(
            "Sorry, your input was too large to process. Consider creating the blob in a local clone."
        )
    sha = known.hosting.git.write_blob(data)
    made = {"sha": sha, "url": known.links.repo("git/blobs", sha)}
    return answer(request, made, 201, {"Location": made["url"]})


@routes.get(REPO + "/git/commits/{sha}")
async def get_commit(request: web.Request) -> web.Response:
    """A commit as Git has it."""
    known = call(request)
    git, sha = known.hosting.git, request.match_info["sha"]
    if git.kind(sha) != "commit":
        raise not_found()
    return answer(request, objects.commit_data(known.links, git.commit(sha)))


@routes.post(REPO + "/git/commits")
async def create_commit(request: web.Request) -> web.Response:
    """A commit is stored. An App's is signed by GitHub when it names no author, committer or signature."""
    known = call(request)
    sent = await body(request)
    hosting = known.hosting
    message, tree = wanted(sent, "message", str), wanted(sent, "tree", str)
    parents = optional(sent, "parents", list) or []
    _check_commit(hosting, tree, parents)
    own = hosting.signature(known.account)
    author = _signature(sent, "author") or own
    if "author" in sent or "committer" in sent or known.caller.kind != "installation":
        committer = _signature(sent, "committer") or author
    else:
        committer = hosting.web_flow()
    try:
        sha = hosting.git.write_commit(tree, parents, message, author, committer)
    except ValueError as error:
        raise unprocessable(
            "Invalid author or committer: name and email must not be empty or hold < or >"
        ) from error
    made = objects.commit_data(known.links, hosting.git.commit(sha))
    return answer(request, made, 201, {"Location": made["url"]})


def _check_commit(hosting: Hosting, tree: str, parents: list[Any]) -> None:
    kind = hosting.git.kind(tree)
    if kind is None:
        raise unprocessable("Tree SHA does not exist")
    if kind != "tree":
        raise unprocessable("Tree SHA is not a tree object")
    if any(not isinstance(p, str) or hosting.git.kind(p) != "commit" for p in parents):
        raise unprocessable("Parent SHA does not exist or is not a commit object")


def _signature(sent: dict[str, Any], name: str) -> Signature | None:
    told = optional(sent, name, dict)
    if told is None:
        return None
    given = told.get("date")
    try:
        at = datetime.fromisoformat(given) if given else datetime.now().astimezone()
    except (TypeError, ValueError) as error:
        raise unprocessable(f"Invalid request.\n\n{given!r} is not a valid date-time.") from error
    return Signature(wanted(told, "name", str), wanted(told, "email", str), at)


def _change(hosting: Hosting, row: Any) -> Change:
    if not isinstance(row, dict):
        raise unprocessable("Invalid request.\n\nFor 'items', tree entries must be objects.")
    path, mode = row.get("path"), row.get("mode")
    _check_path(path)
    assert isinstance(path, str)
    if mode not in MODES:
        raise unprocessable("Must supply a valid tree.mode")
    assert isinstance(mode, str)
    sha, content = row.get("sha"), row.get("content")
    if ("sha" in row) == (content is not None):
        raise unprocessable(ONE_OF)
    if content is not None:
        if not isinstance(content, str):
            raise unprocessable("Invalid request.\n\nFor 'properties/content', the value is not a string.")
        if MODES[mode] != "blob":
            raise unprocessable("A subdirectory may not have content")
        return Change(path, mode, hosting.git.write_blob(content.encode()))
    if sha is None:
        return Change(path, mode, None)
    wants = row.get("type") or MODES[mode]
    if MODES[mode] != "commit" and (not isinstance(sha, str) or hosting.git.kind(sha) != wants):
        raise unprocessable(f"tree.sha {sha} is not a valid {wants}")
    if wants != MODES[mode]:
        raise unprocessable("GitRPC::BadObjectState")
    return Change(path, mode, sha)


def _check_path(path: Any) -> None:
    if not isinstance(path, str) or not path:
        raise Refused(
            422,
            "tree.path must be a non-empty string" if path is not None else "Must supply a valid tree.path",
        )
    if path.startswith("/"):
        raise unprocessable("tree.path cannot start with a slash")
    parts = path.split("/")
    if any(p in ("", ".", "..") or p.lower() == ".git" or "\0" in p for p in parts):
        raise unprocessable("tree.path contains a malformed path component")
