"""Resources as they are said, piece by piece: a queue here, its namespace there."""

import re
from collections.abc import Sequence

from bot.domain.draft.items import Part
from bot.domain.draft.said import Target
from bot.domain.draft.words import NOUNS
from bot.domain.spec import ScopeKind

INNER = frozenset(
    {
        ScopeKind.SECRET,
        ScopeKind.KEY,
        ScopeKind.CERTIFICATE,
        ScopeKind.CONTAINER,
        ScopeKind.STORAGE_QUEUE,
        ScopeKind.STORAGE_TABLE,
        ScopeKind.QUEUE,
        ScopeKind.TOPIC,
        ScopeKind.TOPIC_SUBSCRIPTION,
        ScopeKind.EVENT_HUB,
        ScopeKind.COSMOS_DATABASE,
        ScopeKind.COSMOS_CONTAINER,
    }
)
"""The kinds that lie in another resource."""
NESTED = {("topic", "topic subscription"), ("bus topic", "topic subscription"), ("database", "container")}
"""Nouns of two things within one resource, of which the first holds the second."""

RESOURCE_LIKE = re.compile(
    r"(?:a?kv|vault|sb|sbns|asb|st|sto|stor|cosmos|cdb|evh|evhns|appcs|acr|cr)[-\d]|st[a-z0-9]{5,}"
)
"""Usual prefixes of resource names (learn.microsoft.com, abbreviations for Azure resources)."""


def looks_like_a_resource(name: str) -> bool:
    """Whether a name begins as names of Azure resources usually do; only ever breaks a tie."""
    return name.startswith("/subscriptions/") or RESOURCE_LIKE.match(name.casefold()) is not None


def target_of(noun: str, name: str) -> Target:
    """What a noun and its name mean: `queue orders`, `queue sb-shop/orders`, `vault kv-payments`."""
    parts = name.split("/")
    if not INNER.isdisjoint(NOUNS[noun].kinds):
        if len(parts) > 1:
            return Target(parts[0], None, "/".join(parts[1:]), noun)
        return Target(None, None, name, noun)
    return Target(parts[0], noun, "/".join(parts[1:]) or None, None)


def complete(targets: Sequence[Target], new: Target, joined: Part | None) -> bool:
    """Whether the new target completed those before: it gave the place of what was said, or what is in it."""
    last = targets[-1]
    if joined is Part.AND:
        return False
    if last.inner and new.inner and not new.resource:
        return _nested(last, new)
    if last.inner and not last.resource and new.resource and not new.inner:
        for target in targets:
            if target.inner and not target.resource:
                target.resource, target.resource_noun = new.resource, new.resource_noun
        return True
    if last.resource and not last.inner and new.inner and not new.resource:
        last.inner, last.inner_noun = new.inner, new.inner_noun
        return True
    return False


def _nested(last: Target, new: Target) -> bool:
    """`topic events, subscription billing` and `subscription billing of topic events` are one thing."""
    pair = (last.inner_noun or "", new.inner_noun or "")
    if pair in NESTED:
        last.inner, last.inner_noun = f"{last.inner}/{new.inner}", new.inner_noun
        return True
    if pair[::-1] in NESTED:
        last.inner = f"{new.inner}/{last.inner}"
        return True
    return False


def inherit_noun(last: Target | None, new: Target, joined: Part | None) -> None:
    """In `queues orders and payments` both are queues, and so in `orders and payments queues`."""
    if last is None or joined is None:
        return
    unnamed = not (last.inner or last.resource_noun) and (last.resource or "").isalpha()
    if new.inner_noun and joined is Part.AND and unnamed:
        last.inner, last.inner_noun, last.resource = last.resource, new.inner_noun, None
    if new.resource_noun or new.inner_noun or new.inner:
        return
    if last.inner_noun and not last.resource:
        new.inner, new.inner_noun, new.resource = new.resource, last.inner_noun, None
    elif not last.inner:
        new.resource_noun = last.resource_noun
