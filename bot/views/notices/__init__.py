"""Every short message of the bot, by kind: `NOTICES` is the table, and `notice` the way in.

What `about` holds, by kind. A key that is missing only leaves its part of the text out.

    problem                     problems: texts; fields: (name, value) pairs; leftovers: texts
    question                    question: the key of the record's question; fields; leftovers
    understood                  fields; leftovers
    not_heard                   problem, remedy: texts
    queued_behind               by: user; thread: {channel, ts}; link
    claim_free                  first: the id of the request that came first
    not_yours                   requester: user
    refused_approval            reason: a key of `refusals.REFUSED`
    rejected_ask_reason         by: user
    rejected                    by: user
    approval_taken_back         by: user
    digest_changed              before, after: digests; problem: text; changes: texts
    blocked_by_policy           findings: each a Finding as JSON
    unknown_words               command: text; nearest: text

All others need nothing: they read the record.
"""

from collections.abc import Callable

from bot.domain.catalog import Catalog
from bot.domain.request import IdentityRequest, Notice
from bot.views.blocks import Shown
from bot.views.notices import asking, deciding, making
from bot.views.parts import About, Part, compose

Tell = Callable[[IdentityRequest, Catalog, About], list[Part]]


def notice(told: Notice, record: IdentityRequest, catalog: Catalog) -> Shown:
    """The notice as one message; KeyError for a kind that this version does not know."""
    mention = tuple(user for user in told.mention if user != told.only_for)
    return compose(NOTICES[told.kind](record, catalog, told.about), mention)


NOTICES: dict[str, Tell] = {
    "problem": asking.problem,
    "question": asking.question,
    "understood": asking.understood,
    "not_heard": asking.not_heard,
    "queued_behind": asking.queued_behind,
    "claim_free": asking.claim_free,
    "not_yours": asking.not_yours,
    "refused_approval": deciding.refused_approval,
    "rejected_ask_reason": deciding.rejected_ask_reason,
    "rejected": deciding.rejected,
    "withdrawn": deciding.withdrawn,
    "expired": deciding.expired,
    "approval_taken_back": deciding.approval_taken_back,
    "approved": deciding.approved,
    "digest_changed": deciding.digest_changed,
    "too_late": deciding.too_late,
    "edited_message": asking.edited,
    "deleted_message": asking.deleted,
    "help": asking.help,
    "status": asking.status,
    "failed": making.failed,
    "retrying": making.retrying,
    "proposed": making.proposed,
    "merged": making.merged,
    "live": making.live,
    "closed_unmerged": making.closed_unmerged,
    "blocked_by_policy": asking.blocked_by_policy,
    "unknown_words": asking.unknown_words,
    "wrong_channel": asking.wrong_channel,
}
