"""The second opinion: an edit counts only when an independent reading shows the change and nothing else."""

from __future__ import annotations

from gitops.edits.model import Key, Scalar, Tree, parse, text
from gitops.edits.operations import Append, Item, Operation, Path, Put, Remove, Restore, Simple, Take, Within
from gitops.edits.spans import differing
from gitops.edits.text import Text
from gitops.errors import Reason, Refused

_BOOL = "tag:yaml.org,2002:bool"
_NOTHING = Scalar("tag:yaml.org,2002:null", "")


def check(before: Text, after: Text, number: int, operation: Operation) -> None:
    """Refuse unless `after` reads as `before` with the operation done, and only its lines differ."""
    old, new = _read(before), _read(after)
    if len(old) != len(new) or len(old) != len(before.sections()):
        raise _refused("the two parsers count different documents")
    _check_lines(before, after, operation.operation if isinstance(operation, Within) else operation)
    if any(one != other for place, (one, other) in enumerate(zip(old, new, strict=True)) if place != number):
        raise _refused("another document reads differently")
    if isinstance(operation, Within):
        _check_inside(old[number], new[number], operation)
    else:
        _check_meaning(old[number], new[number], operation)


def check_readable(text: Text) -> None:
    """Refuse a text that the second parser does not read, before the first one tries."""
    parse(text.body)


def _read(text: Text) -> list[Tree]:
    return parse(text.body) or [_NOTHING]


def _check_meaning(old: Tree, new: Tree, operation: Simple) -> None:
    if _done(new, operation) != _done(_made(old, operation), operation):
        raise _refused("the result does not read as intended")
    if not _holds(new, operation):
        raise _refused("the intended value does not read back")


def _check_inside(old: Tree, new: Tree, operation: Within) -> None:
    held, holds = _at(old, operation.path), _at(new, operation.path)
    if not isinstance(held, Scalar) or not isinstance(holds, Scalar):
        raise _refused("the text to edit inside does not read back")
    if _with(old, operation.path, holds) != new:
        raise _refused("the result does not read as intended")
    inside = [_read(Text(scalar.value)) for scalar in (held, holds)]
    if len(inside[0]) != 1 or len(inside[1]) != 1:
        raise _refused("the text to edit inside is more than one document")
    _check_meaning(inside[0][0], inside[1][0], operation.operation)


def _check_lines(before: Text, after: Text, operation: Simple) -> None:
    _, gone, come = differing(_lines(before), _lines(after))
    if isinstance(operation, Put | Append | Restore):
        if len(gone) > 1:
            raise _refused("more than one existing line would change")
        if len(come) > len(gone) + len(operation.path) + 4:
            raise _refused("more lines would be added than the change needs")
    elif len(come) > 1:
        raise _refused("a removal would add lines")
    is_blank = not before.body or not after.body
    if before.has_bom != after.has_bom or (_ends_open(before) != _ends_open(after) and not is_blank):
        raise _refused("the start or the end of the file would change")
    if not _line_ends(after) <= (_line_ends(before) or {"\n"}):
        raise _refused("line ends would be mixed")


def _lines(text: Text) -> list[str]:
    return [line.removesuffix("\r") for line in text.body.split("\n")]


def _line_ends(text: Text) -> set[str]:
    """The kinds of line end in a text; a bare line feed counts only where there is one."""
    carried = text.body.count("\r\n")
    kinds = {"\r\n"} if carried else set()
    return kinds | ({"\n"} if text.body.count("\n") > carried else set())


def _ends_open(text: Text) -> bool:
    return not text.body.endswith("\n")


def _made(tree: Tree, operation: Simple) -> Tree:
    """The operation done on what was read, by its meaning alone."""
    match operation:
        case Put(path, value) | Restore(path, value):
            return _with(tree, path, text(value))
        case Append(path, item):
            return _with(tree, path, [*_list(tree, path), _tree(item)])
        case Remove(path):
            return _without(tree, path)
        case Take(path, item):
            items, wanted = list(_list(tree, path)), _tree(item)
            for place in range(len(items) - 1, -1, -1):
                if items[place] == wanted:
                    del items[place]
                    break
            return _with(tree, path, items)


def _done(tree: Tree, operation: Simple) -> Tree:
    """A tree without what an operation may leave in two ways: emptied parents, and a restored spelling."""
    match operation:
        case Restore(path, value):
            return _with(tree, path, text(value))
        case Remove(path):
            return _pruned(tree, path[:-1])
        case Take(path):
            return _pruned(tree, path)
        case Put() | Append():
            return tree


def _holds(tree: Tree, operation: Simple) -> bool:
    match operation:
        case Put(path, value):
            return _at(tree, path) == text(value)
        case Append(path, item):
            return _tree(item) in _list(tree, path)
        case Remove(path):
            return _at(tree, path) is None
        case Restore() | Take():
            return True


def _pruned(tree: Tree, path: Path) -> Tree:
    """A tree without the empty collections at the end of a path."""
    while path:
        held = _at(tree, path)
        if held is not None and held not in ([], {}) and not (isinstance(held, Scalar) and held.is_null):
            return tree
        tree, path = _without(tree, path), path[:-1]
    return _NOTHING if tree == {} else tree


def _at(tree: Tree | None, path: Path) -> Tree | None:
    for step in path:
        if isinstance(tree, dict):
            tree = tree.get(str(step))
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree


def _with(tree: Tree | None, path: Path, value: Tree) -> Tree:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        if not isinstance(tree, list) or step >= len(tree):
            raise _refused("the way to the change reads differently")
        return [*tree[:step], _with(tree[step], rest, value), *tree[step + 1 :]]
    if tree is None or (isinstance(tree, Scalar) and tree.is_null):
        tree = {}
    if not isinstance(tree, dict):
        raise _refused("the way to the change reads differently")
    return {**tree, step: _with(tree.get(step), rest, value)}


def _without(tree: Tree, path: Path) -> Tree:
    step, rest = path[0], path[1:]
    if isinstance(tree, list) and isinstance(step, int) and rest:
        return [*tree[:step], _without(tree[step], rest), *tree[step + 1 :]]
    if not isinstance(tree, dict) or not isinstance(step, str) or step not in tree:
        return tree
    if rest:
        return {**tree, step: _without(tree[step], rest)}
    return {key: value for key, value in tree.items() if key != step}


def _list(tree: Tree, path: Path) -> list[Tree]:
    held = _at(tree, path)
    return held if isinstance(held, list) else []


def _tree(item: Item) -> Tree:
    if isinstance(item, str):
        return text(item)
    made: dict[Key, Tree] = {}
    for key, value in item:
        made[key] = text(value) if isinstance(value, str) else Scalar(_BOOL, str(value).lower())
    return made


def _refused(what: str) -> Refused:
    return Refused(
        Reason.GATE,
        f"The edit was tried and given up: {what}.",
        "Make the change by hand; the snippet says what is wanted.",
    )
