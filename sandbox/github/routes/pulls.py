"""Pull requests, and what is said, asked and labelled on them."""

from operator import attrgetter

from aiohttp import web

from sandbox.github import reviewing
from sandbox.github.call import answer, any_body, body, call, optional, page, wanted
from sandbox.github.hosting import DEFAULT_COLOR
from sandbox.github.merging import Merge, merge_pull
from sandbox.github.people import merge_method
from sandbox.github.pull import Pull
from sandbox.github.refusal import Refused, invalid, not_found
from sandbox.github.routes.repository import REPO
from sandbox.github.shapes import objects
from sandbox.github.shapes import pulls as shapes

PULL = REPO + r"/pulls/{number:\d+}"
ISSUE = REPO + r"/issues/{number:\d+}"
VERDICTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
routes = web.RouteTableDef()


def _pull(request: web.Request) -> Pull:
    return reviewing.pull_request(call(request).hosting, int(request.match_info["number"]))


@routes.get(REPO + "/pulls")
async def list_pulls(request: web.Request) -> web.Response:
    """Pull requests by state, head (`owner:branch`) and base, newest first unless told otherwise."""
    known = call(request)
    query, hosting = request.query, known.hosting
    state, head, base = query.get("state", "open"), query.get("head"), query.get("base")
    found = [p for p in hosting.pulls.values() if state in ("all", p.state) and base in (None, "", p.base)]
    if head and ":" in head:
        # Without the owner GitHub ignores the filter.
        owner, _, branch = head.partition(":")
        found = [p for p in found if p.head == branch and owner.lower() == hosting.options.owner.lower()]
    by = attrgetter("updated_at" if query.get("sort") == "updated" else "created_at")
    descending = (
        query.get("direction", "desc" if query.get("sort", "created") == "created" else "asc") == "desc"
    )
    rows, headers = page(request, sorted(found, key=lambda p: (by(p), p.number), reverse=descending))
    return answer(request, [shapes.simple_pull(known.links, hosting, p) for p in rows], headers=headers)


@routes.post(REPO + "/pulls")
async def create_pull(request: web.Request) -> web.Response:
    """A pull request is open."""
    known = call(request)
    sent = await body(request)
    made = reviewing.open_pull(
        known.hosting,
        known.account,
        title=wanted(sent, "title", str),
        body=optional(sent, "body", str),
        head=wanted(sent, "head", str),
        base=wanted(sent, "base", str),
        draft=bool(optional(sent, "draft", bool)),
    )
    shown = shapes.pull(known.links, known.hosting, made, judged=False)
    return answer(request, shown, 201, {"Location": shown["url"]})


@routes.get(PULL)
async def get_pull(request: web.Request) -> web.Response:
    """One pull request, or its diff when that is accepted."""
    known, pull = call(request), _pull(request)
    if ".diff" in request.headers.get("Accept", ""):
        return web.Response(text=diff_text(request, pull), content_type="application/vnd.github.diff")
    return answer(request, shapes.pull(known.links, known.hosting, pull))


def diff_text(request: web.Request, pull: Pull) -> str:
    """A pull request's difference as one unified diff."""
    hosting = call(request).hosting
    files = hosting.git.diff(hosting.common(pull), pull.head_sha)
    text = ""
    for f in files:
        old, new = f"a/{f.previous or f.path}", f"b/{f.path}"
        text += f"diff --git {old} {new}\n"
        text += f"--- {'/dev/null' if f.status == 'added' else old}\n"
        text += f"+++ {'/dev/null' if f.status == 'removed' else new}\n{f.patch or ''}\n"
    return text


@routes.patch(PULL)
async def update_pull(request: web.Request) -> web.Response:
    """Title, body, base or state changes."""
    known, pull = call(request), _pull(request)
    sent = await body(request)
    for name in ("title", "body", "base", "state"):
        optional(sent, name, str)
    reviewing.edit_pull(known.hosting, pull, sent)
    return answer(request, shapes.pull(known.links, known.hosting, pull, judged=False))


@routes.get(PULL + "/commits")
async def list_commits(request: web.Request) -> web.Response:
    """The commits of a pull request, oldest first."""
    known = call(request)
    rows, headers = page(request, reviewing.commits_of(known.hosting, _pull(request))[:250])
    return answer(request, [objects.commit(known.links, known.hosting, c) for c in rows], headers=headers)


@routes.get(PULL + "/files")
async def list_files(request: web.Request) -> web.Response:
    """The files of a pull request, by path."""
    known, pull = call(request), _pull(request)
    files = known.hosting.git.diff(known.hosting.common(pull), pull.head_sha)
    rows, headers = page(request, files[:3000])
    return answer(request, [objects.diff_entry(known.links, pull.head_sha, f) for f in rows], headers=headers)


@routes.get(PULL + "/merge")
async def is_merged(request: web.Request) -> web.Response:
    """204 when it is merged, else 404."""
    if not _pull(request).merged_at:
        raise not_found()
    return web.Response(status=204)


@routes.put(PULL + "/merge")
async def merge(request: web.Request) -> web.Response:
    """The base has the changes."""
    known, pull = call(request), _pull(request)
    sent = await body(request)
    how = Merge(
        method=merge_method(optional(sent, "merge_method", str) or "merge"),
        sha=optional(sent, "sha", str),
        title=optional(sent, "commit_title", str),
        message=optional(sent, "commit_message", str),
    )
    made = merge_pull(known.hosting, pull, known.account, how)
    return answer(request, {"sha": made, "merged": True, "message": "Pull Request successfully merged"})


@routes.get(PULL + "/requested_reviewers")
async def list_reviewers(request: web.Request) -> web.Response:
    """Who is asked for a review."""
    known, pull = call(request), _pull(request)
    shown = shapes.simple_pull(known.links, known.hosting, pull)
    return answer(request, {"users": shown["requested_reviewers"], "teams": shown["requested_teams"]})


@routes.post(PULL + "/requested_reviewers")
async def request_reviewers(request: web.Request) -> web.Response:
    """People and teams are asked for a review."""
    known, pull = call(request), _pull(request)
    sent = await body(request)
    people, teams = optional(sent, "reviewers", list) or [], optional(sent, "team_reviewers", list) or []
    if teams and not known.caller.may(("members",), "read"):
        # What GitHub says to an App that may not see the organisation's teams (PyGithub issue 1499).
        raise reviewing.unresolved(f"Could not resolve to a node with the global id of '{teams[0]}'.")
    reviewing.request_reviews(known.hosting, pull, people, teams)
    return answer(request, shapes.simple_pull(known.links, known.hosting, pull), 201)


@routes.get(PULL + "/reviews")
async def list_reviews(request: web.Request) -> web.Response:
    """The verdicts on a pull request, oldest first."""
    known, pull = call(request), _pull(request)
    rows, headers = page(request, pull.reviews)
    return answer(
        request, [shapes.review(known.links, known.hosting, pull, r) for r in rows], headers=headers
    )


@routes.post(PULL + "/reviews")
async def create_review(request: web.Request) -> web.Response:
    """A verdict on a pull request."""
    known, pull = call(request), _pull(request)
    sent = await body(request)
    verdict = VERDICTS.get(optional(sent, "event", str) or "COMMENT")
    if verdict is None:
        raise invalid("PullRequestReview", "event", "invalid")
    made = reviewing.review_pull(
        known.hosting, pull, known.account, verdict, optional(sent, "body", str) or ""
    )
    return answer(request, shapes.review(known.links, known.hosting, pull, made))


@routes.get(ISSUE + "/comments")
async def list_comments(request: web.Request) -> web.Response:
    """What stands under a pull request, oldest first."""
    known, pull = call(request), _pull(request)
    rows, headers = page(request, pull.comments)
    return answer(
        request, [shapes.comment(known.links, known.hosting, pull, c) for c in rows], headers=headers
    )


@routes.post(ISSUE + "/comments")
async def create_comment(request: web.Request) -> web.Response:
    """Words under a pull request."""
    known, pull = call(request), _pull(request)
    words = wanted(await body(request), "body", str)
    made = reviewing.comment_on(known.hosting, pull, known.account, words)
    shown = shapes.comment(known.links, known.hosting, pull, made)
    return answer(request, shown, 201, {"Location": shown["url"]})


@routes.get(ISSUE + "/labels")
async def list_issue_labels(request: web.Request) -> web.Response:
    """The labels of a pull request."""
    known, pull = call(request), _pull(request)
    rows, headers = page(request, pull.labels)
    return answer(request, [shapes.label(known.links, known.hosting, name) for name in rows], headers=headers)


@routes.post(ISSUE + "/labels")
async def add_labels(request: web.Request) -> web.Response:
    """The pull request carries these labels too."""
    known, pull = call(request), _pull(request)
    sent = await any_body(request)
    # A bare list is taken too, and it is what PyGithub sends.
    given = sent if isinstance(sent, list) else wanted(sent, "labels", list)
    names = [label["name"] if isinstance(label, dict) and "name" in label else label for label in given]
    if not all(isinstance(name, str) for name in names):
        raise Refused(422, "Invalid request.\n\nFor 'items', labels must be strings.")
    reviewing.label_pull(known.hosting, pull, names)
    return answer(request, [shapes.label(known.links, known.hosting, name) for name in pull.labels])


@routes.delete(ISSUE + "/labels/{name}")
async def remove_label(request: web.Request) -> web.Response:
    """The pull request does not carry this label any more."""
    known, pull, name = call(request), _pull(request), request.match_info["name"]
    if name not in pull.labels:
        raise Refused(404, "Label does not exist")
    pull.labels.remove(name)
    known.hosting.told("unlabeled", pull, {"label": name})
    return answer(request, [shapes.label(known.links, known.hosting, n) for n in pull.labels])


@routes.get(REPO + "/labels")
async def list_labels(request: web.Request) -> web.Response:
    """Every label of the repository."""
    known = call(request)
    rows, headers = page(request, sorted(known.hosting.labels))
    return answer(request, [shapes.label(known.links, known.hosting, name) for name in rows], headers=headers)


@routes.post(REPO + "/labels")
async def create_label(request: web.Request) -> web.Response:
    """A label comes to be."""
    known = call(request)
    sent = await body(request)
    name = wanted(sent, "name", str)
    if name in known.hosting.labels:
        raise invalid("Label", "name", "already_exists")
    known.hosting.labels[name] = optional(sent, "color", str) or DEFAULT_COLOR
    known.hosting.told("label", None, {"label": name})
    return answer(request, shapes.label(known.links, known.hosting, name), 201)
