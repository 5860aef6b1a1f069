"""The catalog's YAML file → a Catalog, or every mistake in it with file, line and key."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.domain.catalog import Catalog, Guid, Name
from bot.domain.draft.nearness import nearest
from bot.domain.roles import ROLES
from bot.errors import NeedsOperator, Obstacle

Place = tuple[str | int, ...]
LARGEST = 1_000_000
"""Bytes; a catalog of a thousand clusters is smaller."""


class CatalogError(NeedsOperator):
    """What is wrong with the catalog: `file:line: key: what is wrong and what to write`, line by line."""

    def __init__(self, lines: str) -> None:
        super().__init__(lines, "", Obstacle.MISCONFIGURED)


def load_catalog(path: Path) -> Catalog:
    """The catalog in this file; CatalogError with every mistake that is in it."""
    text = _text(path)
    data, root = _parsed(path, text)
    if not isinstance(data, dict):
        raise CatalogError(f"{path}:1: the catalog must be a mapping; begin with `channels:`")
    try:
        catalog = Catalog.model_validate(data)
    except ValidationError as error:
        found = _telling([e for e in error.errors(include_url=False) if e["loc"]])
        mistakes = [(_place(e), _words(e)) for e in found] or list(_references(data))
        mistakes = mistakes or [((), e["msg"].removeprefix("Value error, ")) for e in error.errors()]
    else:
        mistakes = list(_meaning(catalog))
        if not mistakes:
            return catalog
    lines = sorted((_line(root, place), _key(place), words) for place, words in mistakes)
    raise CatalogError("\n".join(f"{path}:{line}: {key}{words}" for line, key, words in lines))


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST:
            raise CatalogError(f"{path}: the catalog has {len(raw):,} bytes, more than {LARGEST:,}")
        return raw.decode()
    except OSError as error:
        raise CatalogError(
            f"{path}: cannot be read ({error.strerror}); give the path of the catalog"
        ) from None
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from None


def _parsed(path: Path, text: str) -> tuple[Any, Node | None]:
    """The values of a YAML text, and the same as nodes that know their lines."""
    try:
        return YAML(typ="safe", pure=True).load(text), YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise CatalogError(f"{path}:{line}: {_yaml_words(error)}") from None
    except (YAMLError, ValueError) as error:
        raise CatalogError(f"{path}: is not YAML: {error}") from None


def _yaml_words(error: MarkedYAMLError) -> str:
    problem = " ".join(str(error.problem or error.context or error).split())
    if duplicate := re.match(r'found duplicate key "?([^" ]+)', problem):
        return f"{duplicate[1]}: stands twice here; keep one of the two"
    return f"is not YAML: {problem}"


# -- where


def _line(root: Node | None, place: Place) -> int:
    """The line of a key or, for one that is missing, of what it should stand in."""
    line, node = 1, root
    for step in place:
        inside = _inside(node, step)
        if inside is None:
            break
        line, node = inside
    return line


def _inside(node: Node | None, step: str | int) -> tuple[int, Node] | None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == step:
                return key.start_mark.line + 1, value
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None


def _key(place: Place) -> str:
    """A key as a person reads it: `clusters[0].approvers.group: `."""
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
    return f"{key}: " if key else ""


def _telling(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """The errors without those that only follow from another: a list is empty because its items are wrong."""
    places = [e["loc"] for e in errors]
    return [
        e
        for e in errors
        if e["type"] != "too_short"
        or not any(p != e["loc"] and p[: len(e["loc"])] == e["loc"] for p in places)
    ]


def _place(error: ErrorDetails) -> Place:
    """Where the mistake is; what a cluster as a whole says of one of its paths belongs to that path."""
    place = tuple(error["loc"])
    given = error.get("input")
    if error["type"] == "value_error" and isinstance(given, dict):
        for index, path in enumerate(given.get("paths") or ()):
            if f"path {path!r} " in error["msg"]:
                return (*place, "paths", index)
    return place


# -- what


def _words(error: ErrorDetails) -> str:
    """What is wrong and what to write instead."""
    given = error.get("input")
    match error["type"]:
        case "missing":
            return "is missing; write it here"
        case "extra_forbidden":
            return _unknown_key(tuple(error["loc"]))
        case "string_pattern_mismatch":
            return f"{given!r} is not {_expected(str(error['ctx']['pattern']))}"
        case "too_short":
            return "is empty; write at least one"
        case "enum" | "literal_error":
            return f"{given!r} is not known; write {error['ctx']['expected']}"
        case "value_error":
            return error["msg"].removeprefix("Value error, ")
        case "less_than_equal":
            return f"{given!r} is too much; write at most {error['ctx']['le']}"
        case "greater_than_equal":
            return f"{given!r} is too little; write at least {error['ctx']['ge']}"
        case "string_type" | "tuple_type" | "int_type" | "model_type" | "int_parsing":
            return f"{_short(given)} is not {_TYPES[error['type']]}"
        case _:
            return error["msg"][0].lower() + error["msg"][1:]


_TYPES = {
    "string_type": "a text; put it in quotes",
    "tuple_type": "a list; write each on a line of its own after `- `",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "model_type": "a mapping; write its keys below it, indented",
}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _expected(pattern: str) -> str:
    """What a text must look like, by the pattern that it failed."""
    return _PATTERNS.get(pattern, f"of the form {pattern}")


def _pattern(annotated: Any) -> str:
    return str(annotated.__metadata__[0].pattern)


_PATTERNS = {
    _pattern(Guid): "a GUID in lower case, such as 1a2b3c4d-0001-4000-8000-00000000aaaa",
    _pattern(Name): "a name: up to 63 lower-case letters, digits, hyphens and dots",
    r"^[-\w.()]{1,90}$": "a resource group: up to 90 letters, digits, and - _ . ( )",
    r"^[\w.-]+/[\w.-]+$": "a repository as owner/name",
    r"^[UW][A-Z0-9]+$": "a Slack user id, such as U012AB3CD; it is in the person's profile",
    r"^S[A-Z0-9]+$": "a Slack user group id, such as S012AB3CD",
    r"^[CG][A-Z0-9]+$": "a Slack channel id, such as C012AB3CD; it is at the end of the channel's details",
    r"^https://\S+/$": "an issuer: https://…/, with the slash that Azure puts at its end",
    r"^https?://\S+$": "an address: https://…",
}


def _unknown_key(place: Place) -> str:
    known = _known_keys(Catalog, place[:-1])
    near = nearest(str(place[-1]), known)
    hint = f"; did you mean {near}?" if near else f"; known here are {', '.join(known)}" if known else ""
    return f"is no key of the catalog{hint}"


def _known_keys(model: type[BaseModel], place: Sequence[str | int]) -> tuple[str, ...]:
    """The keys that may stand at a place in the catalog."""
    for step in place:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step)
        inner = next(iter(models_in(field.annotation)), None) if field else None
        if inner is None:
            return ()
        model = inner
    return tuple(model.model_fields)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a field's type: of `tuple[Cluster, ...]`, Cluster."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from models_in(inner)


# -- what holds between the parts


def _references(data: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """Names that stand twice, and names that stand nowhere; every part by itself is right."""
    for kind in ("tenants", "clusters", "argocd"):
        seen: set[str] = set()
        for index, one in enumerate(data.get(kind) or ()):
            if one["name"] in seen:
                yield (kind, index, "name"), f"{one['name']!r} stands twice; names are unique"
            seen.add(one["name"])
    for key, kind in (("tenant", "tenants"), ("argocd", "argocd")):
        known = [one["name"] for one in data.get(kind) or ()]
        for index, cluster in enumerate(data["clusters"]):
            if cluster.get(key) is not None and cluster[key] not in known:
                there = ", ".join(known) or "none"
                yield ("clusters", index, key), f"{cluster[key]!r} is not under {kind}; there is {there}"


def _meaning(catalog: Catalog) -> Iterator[tuple[Place, str]]:
    """Mistakes that only somebody who knows the roles, or all clusters, can see."""
    keys = [role.key for role in ROLES]
    for index, key in enumerate(catalog.roles):
        if key not in keys:
            near = nearest(key, keys)
            hint = f"did you mean {near}?" if near else f"known are {', '.join(keys)}"
            yield ("roles", index), f"{key!r} is no role; {hint}"
        elif key in catalog.roles[:index]:
            yield ("roles", index), f"{key!r} stands twice; keep one of the two"
    names = {c.name: c.name for c in catalog.clusters}
    for index, cluster in enumerate(catalog.clusters):
        for at, alias in enumerate(cluster.aliases):
            other = names.setdefault(alias.casefold(), cluster.name)
            if other != cluster.name:
                yield (
                    ("clusters", index, "aliases", at),
                    f"{alias!r} means {other} already; aliases are unique",
                )
