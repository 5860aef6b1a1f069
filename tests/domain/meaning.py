"""What a conversation comes to, in one line that a person can check."""

from collections.abc import Sequence

from sample import as_if_there

from bot.domain.catalog import Catalog
from bot.domain.draft import Draft, Heard, Wish, lookups, next_question, problems, read, resolve
from bot.domain.roles import role


def meaning(messages: Sequence[str], catalog: Catalog) -> str:
    """The last message's command, or the draft after all of them, with every name found in Azure.

    That the reason is asked last goes without saying.
    """
    heard = Heard(draft=Draft())
    for message in messages:
        question = next_question(heard.draft, catalog) if heard.draft != Draft() else None
        heard = read(heard.draft, message, catalog, question, "U0ROSA")
        settled = resolve(heard.draft, as_if_there(lookups(heard.draft)), 2).draft
        heard = heard.model_copy(update={"draft": settled})
    return f"command: {heard.command}" if heard.command else " | ".join(_pieces(heard, catalog))


def _pieces(heard: Heard, catalog: Catalog) -> list[str]:
    draft = heard.draft
    cluster = draft.cluster or (f"({draft.environment}?)" if draft.environment else "?")
    pieces = [f"{cluster}/{draft.namespace or '?'}/{draft.service_account or '?'}"]
    pieces += [_wish(wish) for wish in draft.wishes]
    if draft.consumer != "pod":
        pieces.append(f"used by {draft.consumer.replace('-', ' ')}")
    if draft.reason:
        pieces.append(f"because {draft.reason}")
    question = next_question(draft, catalog)
    if question and question.key != "reason":
        pieces.append(f"asks {question.key.partition(':')[0].replace('_', ' ')}")
    if heard.leftovers:
        pieces.append(f"not understood: {', '.join(heard.leftovers)}")
    return [*pieces, *(f"problem: {p}" for p in (*heard.problems, *problems(draft, catalog)))]


def _wish(wish: Wish) -> str:
    names = [role(key).name for key in wish.roles]
    what = " or ".join(names) if 0 < len(names) < 4 else f"one of {len(names)} roles" if names else "no role"
    kinds = f" ({' or '.join(wish.kinds)})" if wish.kinds else ""
    place = "/".join(part for part in (wish.resource, wish.inner) if part) or "…"
    return f"{what} on {place}{kinds}"
