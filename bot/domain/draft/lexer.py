"""Plain text → items: tokens, then the longest known phrases, then names."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.catalog import Catalog
from bot.domain.draft.addresses import arm_id, things
from bot.domain.draft.items import Item, Part
from bot.domain.draft.words import ENVIRONMENTS, LONGEST, MARKS, PHRASES, Meaning
from bot.domain.roles import ROLES, Action

TOKEN = re.compile(
    r"""
      (?P<url>(?:https?|sb|amqps?)://[^\s<>"'`)\]]+)
    | (?P<id>(?i:/subscriptions/)[^\s,;"'`<>)\]|]+)
    | (?P<subject>system:serviceaccount:[\w.-]+:[\w.-]+)
    | (?P<sure>`[^`\s]+`|"[^"\s]+")
    | (?P<ticket>(?<![\w-])(?:[A-Z][A-Z0-9]{1,9}-\d+|\#\d+)(?![\w-]))
    | (?P<word>(?>[A-Za-z0-9_](?:[\w.'/@-]*[A-Za-z0-9_])?))(?![^\x00-\x7f])
    | (?P<mark>\n|\.\.\.|[,;:.!?()\[\]{}=|>-])
    | (?P<amp>[&+/])
    | (?P<other>[^\s"'`]+)
    """,
    re.VERBOSE | re.ASCII,
)
WEAK_VERBS: dict[str, Meaning] = {"get": (Part.ACTION, Action.READ), "set": (Part.ACTION, Action.WRITE)}
"""Verbs that say something only beside others: get/list, read/set."""
NAME = re.compile(r"[A-Za-z0-9_](?:[\w.-]{0,251}[A-Za-z0-9_])?", re.ASCII)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def items(text: str, catalog: Catalog) -> tuple[Item, ...]:
    """The pieces of a plain text, in order. Case does not matter but for names."""
    phrases = {**_role_phrases(), **_cluster_phrases(catalog)}
    tokens = [_Token(m.lastgroup or "other", m[0], m.start(), m.end()) for m in TOKEN.finditer(text)]
    return tuple(_items(tokens, phrases))


def _cluster_phrases(catalog: Catalog) -> dict[str, Meaning]:
    """Every way to say a cluster or an environment of the catalog; names win over environments."""
    phrases: dict[str, Meaning] = {}
    for environment in {c.environment for c in catalog.clusters}:
        row = next((row for row in ENVIRONMENTS if environment in row), frozenset({environment}))
        phrases |= dict.fromkeys(row, (Part.CLUSTER, environment))
    for cluster in catalog.clusters:
        for word in (*cluster.aliases, cluster.name):
            phrases[" ".join(word.casefold().split())] = (Part.CLUSTER, cluster.name)
    return phrases


def _role_phrases() -> dict[str, Meaning]:
    """Every role by key, GUID and name, and by what people leave out of a name where that stays clear."""
    ways = {role.key: {role.key, role.id, *_short_names(role.name.casefold())} for role in ROLES}
    count = Counter(way for each in ways.values() for way in each)
    return {
        w: (Part.ROLE, key)
        for key, each in ways.items()
        for w in each
        if count[w] == 1 and (" " in w or "-" in w)
    }


def _short_names(name: str) -> set[str]:
    """`secrets user`, `blob reader`, `servicebus data sender`: a name without the words that go unsaid."""
    names = {name}
    for word in ("azure ", "key vault ", "storage ", "data ", "built-in ", "db "):
        names |= {one.replace(word, "", 1) for one in names}
    names |= {one.replace("service bus", short) for one in names for short in ("servicebus", "sb")}
    return {one for one in names if one not in PHRASES}


def _items(tokens: Sequence[_Token], phrases: dict[str, Meaning]) -> Iterator[Item]:
    here = 0
    while here < len(tokens):
        length, meaning = _longest(tokens, here, phrases)
        if meaning is not None:
            run = tokens[here : here + length]
            said = " ".join(t.text for t in run)
            yield Item(meaning[0], meaning[1], said, run[0].start, run[-1].end)
            here += length
            continue
        yield from _single(tokens[here], phrases)
        here += 1


def _longest(tokens: Sequence[_Token], here: int, phrases: dict[str, Meaning]) -> tuple[int, Meaning | None]:
    words: list[str] = []
    for token in tokens[here : here + max(LONGEST, 6)]:
        if token.kind not in ("word", "amp"):
            break
        words.append(token.text.casefold())
    for length in range(len(words), 0, -1):
        phrase = " ".join(words[:length])
        if meaning := phrases.get(phrase) or PHRASES.get(phrase):
            return length, meaning
    return 1, None


def _single(token: _Token, phrases: dict[str, Meaning]) -> Iterator[Item]:
    match token.kind:
        case "subject":
            yield _item(token, Part.SUBJECT, token.text.split(":", 2)[2])
        case "ticket":
            yield _item(token, Part.TICKET, token.text)
        case "mark":
            yield _item(token, *MARKS[token.text])
        case "url" | "id" | "sure" | "word":
            yield from _word(token, phrases)
        case _:
            yield _item(token, Part.UNKNOWN, token.text)


def _item(token: _Token, part: Part, value: str, name: str = "") -> Item:
    return Item(part, value, token.text, token.start, token.end, name, sure=token.kind == "sure")


def _word(token: _Token, phrases: dict[str, Meaning]) -> Iterator[Item]:
    """An address, verbs with slashes (read/write), or a name; what can be no name is not understood."""
    text = token.text.strip('`"').removesuffix("'s")
    if resource := arm_id(text):
        yield _item(token, Part.ID, resource)
    elif pasted := things(text):
        for noun, name in pasted:
            yield _item(token, Part.THING, noun, name)
    elif verbs := _verbs(text, phrases):
        for index, verb in enumerate(verbs):
            if index:
                yield _item(token, Part.AND, "/")
            yield _item(token, Part.ACTION, verb)
    elif NAME.fullmatch(text):
        yield _item(token, Part.NAME, text)
    elif all(NAME.fullmatch(piece) for piece in text.split("/")) and text.count("/") <= 3:
        yield from _path(token, text, phrases)
    else:
        yield _item(token, Part.UNKNOWN, text)


def _path(token: _Token, text: str, phrases: dict[str, Meaning]) -> Iterator[Item]:
    """Names with slashes, a cluster in front; `payments/prod` is a name and a cluster."""
    *others, last = text.split("/")
    meaning = phrases.get(last.casefold())
    if meaning is None or meaning[0] is not Part.CLUSTER or others[0].casefold() in phrases:
        yield _item(token, Part.PATH, text)
    elif len(others) == 1:
        yield _item(token, Part.NAME, others[0])
        yield _item(token, *meaning)
    else:
        yield _item(token, Part.PATH, "/".join((last, *reversed(others))))


def _verbs(text: str, phrases: dict[str, Meaning]) -> tuple[str, ...]:
    pieces = text.casefold().split("/")
    known = [WEAK_VERBS.get(piece) or phrases.get(piece) or PHRASES.get(piece) for piece in pieces]
    if len(known) < 2 or not all(meaning and meaning[0] is Part.ACTION for meaning in known):
        return ()
    return tuple(meaning[1] for meaning in known if meaning)
