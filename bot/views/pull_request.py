"""The pull request as a stranger reads it: what and why, who asked and approved, how to undo it."""

import shlex
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from bot.domain import approval
from bot.domain.plan import (
    IDENTITY,
    EnsureCredential,
    EnsureIdentity,
    EnsureRoleAssignment,
    OpenPullRequest,
    Plan,
    Step,
    issuer_of,
)
from bot.domain.request import IdentityRequest
from bot.views.markdown import code, message, one_line, prose, table
from bot.views.steps import allows, label, noticed, role_name
from bot.views.words import counted, fit

TITLE = 120
NAME = 80
SAID = 300
REASON = 4_000
BODY = 60_000
"""Of the 65,536 characters that GitHub takes."""
ROWS = 40
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
    why = f"Why: {message(fit(plan.spec.reason, REASON))}"
    paragraphs = [pull_request_title(record, step), _wrapped(what), _wrapped(why), "\n".join(trailers)]
    return "\n\n".join(paragraphs) + "\n"


def pull_request_body(record: IdentityRequest, step: OpenPullRequest, names: Names) -> str:
    """The description in Markdown, with a hidden mark by which it is found again."""
    plan = _plan(record)
    sections = [
        _opening(record, plan, names),
        _section("What it may do", _grants(plan)),
        _section("Who can use it", _workloads(record, step)),
        _section("What changes here", _bullets(_said(c.path, c.what) for c in plan.changes)),
        _section("How it was checked", _bullets(prose(proof) for proof in plan.proofs)),
        _section("What pods notice", _bullets(_said(f"{p.kind} {p.name}", noticed(p)) for p in plan.pods)),
        _section("Argo CD applications that this reaches", _bullets(map(code, plan.applications))),
        _section("After the merge", _bullets(f"the bot makes: {prose(label(s))}" for s in plan.after)),
        _section("How to undo it", _undo(record, plan)),
    ]
    mark = f"<!-- identity-bot request={record.id} digest={plan.digest} -->"
    return "\n\n".join([*_within(BODY, filter(None, sections)), mark]) + "\n"


def _within(limit: int, sections: Iterable[str]) -> Iterator[str]:
    """The first sections that fit; none is broken, since a cut one could swallow what stands after it."""
    for section in sections:
        limit -= len(section) + 2
        if limit < 0:
            return
        yield section


def _opening(record: IdentityRequest, plan: Plan, names: Names) -> str:
    spec = plan.spec
    team = f", team {prose(spec.team)}" if spec.team else ""
    approved = ", ".join(prose(_name(user, names)) for user in _approvers(record))
    lines = [
        f"{prose(spec.application)} gets its own Azure identity: {code(spec.identity.name)}, "
        f"client id {code(_client_id(record))}. It is made already; merging lets the workload use it.",
        f"**Why:** {prose(fit(spec.reason, REASON))}",
        f"**Asked by** {prose(_name(record.requester.user, names))}{team}",
        f"**Approved by** {approved or 'nobody'}",
        f"**Request** {code(record.id)}, **plan** {code(plan.digest)}",
    ]
    return "\n\n".join(lines)


def _grants(plan: Plan) -> str:
    shown = plan.spec.grants[:ROWS]
    rows = [(prose(role_name(g.role)), prose(allows(g)), code(g.scope.id)) for g in shown]
    rest = len(plan.spec.grants) - len(shown)
    more = f"\n\nand {counted(rest, 'grant')} more: see the request's card in Slack" if rest else ""
    return table(("Role", "It can", "Scope"), rows) + more if rows else ""


def _workloads(record: IdentityRequest, step: OpenPullRequest) -> str:
    seen = record.observed
    issuers = [(seen and issuer_of(w, seen)) or "unknown" for w in step.workloads]
    rows = [
        (code(w.key), code(w.subject), code(issuer))
        for w, issuer in zip(step.workloads, issuers, strict=True)
    ]
    return table(("Workload", "Subject", "Issuer"), rows[:ROWS])


def _undo(record: IdentityRequest, plan: Plan) -> str:
    """Reverting stops new tokens; the commands take away what Azure holds, the identity last."""
    backwards = (*plan.after, *reversed(plan.before))
    commands = [command for step in backwards if (command := _removal(step, plan, _principal(record)))]
    if not commands:
        return "Revert this pull request."
    script = "\n".join(commands[:ROWS])
    return f"Revert this pull request first, then:\n\n```shell\n{script}\n```"


def _removal(step: Step, plan: Plan, principal: str) -> str:
    """The command that takes a step's effect away; empty where it made nothing."""
    identity = plan.spec.identity
    group = (
        f"--resource-group {_shell(identity.resource_group)} --subscription {_shell(identity.subscription)}"
    )
    match step:
        case EnsureRoleAssignment():
            who = f"--assignee {_shell(principal)} --role {_shell(step.role_id)}"
            return f"az role assignment delete {who} --scope {_shell(step.scope.id)}"
        case EnsureCredential():
            names = f"--name {_shell(step.name)} --identity-name {_shell(identity.name)}"
            return f"az identity federated-credential delete {names} {group}"
        case EnsureIdentity(present=False):
            return f"az identity delete --name {_shell(identity.name)} {group}"
        case _:
            return ""


def _shell(text: str) -> str:
    """The text as one word of a shell's command that cannot end the code block it stands in."""
    return shlex.quote(one_line(text).replace("`", ""))


def _section(title: str, text: str) -> str:
    return f"### {title}\n\n{text}" if text else ""


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {one}" for one in list(lines)[:ROWS])


def _said(name: str, text: str) -> str:
    return f"{code(name)}: {prose(fit(text, SAID))}"


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
    return message(fit(names.get(user, ""), NAME)) or user
