"""The built-in roles that this Azure knows; their descriptions are ours."""

from functools import cache

from sandbox.arm.model import RoleDefinition
from sandbox.arm.role_table import TABLE


@cache
def built_in() -> dict[str, RoleDefinition]:
    """The built-in roles by GUID."""
    return {row[0]: _definition(*row) for row in TABLE}


def _definition(
    guid: str, name: str, actions: tuple[str, ...], excluded: tuple[str, ...], data: tuple[str, ...]
) -> RoleDefinition:
    permission = {
        "actions": list(actions),
        "notActions": list(excluded),
        "dataActions": list(data),
        "notDataActions": [],
    }
    return RoleDefinition(guid, name, f"The built-in role {name}.", custom=False, permissions=[permission])
