"""Files by path, and the whole repository as one archive."""

import gzip
import io
import tarfile

from aiohttp import web

from sandbox.github.call import API, Call, answer, call
from sandbox.github.git import Git
from sandbox.github.refusal import Refused, not_found
from sandbox.github.routes.repository import REPO
from sandbox.github.shapes import objects

FOLDER_LIMIT = 1000
routes = web.RouteTableDef()


@routes.get(REPO + "/contents")
@routes.get(REPO + "/contents/{path:.*}")
async def get_contents(request: web.Request) -> web.Response:
    """A file, or the lines of a folder, at a branch, tag or commit."""
    known = call(request)
    git, path = known.hosting.git, request.match_info.get("path", "").rstrip("/")
    name = request.query.get("ref") or known.hosting.default_branch
    commit = git.resolve(name)
    if commit is None:
        raise Refused(404, f"No commit found for the ref {name}")
    if any(part in (".", "..") for part in path.split("/")):
        raise Refused(422, "path contains a malformed path component")
    entry = git.find(git.commit(commit).tree, path)
    if entry is None:
        raise not_found()
    accept = request.headers.get("Accept", "")
    if entry.kind == "tree":
        return _folder(request, known, entry.sha, path, name, as_object=".object" in accept)
    if ".raw" in accept:
        return web.Response(
            body=git.blob(entry.sha), content_type="application/vnd.github.raw", charset="utf-8"
        )
    return answer(request, objects.content(known.links, git, entry, name, with_text=True))


def _folder(
    request: web.Request, known: Call, tree: str, path: str, name: str, *, as_object: bool
) -> web.Response:
    git = known.hosting.git
    entries = list(git.entries(tree, under=f"{path}/" if path else ""))[:FOLDER_LIMIT]
    rows = [objects.content(known.links, git, e, name, with_text=False) for e in entries]
    if not as_object:
        return answer(request, rows)
    here = f"{known.links.repo('contents', path)}?ref={name}"
    links = {
        "self": here,
        "git": known.links.repo("git/trees", tree),
        "html": known.links.page("tree", name, path),
    }
    body = {
        "type": "dir", "size": 0, "name": path.rsplit("/", 1)[-1], "path": path, "sha": tree, "url": here,
        "git_url": links["git"], "html_url": links["html"], "download_url": None,
        "entries": rows, "_links": links,
    }  # fmt: skip
    return answer(request, body)


@routes.get(REPO + "/tarball")
@routes.get(REPO + "/tarball/{ref:.+}")
async def get_tarball(request: web.Request) -> web.Response:
    """Where the archive of a commit is; that address needs no other token for five minutes."""
    known = call(request)
    sha = known.hosting.git.resolve(request.match_info.get("ref") or known.hosting.default_branch)
    if sha is None:
        raise not_found()
    where = f"{known.links.repo('legacy.tar.gz', sha)}?token={known.callers.ticket(known.caller)}"
    return web.Response(status=302, headers={"Location": where})


@routes.get(API + "/repos/{owner}/{repo}/legacy.tar.gz/{sha}")
async def get_archive(request: web.Request) -> web.Response:
    """The files of a commit under one folder, as gzipped tar."""
    known = call(request)
    options, sha = known.hosting.options, request.match_info["sha"]
    if known.hosting.git.kind(sha) != "commit":
        raise not_found()
    folder = f"{options.owner}-{options.repository}-{sha[:7]}"
    headers = {"Content-Disposition": f"attachment; filename={folder}.tar.gz"}
    return web.Response(
        body=archive(known.hosting.git, sha, folder), content_type="application/x-gzip", headers=headers
    )


def archive(git: Git, commit: str, folder: str) -> bytes:
    """A commit's files as gzipped tar, each under `folder`; links stay links."""
    found = git.commit(commit)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for entry in git.entries(found.tree, recursive=True):
            line = tarfile.TarInfo(f"{folder}/{entry.path}")
            line.mtime = int(found.committer.at.timestamp())
            line.mode = 0o775 if entry.mode in ("100755", "040000") else 0o664
            data = b""
            if entry.kind == "tree":
                line.type = tarfile.DIRTYPE
            elif entry.mode == "120000":
                line.type, line.linkname = tarfile.SYMTYPE, git.blob(entry.sha).decode()
            elif entry.kind == "blob":
                data = git.blob(entry.sha)
                line.size = len(data)
            else:
                continue
            tar.addfile(line, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), compresslevel=3, mtime=0)
