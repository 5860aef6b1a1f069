"""The pull request as a stranger reads it: what, why, who asked, who approved, what it does, how to undo it."""

import textwrap
from collections.abc import Iterable, Mapping

from bot.domain import approval
from bot.domain.plan import (
    IDENTITY,
    EnsureCredential,
    EnsureRoleAssignment,
    OpenPullRequest,
    Plan,
    issuer_of,
)
from bot.domain.request import IdentityRequest
from bot.views.markdown import code, message, one_line, prose, table
from bot.views.steps import allows, label, role_name
from bot.views.words import counted, fit

TITLE = 120
REASON = 4_000
BODY = 60_000
"""Of the 65,536 characters that GitHub takes."""
ROWS = 100
WIDTH = 72

Names = Mapping[str, str]


def pull_request_title(record: IdentityRequest, step: OpenPullRequest) -> str:
    """What the pull request does, in one line."""
    clusters = ", ".join(dict.fromkeys(w.cluster for w in step.workloads))
    accounts = ", ".join(dict.fromkeys(f"{w.namespace}/{w.service_account}" for w in step.workloads))
    return fit(message(f"Give {accounts} on {clusters} its Azure identity"), TITLE)


def commit_message(record: IdentityRequest, step: OpenPullRequest, names: Names) -> str:
    """The commit's message: the title, what and why, and trailers; `names` says what each user is called."""
    plan = _plan(record)
    trailers = [
        f"Requested-by: {_name(record.requester.user, names)}",
        *(f"Approved-by: {_name(user, names)}" for user in _approvers(record)),
        f"Request: {message(record.id)}",
        f"Plan-Digest: {plan.digest}",
    ]
    what = f"Managed identity {plan.spec.identity.name}, client id {_client_id(record)}."
    why = f"Why: {fit(message(plan.spec.reason), REASON)}"
    paragraphs = [pull_request_title(record, step), _wrapped(what), _wrapped(why), "\n".join(trailers)]
    return "\n\n".join(paragraphs) + "\n"


def pull_request_body(record: IdentityRequest, step: OpenPullRequest, names: Names) -> str:
    """The description in Markdown, with a hidden mark by which it is found again."""
    plan = _plan(record)
    sections = [
        _opening(record, plan, names),
        _section("What it may do", _grants(plan)),
        _section("Who can use it", _workloads(record, step)),
        _section("What changes here", _bullets(f"{code(c.path)}: {prose(c.what)}" for c in plan.changes)),
        _section(
            "What pods notice",
            _bullets(f"{code(f'{p.kind} {p.name}')}: {prose(p.effect)}" for p in plan.pods),
        ),
        _section("Argo CD applications that this reaches", _bullets(map(code, plan.applications))),
        _section("After the merge", _bullets(f"the bot makes: {prose(label(s))}" for s in plan.after)),
        _section("How to undo it", _undo(record, plan)),
    ]
    mark = f"<!-- identity-bot request={record.id} digest={plan.digest} -->"
    return fit("\n\n".join(filter(None, sections)), BODY) + f"\n\n{mark}\n"


def _opening(record: IdentityRequest, plan: Plan, names: Names) -> str:
    spec = plan.spec
    lines = [
        f"{prose(spec.application)} gets its own Azure identity: {code(spec.identity.name)}, "
        f"client id {code(_client_id(record))}. It is made already; this pull request lets the workload use it.",
        f"**Why:** {prose(fit(spec.reason, REASON))}",
        f"**Asked by** {prose(_name(record.requester.user, names))}"
        + (f", team {prose(spec.team)}" if spec.team else ""),
        f"**Approved by** {', '.join(prose(_name(u, names)) for u in _approvers(record)) or 'nobody'}",
        f"**Request** {code(record.id)}, **plan** {code(plan.digest)}",
    ]
    return "\n\n".join(lines)


def _grants(plan: Plan) -> str:
    rows = [(prose(role_name(g.role)), prose(allows(g)), code(g.scope.id)) for g in plan.spec.grants[:ROWS]]
    more = len(plan.spec.grants) - len(rows)
    cut = f"\n\nand {counted(more, 'more grant')}: see the request's card in Slack" if more else ""
    return table(("Role", "It can", "Scope"), rows) + cut if rows else ""


def _workloads(record: IdentityRequest, step: OpenPullRequest) -> str:
    rows = [
        (code(w.key), code(w.subject), code((record.observed and issuer_of(w, record.observed)) or "unknown"))
        for w in step.workloads
    ]
    return table(("Workload", "Subject", "Issuer"), rows)


def _undo(record: IdentityRequest, plan: Plan) -> str:
    """Reverting stops new tokens; what Azure holds is removed with these commands, in this order."""
    identity = plan.spec.identity
    lines = [
        f"az role assignment delete --assignee {_principal(record)} --role {s.role_id} --scope {_shell(s.scope.id)}"
        for s in plan.steps
        if isinstance(s, EnsureRoleAssignment)
    ]
    group = f"--resource-group {_shell(identity.resource_group)} --subscription {identity.subscription}"
    lines += [
        f"az identity federated-credential delete --name {_shell(s.name)} "
        f"--identity-name {_shell(identity.name)} {group}"
        for s in plan.steps
        if isinstance(s, EnsureCredential)
    ]
    if not plan.step(IDENTITY).present:  # type: ignore[union-attr]
        lines.append(f"az identity delete --name {_shell(identity.name)} {group}")
    commands = "\n".join(lines[:ROWS])
    return (
        f"Revert this pull request first, then:\n\n```shell\n{commands}\n```"
        if lines
        else "Revert this pull request."
    )


def _shell(text: str) -> str:
    """The text as one word of a shell's command; Azure's names need no quotes, but ids of inner parts might."""
    return "'" + one_line(text).replace("'", "'\\''").replace("`", "") + "'"


def _section(title: str, text: str) -> str:
    return f"### {title}\n\n{text}" if text else ""


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {one}" for one in list(lines)[:ROWS])


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))


def _plan(record: IdentityRequest) -> Plan:
    if record.plan is None:
        raise ValueError(f"request {record.id} has no plan to propose")
    return record.plan


def _client_id(record: IdentityRequest) -> str:
    return record.outputs.get(IDENTITY, {}).get("client_id", "known after apply")


def _principal(record: IdentityRequest) -> str:
    return record.outputs.get(IDENTITY, {}).get("principal_id", "PRINCIPAL-ID")


def _approvers(record: IdentityRequest) -> list[str]:
    return [a.person.user for a in approval.standing(record)]


def _name(user: str, names: Names) -> str:
    """What a person is called, fit for one line; the Slack id where there is no name."""
    return fit(message(names.get(user, "")), 80) or user
