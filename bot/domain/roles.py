"""The roles that can be offered, by key."""

from bot.domain.value import Value


class Role(Value):
    """A built-in role: our key for it, its definition's GUID, Azure's name."""

    key: str
    id: str
    name: str


def role(key: str) -> Role:
    """The role of this key; KeyError when there is none."""
    raise KeyError(key)
