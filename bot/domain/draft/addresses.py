"""Resources that were pasted rather than typed: ARM ids, links to the portal, host names of services."""

import re
from urllib.parse import unquote

from bot.domain.spec import ScopeKind

SUBSCRIPTION_ID = re.compile(r"/subscriptions/[^\s,;\"'`<>)\]|?]+", re.IGNORECASE)
HOST = re.compile(
    r"(?:https?://|sb://|amqps?://)?(?P<name>[a-z0-9][a-z0-9-]*)\.(?P<rest>[a-z0-9.-]+)"
    r"(?::\d+)?(?P<path>/[^\s?#]*)?(?:[?#]\S*)?",
    re.IGNORECASE,
)
SERVICES: tuple[tuple[str, str, str | None], ...] = (
    ("vault.azure.net", "vault", None),
    ("blob.core.windows.net", "blob storage", "blob container"),
    ("dfs.core.windows.net", "blob storage", "blob container"),
    ("queue.core.windows.net", "storage", "storage queue"),
    ("table.core.windows.net", "storage", "table"),
    ("servicebus.windows.net", "bus", "queue"),
    ("azconfig.io", "settings", None),
    ("azurecr.io", "registry", None),
    ("documents.azure.com", "cosmos", None),
    ("eventgrid.azure.net", "grid", None),
)
"""Host, the noun for it, the noun for the first piece of a path under it."""
IN_VAULT = {"secrets": "secret", "certificates": "certificate", "keys": "key"}


def arm_id(text: str) -> str | None:
    """The ARM id in a text or a link to the portal, without the portal's own page at its end."""
    match = SUBSCRIPTION_ID.search(unquote(text) if "%2f" in text.casefold() else text)
    if match is None:
        return None
    parts = match[0].strip("/.").split("/")
    while len(parts) > 2 and _is_page(parts):
        parts.pop()
    return "/".join(("/subscriptions", *parts[1:]))


def _is_page(parts: list[str]) -> bool:
    """Whether the last piece is a page of the portal: a resource is a type and a name."""
    lowered = [part.casefold() for part in parts]
    if "providers" in lowered:
        return (len(parts) - lowered.index("providers")) % 2 == 1
    return len(parts) % 2 == 1


def things(text: str) -> tuple[tuple[str, str], ...]:
    """The nouns and names that a host name or address of an Azure service stands for; () when it is none."""
    match = HOST.fullmatch(text.rstrip("/."))
    if match is None:
        return ()
    rest = match["rest"].casefold()
    for host, outer, inner in SERVICES:
        if rest == host or rest.endswith("." + host):
            pieces = [piece for piece in (match["path"] or "").split("/") if piece]
            return ((outer, match["name"]), *_within(outer, inner, pieces))
    return ()


def _within(outer: str, inner: str | None, pieces: list[str]) -> tuple[tuple[str, str], ...]:
    if outer == "vault" and len(pieces) >= 2 and pieces[0].casefold() in IN_VAULT:
        return ((IN_VAULT[pieces[0].casefold()], pieces[1]),)
    return ((inner, pieces[0]),) if inner and pieces else ()


def names_in(resource_id: str) -> tuple[str, ...]:
    """The names of a resource and of those that it lies in, outermost first: `sb-shop`, `orders`.

    A group's or a subscription's id has one, its last piece.
    """
    parts = resource_id.strip("/").split("/")
    lowered = [part.casefold() for part in parts]
    if "providers" not in lowered:
        return (parts[-1],)
    pairs = parts[lowered.index("providers") + 2 :]
    fixed = {"blobservices", "queueservices", "tableservices", "fileservices"}
    return tuple(
        name for type_, name in zip(pairs[::2], pairs[1::2], strict=False) if type_.casefold() not in fixed
    )


def is_id(resource: str) -> bool:
    """Whether a resource was said by its full id."""
    return resource.startswith("/subscriptions/")


TOO_WIDE = (ScopeKind.RESOURCE_GROUP, ScopeKind.SUBSCRIPTION)
