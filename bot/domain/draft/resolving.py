"""From found resources to scopes: settled where one fits, asked where two do, said where none does."""

from collections.abc import Sequence

from bot.domain.draft.addresses import TOO_WIDE
from bot.domain.draft.nearness import nearest
from bot.domain.draft.question import scope_question
from bot.domain.draft.resources import fits, kinds_of, scope_of
from bot.domain.draft.values import Draft, Found, Question, Resolved, Wish
from bot.domain.draft.wishes import settled
from bot.domain.roles import role
from bot.domain.spec import Scope


def resolve(draft: Draft, found: Sequence[Found], visible_subscriptions: int) -> Resolved:
    """The draft with a scope wherever exactly one resource fits; else a question, or a problem."""
    wishes: list[Wish] = []
    problems: list[str] = []
    question: Question | None = None
    for index, wish in enumerate(draft.wishes):
        if wish.scope is not None or not (wish.resource or wish.inner) or is_hopeless(wish):
            wishes.append(wish)
            continue
        fitting = fits(wish, found)
        if len(fitting) == 1:
            done, problem = _settle(wish, scope_of(wish, fitting[0]))
            wishes.append(done)
            problems += [problem] if problem else []
            continue
        if fitting:
            question = question or scope_question(index, wish, fitting)
        else:
            problems.append(_not_seen(wish, found, visible_subscriptions))
        wishes.append(wish)
    resolved = draft.model_copy(update={"wishes": settled(wishes)})
    return Resolved(draft=resolved, question=None if problems else question, problems=tuple(problems))


def is_hopeless(wish: Wish) -> bool:
    """Whether no look-up can help: the scope is too wide, or no role can be meant."""
    return bool(set(wish.kinds) & set(TOO_WIDE)) or not wish.roles


def _settle(wish: Wish, scope: Scope) -> tuple[Wish, str | None]:
    """The wish on its scope, with the roles that make sense there."""
    roles = tuple(key for key in wish.roles if scope.kind in role(key).kinds)
    if not roles:
        names = " or ".join(role(key).name for key in wish.roles[:3])
        return wish, f"{names} cannot be given on {scope.short}. Please say what is to be done with it."
    return wish.model_copy(update={"roles": roles, "scope": scope}), None


def _not_seen(wish: Wish, found: Sequence[Found], visible: int) -> str:
    name = "/".join(part for part in (wish.resource, wish.inner) if part)
    kinds = kinds_of(wish)
    what = kinds[0] if len(kinds) == 1 else "resource"
    where = "subscription" if visible == 1 else f"{visible} subscriptions"
    text = f"I see no {what} “{name}”: it is not in the {where} that I can see."
    wanted = wish.inner.split("/")[-1] if wish.inner else wish.resource or ""
    near = nearest(wanted, (f.name.split("/")[-1] for f in found if not kinds or f.kind in kinds))
    hint = f" Did you mean {near}?" if near and near.casefold() != wanted.casefold() else ""
    return f"{text}{hint} Please check the name, or give the full id from the portal."
