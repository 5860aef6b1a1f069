"""What people do on GitHub's pages, as plain methods and over HTTP without a token."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast, get_args

from aiohttp import web

from sandbox.github import merging, reviewing
from sandbox.github.hosting import BRANCH, Hosting
from sandbox.github.objects import Change
from sandbox.github.options import Account
from sandbox.github.page import pull_view
from sandbox.github.refusal import Refused

Act = Callable[..., Awaitable[dict[str, Any]]]


class People:
    """The members of the repository at work. Every act refuses as GitHub does, by raising Refused."""

    def __init__(self, hosting: Hosting) -> None:
        self._hosting = hosting

    async def merge(self, login: str, number: int, method: str = "merge") -> dict[str, Any]:
        """The base branch has the pull request's changes."""
        pull = reviewing.pull_request(self._hosting, number)
        merging.merge_pull(self._hosting, pull, self._account(login), merging.Merge(merge_method(method)))
        return pull_view(self._hosting, pull)

    async def close(self, login: str, number: int) -> dict[str, Any]:
        """The pull request is closed without a merge."""
        self._account(login)
        pull = reviewing.pull_request(self._hosting, number)
        reviewing.edit_pull(self._hosting, pull, {"state": "closed"})
        return pull_view(self._hosting, pull)

    async def reopen(self, login: str, number: int) -> dict[str, Any]:
        """A closed pull request is open again."""
        self._account(login)
        pull = reviewing.pull_request(self._hosting, number)
        reviewing.edit_pull(self._hosting, pull, {"state": "open"})
        return pull_view(self._hosting, pull)

    async def comment(self, login: str, number: int, body: str) -> dict[str, Any]:
        """The person's words stand under the pull request."""
        pull = reviewing.pull_request(self._hosting, number)
        reviewing.comment_on(self._hosting, pull, self._account(login), body)
        return pull_view(self._hosting, pull)

    async def approve(self, login: str, number: int, body: str = "") -> dict[str, Any]:
        """The person approves of the pull request."""
        return self._review(login, number, "APPROVED", body)

    async def request_changes(self, login: str, number: int, body: str) -> dict[str, Any]:
        """The person wants the pull request changed."""
        return self._review(login, number, "CHANGES_REQUESTED", body)

    async def push(
        self, login: str, branch: str, path: str, text: str | None, message: str | None = None
    ) -> dict[str, Any]:
        """The branch has one more commit, in which this file has this text, or is gone."""
        account, git = self._account(login), self._hosting.git
        before = self._hosting.branch(branch)
        if not path or path.startswith("/") or any(p in ("", ".", "..", ".git") for p in path.split("/")):
            raise Refused(422, f"{path!r} is no path in a repository")
        old = git.find(git.commit(before).tree, path)
        if text is None and (old is None or old.kind != "blob"):
            raise Refused(404, f"There is no file {path} on {branch}")
        if old is not None and old.kind != "blob":
            raise Refused(422, f"{path} is a folder")
        sha = None if text is None else git.write_blob(text.encode())
        tree = git.write_tree(git.commit(before).tree, [Change(path, old.mode if old else "100644", sha)])
        who = self._hosting.signature(account)
        verb = "Remove" if text is None else "Update" if old else "Create"
        made = git.write_commit(tree, [before], message or f"{verb} {path}", who, who)
        self._hosting.update_ref(BRANCH + branch, made, force=False)
        return {"sha": made, "branch": branch}

    async def delete_branch(self, login: str, branch: str) -> dict[str, Any]:
        """The branch is gone, and with it every open pull request from or to it."""
        self._account(login)
        self._hosting.delete_ref(BRANCH + branch)
        return {"branch": branch}

    def _review(self, login: str, number: int, state: str, body: str) -> dict[str, Any]:
        pull = reviewing.pull_request(self._hosting, number)
        reviewing.review_pull(self._hosting, pull, self._account(login), state, body)
        return pull_view(self._hosting, pull)

    def _account(self, login: str) -> Account:
        if login not in self._hosting.options.people:
            known = ", ".join(sorted(self._hosting.options.people)) or "nobody"
            raise Refused(404, f"{login} is no member of the repository; known: {known}")
        return self._hosting.options.account(login)


def merge_method(word: str) -> merging.Method:
    """The way to merge that a word names."""
    for method in get_args(merging.Method):
        if word == method:
            return cast(merging.Method, method)
    raise Refused(422, f"{word} is no way to merge: say merge, squash or rebase")


def people_routes(hosting: Hosting, people: People) -> list[web.RouteDef]:
    """`GET /people`, `GET /people/file`, `POST /people/{login}/{act}`; see README.md."""
    acts: dict[str, Act] = {
        "merge": people.merge,
        "close": people.close,
        "reopen": people.reopen,
        "comment": people.comment,
        "approve": people.approve,
        "request-changes": people.request_changes,
        "push": people.push,
        "delete-branch": people.delete_branch,
    }

    async def act(request: web.Request) -> web.Response:
        name = request.match_info["act"]
        if name not in acts:
            raise Refused(404, f"Nobody can {name}; known: {', '.join(sorted(acts))}")
        try:
            told = json.loads(await request.read() or b"{}")
            found = await acts[name](request.match_info["login"], **told)
        except (TypeError, ValueError) as error:
            raise Refused(400, f"The body does not fit {name}: {error}") from error
        return web.json_response(found)

    async def everybody(request: web.Request) -> web.Response:
        return web.json_response([{"login": k, "name": v} for k, v in hosting.options.people.items()])

    async def file(request: web.Request) -> web.Response:
        path, ref = request.query.get("path", ""), request.query.get("ref") or hosting.default_branch
        sha = hosting.git.resolve(ref)
        text = hosting.git.text(sha, path) if sha else None
        if text is None:
            raise Refused(404, f"There is no file {path} at {ref}")
        return web.json_response({"path": path, "ref": ref, "sha": sha, "text": text})

    return [
        web.get("/people", everybody),
        web.get("/people/file", file),
        web.post("/people/{login}/{act}", act),
    ]
