"""An answer to the question that was asked: by click, or in a few words."""

from collections.abc import Sequence

from bot.domain.catalog import Catalog
from bot.domain.draft.addresses import names_in
from bot.domain.draft.clauses import read_clauses
from bot.domain.draft.fields_said import on_cluster, plain_name
from bot.domain.draft.items import Item, Part
from bot.domain.draft.values import Draft, Heard, Option, Question, Wish
from bot.domain.draft.wishes import settled, with_target
from bot.domain.roles import Action, role, scope_kind_of
from bot.domain.spec import Scope

GONE = "That question is about something that is no longer asked for. Please use the newest one."
CORRECTIONS = (Part.NOT, Part.DROP, Part.CHANGE, Part.INSTEAD, Part.ALSO, Part.FIELD)
NOT_A_REASON = frozenset(
    [
        "yes",
        "no",
        "ok",
        "okay",
        "yep",
        "yeah",
        "sure",
        "please",
        "thanks",
        "why",
        "none",
        "nothing",
        "dunno",
        "idk",
        "n/a",
        "na",
        "because",
        "just",
        "test",
    ]
)
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
EMPTY = (Part.STOP, Part.PREPOSITION, Part.BREAK, Part.END, Part.LABEL, Part.NEED, Part.ONLY)


def answer(draft: Draft, question: Question, value: str, author: str) -> Heard:
    """The draft with the clicked answer in it; `value` is that of an option, or text that was typed."""
    changed = _filled(draft, question, value)
    if changed is None:
        return Heard(draft=draft, problems=(GONE,))
    if changed != draft and author not in draft.authors:
        changed = changed.model_copy(update={"authors": (*draft.authors, author)})
    return Heard(draft=changed)


def _filled(draft: Draft, question: Question, value: str) -> Draft | None:
    field, _, number = question.key.partition(":")
    match field:
        case "cluster":
            return draft.model_copy(update={"cluster": value, "environment": None})
        case "namespace" | "service_account":
            return draft.model_copy(update={field: plain_name(value)})
        case "reason":
            return draft.model_copy(update={"reason": value.strip()})
        case "role" | "resource" | "scope":
            return _in_wish(draft, field, int(number), value)
        case _:
            return None


def _in_wish(draft: Draft, field: str, index: int, value: str) -> Draft | None:
    """The draft with one wish settled further; None when the wish is not what it was."""
    if index >= len(draft.wishes):
        return None
    wish = _settled(draft.wishes[index], field, value)
    if wish is None:
        return None
    return draft.model_copy(
        update={"wishes": settled((*draft.wishes[:index], wish, *draft.wishes[index + 1 :]))}
    )


def _settled(wish: Wish, field: str, value: str) -> Wish | None:
    if field == "role":
        return wish.model_copy(update={"roles": (value,)}) if value in wish.roles else None
    if field == "resource":
        return wish.model_copy(update={"resource": value}) if not wish.resource else None
    kind, within = scope_kind_of(value), names_in(value)
    roles = tuple(key for key in wish.roles if kind in role(key).kinds)
    last = (wish.inner or wish.resource or "").split("/")[-1].casefold()
    if not roles or within[-1].casefold() != last:
        return None
    return wish.model_copy(
        update={"roles": roles, "scope": Scope(id=value, kind=kind, name="/".join(within))}
    )


def answer_in_words(
    draft: Draft, question: Question, words: str, items: Sequence[Item], catalog: Catalog
) -> Draft | None:
    """The draft with a bare answer in it; None when the words are no bare answer, but say something else."""
    content = [item for item in items if item.part not in EMPTY]
    if question.key == "reason":
        return _reason(draft, words, items)
    if option := _chosen(question, words):
        return _filled(draft, question, option.value)
    if question.key.startswith("resource:"):
        return _resource(draft, int(question.key.partition(":")[2]), items)
    if len(content) != 1:
        return None
    item = content[0]
    if question.key == "cluster" and item.part in (Part.CLUSTER, Part.NAME):
        return on_cluster(draft, item.value, catalog)
    if question.key in ("namespace", "service_account") and _is_one_word(item):
        return _filled(draft, question, item.text.strip("`\"'"))
    if question.key.startswith("role:") and item.part is Part.ACTION:
        return _role_by_verb(draft, question, Action(item.value))
    return None


def _is_one_word(item: Item) -> bool:
    return item.part in (Part.NAME, Part.NOUN, Part.CLUSTER, Part.CONSUMER, Part.ACTION, Part.UNKNOWN) and (
        " " not in item.text
    )


def _reason(draft: Draft, words: str, items: Sequence[Item]) -> Draft | None:
    """The whole answer, unless it begins as a correction does; a mere "yes" gives no reason."""
    first = next((item for item in items if item.part not in (Part.STOP, Part.BREAK)), None)
    if first is not None and first.part in CORRECTIONS:
        return None
    said = " ".join(words.split()).strip()
    bare = said.strip(" .!?,").casefold()
    if len(bare) < 3 or bare in NOT_A_REASON:
        return draft
    for opening in ("because of ", "because ", "reason: ", "cause "):
        if said.casefold().startswith(opening):
            said = said[len(opening) :]
            break
    return draft.model_copy(update={"reason": said})


def _chosen(question: Question, words: str) -> Option | None:
    """The option that the words name: by number, by its text, or by a piece that no other has."""
    said = " ".join(words.casefold().split()).strip(" .!?`\"'")
    said = said.removeprefix("the ").removesuffix(" one").removesuffix(" please").strip()
    number = (
        ORDINALS.index(said) + 1
        if said in ORDINALS
        else int(said)
        if said.isdecimal() and said.isascii()
        else 0
    )
    if 0 < number <= len(question.options):
        return question.options[number - 1]
    for option in question.options:
        if said in (option.label.casefold(), option.value.casefold()):
            return option
    if len(said) < 3:
        return None
    hits = [o for o in question.options if said in _pieces(o)]
    return hits[0] if len(hits) == 1 else None


def _pieces(option: Option) -> set[str]:
    """What an option can be called by: each name in its label or id."""
    return {*option.label.casefold().replace("/", " ").split(), *option.value.casefold().split("/")}


def _role_by_verb(draft: Draft, question: Question, action: Action) -> Draft | None:
    keys = [o.value for o in question.options if role(o.value).does(action)]
    return _filled(draft, question, keys[0]) if len(keys) == 1 and action is not Action.USE else None


def _resource(draft: Draft, index: int, items: Sequence[Item]) -> Draft | None:
    """The draft with the resource that was asked for, or several; None when more than that is said."""
    said = read_clauses(items, draft, what=True)
    groups = said.groups
    if index >= len(draft.wishes) or len(groups) != 1 or said.against or said.leftovers or said.problems:
        return None
    if not groups[0].is_vague or not groups[0].targets or said.clusters or said.namespaces or said.marks:
        return None
    wish = draft.wishes[index]
    named = [with_target(wish, target, groups[0]) for target in groups[0].targets]
    return draft.model_copy(update={"wishes": (*draft.wishes[:index], *named, *draft.wishes[index + 1 :])})
