"""Conditions of role assignments (ABAC, version 2.0): the part that delegating role assignments uses.

Grammar and operators: https://learn.microsoft.com/azure/role-based-access-control/conditions-format
"""

import fnmatch
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

TOKEN = re.compile(
    r"\s*(?:(?P<word>@?[A-Za-z][\w:]*)|(?P<attribute>\[[^\]]*\])|(?P<text>'[^']*')|(?P<guid>[0-9a-fA-F-]{36})"
    r"|(?P<sign>&&|\|\||[(){}!,])|(?P<number>-?\d+))"
)


class ConditionError(ValueError):
    """The text is no condition that is understood here."""


@dataclass(frozen=True)
class Question:
    """What a condition is asked about; attributes by `@Request[...]` or `@Resource[...]`, in lower case."""

    action: str
    attributes: Mapping[str, str]


Test = Callable[[Question], bool]


@lru_cache(maxsize=256)
def parse(text: str) -> Test:
    """A test of whether the condition is fulfilled; ConditionError says what is not understood."""
    reader = _Reader(text)
    test = reader.either()
    reader.end()
    return test


class _Reader:
    """Recursive descent over the tokens: or, and, not, one comparison."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def either(self) -> Test:
        tests = [self._both()]
        while self._take("or", "||"):
            tests.append(self._both())
        return lambda question: any(test(question) for test in tests)

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise ConditionError(f"nothing more was expected at {self._tokens[self._at]!r}")

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("and", "&&"):
            tests.append(self._one())
        return lambda question: all(test(question) for test in tests)

    def _one(self) -> Test:
        if self._take("!", "not"):
            inner = self._one()
            return lambda question: not inner(question)
        if self._take("("):
            inner = self.either()
            self._want(")")
            return inner
        if self._take("exists"):
            name = self._attribute()
            return lambda question: name in question.attributes
        if self._take("actionmatches"):
            patterns = self._set()
            return lambda question: any(_like(question.action, p) for p in patterns)
        if self._take("suboperationmatches"):
            self._set()
            return lambda _: False
        return self._comparison()

    def _comparison(self) -> Test:
        name = self._attribute()
        prefix, _, operator = self._next().lower().rpartition(":")
        values = self._set() if self._peek() == "{" else [self._literal()]
        if operator not in OPERATORS:
            raise ConditionError(f"the operator {operator!r} is not known")
        compare = OPERATORS[operator]
        over = all if prefix.endswith("allvalues") else any

        def test(question: Question) -> bool:
            have = question.attributes.get(name)
            return have is not None and over(compare(have, value) for value in values)

        return test

    def _attribute(self) -> str:
        source, attribute = self._next(), self._next()
        if not source.startswith("@") or not attribute.startswith("["):
            raise ConditionError(f"an attribute was expected at {source!r}")
        return (source + attribute).lower()

    def _set(self) -> list[str]:
        self._want("{")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._want("}")
        return values

    def _literal(self) -> str:
        return self._next().strip("'")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise ConditionError("the condition ends too early")
        self._at += 1
        return token

    def _take(self, *wanted: str) -> bool:
        if self._peek().lower() in wanted:
            self._at += 1
            return True
        return False

    def _want(self, wanted: str) -> None:
        if not self._take(wanted):
            raise ConditionError(f"{wanted!r} was expected at {self._peek()!r}")


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text.rstrip()):
        # A GUID may begin with a letter, so it goes before words.
        match = re.compile(r"\s*[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}").match(text, at)
        match = match or TOKEN.match(text, at)
        if match is None:
            raise ConditionError(f"not understood: {text[at : at + 20]!r}")
        found.append(match.group().strip())
        at = match.end()
    return found


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda have, value: have == value,
    "stringnotequals": lambda have, value: have != value,
    "stringequalsignorecase": lambda have, value: have.lower() == value.lower(),
    "stringnotequalsignorecase": lambda have, value: have.lower() != value.lower(),
    "stringlike": fnmatch.fnmatchcase,
    "stringnotlike": lambda have, value: not fnmatch.fnmatchcase(have, value),
    "stringstartswith": str.startswith,
    "guidequals": lambda have, value: _bare(have) == _bare(value),
    "guidnotequals": lambda have, value: _bare(have) != _bare(value),
}


def _bare(guid: str) -> str:
    return guid.replace("-", "").lower()


def _like(action: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(action.lower(), pattern.lower())
