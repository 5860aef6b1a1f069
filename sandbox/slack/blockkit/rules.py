"""A small language to say what a JSON value must be, with complaints worded as Slack words them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Rule = Callable[[Any, str, "Complaints"], None]


@dataclass
class Complaints:
    """What is wrong and where, in Slack's words: `must be … [json-pointer:/blocks/0/text]`."""

    found: list[str] = field(default_factory=list)

    def say(self, what: str, at: str) -> None:
        """One more thing is wrong."""
        self.found.append(f"{what} [json-pointer:{at}]")


def string(most: int, least: int = 0) -> Rule:
    """A string of that many characters."""

    def check(value: Any, at: str, complaints: Complaints) -> None:
        if not isinstance(value, str):
            complaints.say("must be a string", at)
        elif len(value) > most:
            complaints.say(f"must be less than {most + 1} characters", at)
        elif len(value) < least:
            complaints.say(f"must be more than {least - 1} characters", at)

    return check


def number(least: float, most: float) -> Rule:
    """A whole number in this range."""

    def check(value: Any, at: str, complaints: Complaints) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            complaints.say("must be an integer", at)
        elif value < least:
            complaints.say(f"must be greater than {least - 1:g}", at)
        elif value > most:
            complaints.say(f"must be less than {most + 1:g}", at)

    return check


def boolean(value: Any, at: str, complaints: Complaints) -> None:
    """True or false."""
    if not isinstance(value, bool):
        complaints.say("must be a boolean", at)


def anything(value: Any, at: str, complaints: Complaints) -> None:
    """Whatever it is, it is right."""


def one_of(*words: str) -> Rule:
    """One of these words."""

    def check(value: Any, at: str, complaints: Complaints) -> None:
        if value not in words:
            complaints.say("must be a valid enum value", at)

    return check


def items(rule: Rule, most: int, least: int = 1) -> Rule:
    """A list of that many values, each of which follows the rule."""

    def check(value: Any, at: str, complaints: Complaints) -> None:
        if not isinstance(value, list):
            complaints.say("must be an array", at)
            return
        if len(value) > most:
            complaints.say(f"no more than {most} items allowed", at)
        if len(value) < least:
            complaints.say(f"must provide at least {least} items", at)
        for n, item in enumerate(value):
            rule(item, f"{at}/{n}", complaints)

    return check


def shape(needed: dict[str, Rule], allowed: dict[str, Rule] | None = None, *extra: Rule) -> Rule:
    """An object with these members and no others; `extra` rules see the object when its members are right."""
    rules = {"type": anything, **(allowed or {}), **needed}

    def check(value: Any, at: str, complaints: Complaints) -> None:
        if not isinstance(value, dict):
            complaints.say("must be an object", at)
            return
        before = len(complaints.found)
        for name in needed:
            if value.get(name) is None:
                complaints.say(f"missing required field: {name}", at)
        for name, member in value.items():
            if name not in rules:
                complaints.say(f"invalid additional property: {name}", at)
            elif member is not None:
                rules[name](member, f"{at}/{name}", complaints)
        if len(complaints.found) == before:
            for rule in extra:
                rule(value, at, complaints)

    return check


def by_type(shapes: dict[str, Rule], *types: str) -> Rule:
    """An object of one of these types, which has the shape of its type; no types given allow all."""

    def check(value: Any, at: str, complaints: Complaints) -> None:
        if not isinstance(value, dict):
            complaints.say("must be an object", at)
        elif "type" not in value:
            complaints.say("missing required field: type", at)
        elif value["type"] not in (types or shapes) or value["type"] not in shapes:
            complaints.say(f"unsupported type: {value['type']}", f"{at}/type")
        else:
            shapes[value["type"]](value, at, complaints)

    return check
