"""What is approved, in full: who may use the identity, what it may do, what happens, what changes.

Nothing in it is ever cut. What does not fit on the card goes on in the thread.
"""

from collections.abc import Iterable

from bot.domain.observed import FileChange
from bot.domain.plan import Plan, issuer_of
from bot.domain.policy import Finding, Weight
from bot.domain.request import IdentityRequest
from bot.domain.spec import Grant, Workload
from bot.views.blocks import Block, bullets, code, quote, title
from bot.views.steps import allows, noticed, role_name, sentence
from bot.views.words import Bold, Code, Line, line

WEIGHTS = {Weight.BLOCKS: "🛑 Stops it", Weight.WARNS: "⚠️ Mind"}


def details(record: IdentityRequest, plan: Plan, whole_reason: bool) -> list[list[Block]]:
    """Groups of blocks, each a title and what stands under it; what matters most comes first."""
    workloads = plan.spec.workloads
    groups = [
        _list("What to mind", (finding(f) for f in record.findings)),
        [title("Why, in full"), *quote(plan.spec.reason)] if whole_reason else [],
        _list("What it may do", map(_grant, plan.spec.grants)),
        # One workload stands at the top of the card already.
        _list("Who can use it", (_workload(w, record) for w in workloads if len(workloads) > 1)),
        _list("What happens before the review, in this order", map(sentence, plan.before), ordered=True),
        _list("What happens after the merge, in this order", map(sentence, plan.after), ordered=True),
        _list("What is so already and stays", (line(kept) for kept in plan.kept)),
        _list("What pods notice", (line(Bold(f"{p.kind} {p.name}"), f": {noticed(p)}") for p in plan.pods)),
        _list("Argo CD applications that this reaches", (line(Code(a)) for a in plan.applications)),
        _list("Why these files, and how they were checked", map(line, (*plan.strategies, *plan.proofs))),
        *(_change(change) for change in plan.changes),
    ]
    return [group for group in groups if group]


def finding(found: Finding) -> Line:
    """A rule's complaint, what it does and what to do about it."""
    return line(Bold(WEIGHTS[found.weight]), f": {found.problem} {found.remedy}".rstrip(), f" ({found.rule})")


def _list(name: str, lines: Iterable[Line], ordered: bool = False) -> list[Block]:
    items = list(lines)
    return [title(name), *bullets(items, ordered)] if items else []


def _grant(grant: Grant) -> Line:
    """What it lets the workload do, the role and the exact scope."""
    words = allows(grant)
    return line(Bold(words[:1].upper() + words[1:]), f": {role_name(grant.role)} on ", Code(grant.scope.id))


def _workload(workload: Workload, record: IdentityRequest) -> Line:
    issuer = issuer_of(workload, record.observed) if record.observed else None
    account, space, cluster = map(Bold, (workload.service_account, workload.namespace, workload.cluster))
    where = line("Service account ", account, " in namespace ", space, " on ", cluster)
    where = (*where, f", used by: {workload.consumer}. Subject ", Code(workload.subject))
    return (*where, ", issuer ", Code(issuer)) if issuer else where


def _change(change: FileChange) -> list[Block]:
    name = f"{'New file' if change.new else 'File'} {change.path}: {change.what}"
    return [title(name), *code(change.diff)]
