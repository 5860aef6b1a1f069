"""Git's objects and references, and the differences between commits."""

import base64
from itertools import islice
from typing import Any

from sandbox.github.git import Git
from sandbox.github.hosting import Hosting
from sandbox.github.links import Links, node_id
from sandbox.github.objects import Commit, Entry, FileDiff, Signature
from sandbox.github.options import Account
from sandbox.github.pull import stamp
from sandbox.github.refusal import Refused
from sandbox.github.shapes.accounts import simple_user

TREE_ENTRIES = 100_000
TREE_BYTES = 7_000_000
ENTRY_OVERHEAD = 210
FILES = 300


def ref(links: Links, git: Git, name: str, sha: str) -> dict[str, Any]:
    """A reference (`git-ref`)."""
    kind = git.kind(sha) or "commit"
    where = links.repo("git", f"{kind}s", sha)
    return {
        "ref": name,
        "node_id": node_id("Ref", name),
        "url": links.repo("git", name),
        "object": {"sha": sha, "type": kind, "url": where},
    }


def commit_data(links: Links, commit: Commit) -> dict[str, Any]:
    """A commit as Git has it (`git-commit`)."""
    return {
        "sha": commit.sha,
        "node_id": node_id("Commit", commit.sha),
        "url": links.repo("git/commits", commit.sha),
        "html_url": links.page("commit", commit.sha),
        "author": _person(commit.author),
        "committer": _person(commit.committer),
        "tree": {"url": links.repo("git/trees", commit.tree), "sha": commit.tree},
        "message": commit.message,
        "parents": [
            {"sha": p, "url": links.repo("git/commits", p), "html_url": links.page("commit", p)}
            for p in commit.parents
        ],
        "verification": verification(commit),
    }


def commit(links: Links, hosting: Hosting, found: Commit) -> dict[str, Any]:
    """A commit as the repository shows it (`commit`)."""
    return {
        "sha": found.sha,
        "node_id": node_id("Commit", found.sha),
        "commit": {
            "author": _person(found.author),
            "committer": _person(found.committer),
            "message": found.message,
            "tree": {"sha": found.tree, "url": links.repo("git/trees", found.tree)},
            "url": links.repo("git/commits", found.sha),
            "comment_count": 0,
            "verification": verification(found),
        },
        "url": links.repo("commits", found.sha),
        "html_url": links.page("commit", found.sha),
        "comments_url": links.repo("commits", found.sha, "comments"),
        "author": account_of(links, hosting, found.author),
        "committer": account_of(links, hosting, found.committer),
        "parents": [
            {"sha": p, "url": links.repo("commits", p), "html_url": links.page("commit", p)}
            for p in found.parents
        ],
    }


def verification(commit: Commit) -> dict[str, Any]:
    """Whether GitHub vouches for a commit: it signs what it committed itself (for Apps and on its pages)."""
    if commit.committer.email == "noreply@github.com":
        signed = f"tree {commit.tree}"
        return {
            "verified": True,
            "reason": "valid",
            "signature": "-----BEGIN PGP SIGNATURE-----\n\nsandbox\n-----END PGP SIGNATURE-----\n",
            "payload": signed,
            "verified_at": stamp(commit.committer.at),
        }
    return {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def account_of(links: Links, hosting: Hosting, signature: Signature) -> dict[str, Any] | None:
    """The account whose address stands in a commit, if there is one."""
    options = hosting.options
    if signature.email == "noreply@github.com":
        return simple_user(links, Account("web-flow", "GitHub", signature.email))
    for login in (*options.people, options.bot, f"{options.app.slug}[bot]"):
        if options.account(login).email == signature.email:
            return simple_user(links, options.account(login))
    return None


def tree(links: Links, git: Git, sha: str, *, shown: str, recursive: bool) -> dict[str, Any]:
    """A tree (`git-tree`), cut as GitHub cuts it at 100,000 entries or 7 MB."""
    rows: list[dict[str, Any]] = []
    size = 0
    for entry in islice(git.entries(sha, recursive=recursive), TREE_ENTRIES + 1):
        size += ENTRY_OVERHEAD + len(entry.path)
        if len(rows) == TREE_ENTRIES or size > TREE_BYTES:
            return {"sha": shown, "url": links.repo("git/trees", shown), "tree": rows, "truncated": True}
        rows.append(_row(links, entry))
    return {"sha": shown, "url": links.repo("git/trees", shown), "tree": rows, "truncated": False}


def _row(links: Links, entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
    if entry.size is not None:
        row["size"] = entry.size
    if entry.kind != "commit":
        row["url"] = links.repo(f"git/{entry.kind}s", entry.sha)
    return row


def wrapped(data: bytes) -> str:
    """Base64 in lines of sixty characters, as GitHub gives it."""
    encoded = base64.b64encode(data).decode()
    return "".join(f"{encoded[i : i + 60]}\n" for i in range(0, len(encoded), 60))


def blob(links: Links, sha: str, data: bytes) -> dict[str, Any]:
    """A blob (`blob`)."""
    return {
        "sha": sha,
        "node_id": node_id("Blob", sha),
        "size": len(data),
        "url": links.repo("git/blobs", sha),
        "content": wrapped(data),
        "encoding": "base64",
    }


def branch(links: Links, hosting: Hosting, name: str, sha: str) -> dict[str, Any]:
    """A branch (`branch-with-protection`)."""
    protected = name in hosting.options.protection
    checks = {"enforcement_level": "off", "contexts": [], "checks": []}
    return {
        "name": name,
        "commit": commit(links, hosting, hosting.git.commit(sha)),
        "_links": {"self": links.repo("branches", name), "html": links.page("tree", name)},
        "protected": protected,
        "protection": {"enabled": protected, "required_status_checks": checks},
        "protection_url": links.repo("branches", name, "protection"),
    }


def diff_entry(links: Links, head: str, found: FileDiff) -> dict[str, Any]:
    """How one file differs (`diff-entry`)."""
    entry: dict[str, Any] = {
        "sha": found.sha,
        "filename": found.path,
        "status": found.status,
        "additions": found.additions,
        "deletions": found.deletions,
        "changes": found.additions + found.deletions,
        "blob_url": links.page("blob", head, found.path),
        "raw_url": links.page("raw", head, found.path),
        "contents_url": f"{links.repo('contents', found.path)}?ref={head}",
    }
    if found.patch is not None:
        entry["patch"] = found.patch
    if found.previous:
        entry["previous_filename"] = found.previous
    return entry


def comparison(links: Links, hosting: Hosting, basehead: str, base: str, head: str) -> dict[str, Any]:
    """What lies between two commits (`commit-comparison`). 404 when they have no history in common."""
    git = hosting.git
    common = git.merge_base(base, head)
    if common is None:
        raise Refused(404, f"No common ancestor between {' and '.join(basehead.split('...'))}.")
    ahead, behind = git.between(base, head), len(git.between(head, base))
    status = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
    return {
        "url": links.repo("compare", basehead),
        "html_url": links.page("compare", basehead),
        "permalink_url": links.page("compare", f"{base[:7]}...{head[:7]}"),
        "diff_url": f"{links.page('compare', basehead)}.diff",
        "patch_url": f"{links.page('compare', basehead)}.patch",
        "base_commit": commit(links, hosting, git.commit(base)),
        "merge_base_commit": commit(links, hosting, git.commit(common)),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [commit(links, hosting, c) for c in ahead[:250]],
        "files": [diff_entry(links, head, d) for d in git.diff(common, head)[:FILES]],
    }


def content(links: Links, git: Git, entry: Entry, name: str, *, with_text: bool) -> dict[str, Any]:
    """A file, folder, link or submodule at a path (`content-file` and its like) of the ref `name`."""
    kinds = {"120000": "symlink", "160000": "submodule", "040000": "dir"}
    kind = kinds.get(entry.mode, "file")
    here = f"{links.repo('contents', entry.path)}?ref={name}"
    in_git = None if kind == "submodule" else links.repo(f"git/{entry.kind}s", entry.sha)
    page = links.page("tree" if kind == "dir" else "blob", name, entry.path)
    body: dict[str, Any] = {
        "name": entry.path.rsplit("/", 1)[-1],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": here,
        "html_url": page,
        "git_url": in_git,
        "download_url": None if kind in ("dir", "submodule") else links.page("raw", name, entry.path),
        "type": kind,
        "_links": {"self": here, "git": in_git, "html": page},
    }
    if with_text and kind == "file":
        small = (entry.size or 0) <= 1_000_000
        body["content"] = wrapped(git.blob(entry.sha)) if small else ""
        body["encoding"] = "base64" if small else "none"
    elif with_text and kind == "symlink":
        body["target"] = git.blob(entry.sha).decode(errors="replace")
    return body


def _person(signature: Signature) -> dict[str, Any]:
    return {"name": signature.name, "email": signature.email, "date": stamp(signature.at)}
