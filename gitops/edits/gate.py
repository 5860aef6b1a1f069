"""The second opinion: an edit counts only when an independent reading shows the change and nothing else."""

from __future__ import annotations

from gitops.edits.model import Key, Scalar, Tree, parse, text
from gitops.edits.operations import Append, Item, Operation, Path, Put, Remove, Restore, Take
from gitops.edits.text import Text
from gitops.errors import Reason, Refused


def check(before: Text, after: Text, number: int, operation: Operation) -> None:
    """Refuse unless `after` reads as `before` with the operation done, and only its lines differ."""
    old, new = parse(before.body), parse(after.body)
    if len(old) != len(new) or len(old) != len(before.sections()):
        raise _refused("the two parsers count different documents")
    _check_lines(before, after, operation)
    if any(one != other for place, (one, other) in enumerate(zip(old, new, strict=True)) if place != number):
        raise _refused("another document reads differently")
    if _done(new[number], operation) != _done(_made(old[number], operation), operation):
        raise _refused("the result does not read as intended")
    if not _holds(new[number], operation):
        raise _refused("the intended value does not read back")


def _check_lines(before: Text, after: Text, operation: Operation) -> None:
    old, new = before.body.splitlines(keepends=True), after.body.splitlines(keepends=True)
    gone, come = _middle(old, new)
    if isinstance(operation, Put | Append | Restore):
        if len(gone) > 1:
            raise _refused("more than one existing line would change")
        if len(come) > len(gone) + len(operation.path) + 4:
            raise _refused("more lines would be added than the change needs")
    elif len(come) > 1:
        raise _refused("a removal would add lines")
    if before.has_bom != after.has_bom or _ends_open(before) != _ends_open(after):
        raise _refused("the start or the end of the file would change")
    if "\r\n" in before.body and "\n" not in before.body.replace("\r\n", ""):
        if "\n" in after.body.replace("\r\n", ""):
            raise _refused("line ends would be mixed")
    elif "\r\n" not in before.body and "\r\n" in after.body:
        raise _refused("line ends would be mixed")


def _middle(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """What is left of both once the same first and last lines are taken away; line ends apart."""
    old, new = [line.rstrip("\r\n") for line in old], [line.rstrip("\r\n") for line in new]
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return old[start : len(old) - end], new[start : len(new) - end]


def _ends_open(text: Text) -> bool:
    return not text.body.endswith("\n")


def _made(tree: Tree, operation: Operation) -> Tree:
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


def _done(tree: Tree, operation: Operation) -> Tree:
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


def _holds(tree: Tree, operation: Operation) -> bool:
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
    return tree


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
    made: dict[Key, Tree] = {key: text(value) for key, value in item}
    return made


def _refused(what: str) -> Refused:
    return Refused(
        Reason.GATE,
        f"The edit was tried and given up: {what}.",
        "Make the change by hand; the snippet says what is wanted.",
    )
