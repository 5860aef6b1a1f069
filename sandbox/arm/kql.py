"""A small, honest subset of the Resource Graph's query language; what it does not know, it refuses.

resources | where type =~ 'microsoft.keyvault/vaults' and name in~ ('kv-a', 'kv-b')
          | extend rbac = tobool(properties.enableRbacAuthorization)
          | project id, name, rbac | order by name asc | limit 10
"""

import re
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
Value = Callable[[Row], Any]
Rows = list[Row]
TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_$][\w-]*)|(?P<sign>=~|!~|==|!=|>=|<=|[|()\[\],.=<>~!]))"
)
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "tolower": lambda v: str(v if v is not None else "").lower(),
    "tostring": lambda v: "" if v is None else (str(v).lower() if isinstance(v, bool) else str(v)),
    "tobool": lambda v: None if v is None else str(v).lower() == "true",
    "isempty": lambda v: v in (None, ""),
    "isnotempty": lambda v: v not in (None, ""),
    "isnull": lambda v: v is None,
    "isnotnull": lambda v: v is not None,
}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=~": lambda have, want: _low(have) == _low(want),
    "!~": lambda have, want: _low(have) != _low(want),
    "==": lambda have, want: bool(have == want),
    "!=": lambda have, want: bool(have != want),
    "contains": lambda have, want: _low(want) in _low(have),
    "startswith": lambda have, want: _low(have).startswith(_low(want)),
    "endswith": lambda have, want: _low(have).endswith(_low(want)),
    "has": lambda have, want: re.search(rf"(?<!\w){re.escape(_low(want))}(?!\w)", _low(have)) is not None,
}


class QueryError(ValueError):
    """The query is not understood; `token` is where."""

    def __init__(self, token: str, what: str) -> None:
        super().__init__(what)
        self.token = token


def run(query: str, tables: dict[str, Rows]) -> Rows:
    """The rows that the query gives; QueryError when it is not understood."""
    reader = _Reader(query)
    table = reader.word()
    if table.lower() not in tables:
        raise QueryError(table, f"the table {table!r} is not known; there are {', '.join(tables)}")
    rows = tables[table.lower()]
    while reader.take("|"):
        rows = _operated(reader, rows)
    reader.end()
    return rows


def _operated(reader: "_Reader", rows: Rows) -> Rows:
    name = reader.word().lower()
    if name == "where":
        test = reader.either()
        return [row for row in rows if test(row)]
    if name in ("project", "extend", "distinct"):
        columns = reader.columns()
        made = [{c: value(row) for c, value in columns} for row in rows]
        if name == "extend":
            return [{**row, **new} for row, new in zip(rows, made, strict=True)]
        return made if name == "project" else _unique(made)
    if name in ("limit", "take"):
        return rows[: int(reader.number())]
    if name in ("order", "sort"):
        return _ordered(reader, rows)
    if name == "count":
        return [{"Count": len(rows)}]
    raise QueryError(name, f"the operator {name!r} is not known here")


def _ordered(reader: "_Reader", rows: Rows) -> Rows:
    reader.want("by")
    keys = []
    while True:
        value = reader.value()
        keys.append((value, not reader.take("asc") and (reader.take("desc") or True)))
        if not reader.take(","):
            break
    for value, descending in reversed(keys):
        rows = sorted(rows, key=lambda row: str(value(row)), reverse=descending)
    return rows


def _unique(rows: Rows) -> Rows:
    found: Rows = []
    for row in rows:
        if row not in found:
            found.append(row)
    return found


class _Reader:
    """The query's tokens, and the expressions that they make."""

    def __init__(self, query: str) -> None:
        self._tokens: list[str] = []
        at = 0
        text = re.sub(r"//[^\n]*", "", query).rstrip().rstrip(";")
        while at < len(text):
            match = TOKEN.match(text, at)
            if match is None:
                raise QueryError(text[at : at + 10], "this is not understood")
            self._tokens.append(match.group().strip())
            at = match.end()
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self, wanted: str) -> bool:
        if self.peek().lower() != wanted:
            return False
        self._at += 1
        return True

    def want(self, wanted: str) -> None:
        if not self.take(wanted):
            raise QueryError(self.peek() or "<EOF>", f"{wanted!r} was expected")

    def end(self) -> None:
        if self.peek():
            raise QueryError(self.peek(), "nothing more was expected")

    def word(self) -> str:
        token = self.peek()
        if not re.fullmatch(r"[A-Za-z_$][\w-]*", token):
            raise QueryError(token or "<EOF>", "a name was expected")
        self._at += 1
        return token

    def number(self) -> str:
        token = self.peek()
        if not token.isdecimal():
            raise QueryError(token or "<EOF>", "a number was expected")
        self._at += 1
        return token

    def columns(self) -> list[tuple[str, Value]]:
        """`name`, `alias = value`, any number of them."""
        found = []
        while True:
            named = self._at + 1 < len(self._tokens) and self._tokens[self._at + 1] == "="
            if named:
                name = self.word()
                self.want("=")
                found.append((name, self.value()))
            else:
                name = self.peek()
                found.append((name, self.value()))
            if not self.take(","):
                return found

    def either(self) -> Value:
        tests = [self._both()]
        while self.take("or"):
            tests.append(self._both())
        return lambda row: any(test(row) for test in tests)

    def _both(self) -> Value:
        tests = [self._one()]
        while self.take("and"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Value:
        if self.take("not"):
            self.want("(")
            inner = self.either()
            self.want(")")
            return lambda row: not inner(row)
        if self.take("("):
            inner = self.either()
            self.want(")")
            return inner
        return self._comparison(self.value())

    def _comparison(self, left: Value) -> Value:
        operator = self.peek().lower()
        if operator in ("in", "!in") or (
            operator == "!" and self._tokens[self._at + 1 : self._at + 2] == ["in"]
        ):
            return self._membership(left)
        if operator not in COMPARISONS:
            return left
        self._at += 1
        right, compare = self.value(), COMPARISONS[operator]
        return lambda row: compare(left(row), right(row))

    def _membership(self, left: Value) -> Value:
        negative = self.take("!")
        self.want("in")
        folded = self.take("~")
        self.want("(")
        values = [self.value()]
        while self.take(","):
            values.append(self.value())
        self.want(")")
        fold: Callable[[Any], Any] = _low if folded else lambda v: v
        return lambda row: (fold(left(row)) in [fold(v(row)) for v in values]) != negative

    def value(self) -> Value:
        token = self.peek()
        if token[:1] in ("'", '"'):
            self._at += 1
            text = re.sub(r"\\(.)", r"\1", token[1:-1])
            return lambda _: text
        if token.isdecimal():
            number = int(self.number())
            return lambda _: number
        name = self.word()
        if name.lower() in ("true", "false"):
            flag = name.lower() == "true"
            return lambda _: flag
        if self.take("("):
            return self._called(name)
        return self._path(name)

    def _called(self, name: str) -> Value:
        function = FUNCTIONS.get(name.lower())
        if function is None:
            raise QueryError(name, f"the function {name!r} is not known here")
        inner = self.value()
        self.want(")")
        return lambda row: function(inner(row))

    def _path(self, first: str) -> Value:
        path = [first]
        while self.peek() in (".", "["):
            if self.take("."):
                path.append(self.word())
            else:
                self.want("[")
                token = self.peek()
                self._at += 1
                path.append(token[1:-1])
                self.want("]")
        return lambda row: _deep(row, path)


def _deep(value: Any, path: list[str]) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _low(value: Any) -> str:
    return FUNCTIONS["tolower"](value)  # type: ignore[no-any-return]
