"""What may differ in a rendered object: the two annotations, the label, the account. Pure."""

from __future__ import annotations

from gitops.edits import Tree, child
from gitops.manifests import CLIENT_ID, TENANT_ID, account_path, label_path, objects


def annotation(key: str) -> tuple[str, ...]:
    """Where an annotation stands in an object."""
    return ("metadata", "annotations", key)


def meant_of_account(before: Tree | None, after: Tree | None) -> bool:
    """Whether a ServiceAccount is new, or differs in nothing but the two annotations."""
    if before is None or after is None:
        return after is not None
    paths = (annotation(CLIENT_ID), annotation(TENANT_ID))
    return _without(before, *paths) == _without(after, *paths)


def meant_of_workload(before: Tree | None, after: Tree | None) -> bool:
    """Whether a workload differs in nothing but its pods' label and account."""
    if before is None or after is None:
        return False
    found = list(objects("", 0, after))
    if len(found) != 1:
        return False
    paths = (label_path(found[0]), account_path(found[0]))
    return _without(before, *paths) == _without(after, *paths)


def _without(tree: Tree | None, *paths: tuple[str | int, ...]) -> Tree | None:
    for path in paths:
        tree = _dropped(tree, path)
    return tree


def _dropped(tree: Tree | None, path: tuple[str | int, ...]) -> Tree | None:
    """A tree without a key, and without the mappings above it that are left empty."""
    if not isinstance(tree, dict) or not path or not isinstance(path[0], str):
        return tree
    if len(path) == 1:
        return {key: value for key, value in tree.items() if key != path[0]}
    below = _dropped(child(tree, path[0]), path[1:])
    if below in (None, {}):
        return {key: value for key, value in tree.items() if key != path[0]}
    return {**tree, path[0]: below}
