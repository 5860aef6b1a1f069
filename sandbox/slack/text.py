"""Slack's text encoding: what people type, what apps post, and rich text made of it.

Rules: https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from typing import Any

from sandbox.slack import emoji
from sandbox.slack.workspace import Workspace

BROADCASTS = {"here", "channel", "everyone"}
CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
URL = r"https?://[^\s<>|`]*[^\s<>|`.,;:!?'\")\]]"
MAIL = r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}"
# Slack links bare host names, too: people who type a vault's address get `<http://…|…>`.
TLDS = "com|net|org|edu|gov|io|dev|app|cloud|ai|co|de|eu|uk|us|ch|fr|it|nl|se|no|md"
PATH = r"(?:/[^\s<>|`]*[^\s<>|`.,;:!?'\")])?"
HOST = rf"(?<![\w./@:-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{TLDS})(?![\w-]|\.\w){PATH}"
TYPED = re.compile(
    rf"(?P<url>{URL})|(?P<mail>{MAIL})|(?P<host>{HOST})"
    r"|(?<![\w@])@(?P<at>[a-z0-9](?:[\w.-]*\w)?)|(?<![\w#&])#(?P<channel>[a-z0-9_-]+)",
    re.IGNORECASE,
)
# What an app may put between < and >: everything else is shown as it is.
CONTROL = r"<(?:@[UW]\w+|#C\w+|!(?:here|channel|everyone|subteam\^|date\^)|https?://|mailto:|tel:)[^<>]*>"
POSTED = re.compile(rf"(?P<control>{CONTROL})|(?P<url>{URL})|(?P<entity>&(?:amp|lt|gt);)|(?P<sign>[&<>])")
TOKEN = re.compile(r"<(?P<inner>[^<>]+)>|:(?P<emoji>[a-z0-9_+-]+(?:::skin-tone-[2-6])?):")


def escaped(text: str) -> str:
    """The three signs that Slack escapes, escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """The text as it is shown."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(text: str, workspace: Workspace) -> str:
    """What a person typed as Slack stores and delivers it: mentions, channels, links and emoji encoded.

    In code nothing but web addresses is recognised.
    """
    parts = []
    for part in CODE.split(text):
        parts.append(_code(part) if CODE.fullmatch(part) else _prose(part, workspace))
    return "".join(parts)


def posted(text: str) -> str:
    """What an app posted as Slack stores it: stray signs escaped, web addresses marked as links."""
    return POSTED.sub(_kept, text)


def rich_text(text: str, block_id: str) -> list[dict[str, Any]]:
    """The `rich_text` block that Slack makes of what a person typed."""
    elements: list[dict[str, Any]] = []
    section: list[dict[str, Any]] = []
    for part in CODE.split(text):
        if part.startswith("```") and CODE.fullmatch(part):
            if section:
                elements.append({"type": "rich_text_section", "elements": section})
                section = []
            code = [{"type": "text", "text": _verbatim(part[3:-3].strip("\n"))}]
            elements.append({"type": "rich_text_preformatted", "elements": code, "border": 0})
        elif CODE.fullmatch(part):
            section.append({"type": "text", "text": _verbatim(part[1:-1]), "style": {"code": True}})
        else:
            section.extend(_tokens(part))
    if section:
        elements.append({"type": "rich_text_section", "elements": section})
    return [{"type": "rich_text", "block_id": block_id, "elements": elements}]


def _prose(text: str, workspace: Workspace) -> str:
    out, at = [], 0
    for found in TYPED.finditer(text):
        out.append(emoji.named(escaped(text[at : found.start()])))
        out.append(_encoded(found, workspace))
        at = found.end()
    out.append(emoji.named(escaped(text[at:])))
    return "".join(out)


def _code(text: str) -> str:
    return re.sub(URL, lambda found: f"<{found[0]}>", escaped(text))


def _encoded(found: re.Match[str], workspace: Workspace) -> str:
    whole = escaped(found[0])
    if found["url"]:
        return f"<{whole}>"
    if found["mail"]:
        return f"<mailto:{whole}|{whole}>"
    if found["host"]:
        return f"<http://{whole}|{whole}>"
    if found["at"]:
        return _mention(found["at"], workspace)
    for channel in workspace.channels.values():
        if channel.name == found["channel"].lower() and channel.kind in ("channel", "group"):
            return f"<#{channel.id}|{channel.name}>"
    return whole


def _mention(name: str, workspace: Workspace) -> str:
    wanted = name.lower()
    if wanted in BROADCASTS:
        return f"<!{wanted}>"
    for person in workspace.people.values():
        if person.name.lower() == wanted and not person.deleted:
            return f"<@{person.id}>"
    for group in workspace.groups.values():
        if group.handle.lower() == wanted and not group.disabled:
            return f"<!subteam^{group.id}>"
    return f"@{escaped(name)}"


def _kept(found: re.Match[str]) -> str:
    if found["control"] or found["entity"]:
        return found[0]
    return f"<{found[0]}>" if found["url"] else escaped(found[0])


def _verbatim(code: str) -> str:
    return unescaped(re.sub(r"<(https?://[^<>|]+)>", r"\1", code))


def _tokens(text: str) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    at = 0
    for found in TOKEN.finditer(text):
        token = _inner(found["inner"]) if found["inner"] else _emoji(found["emoji"])
        if token is None:
            continue
        if found.start() > at:
            out.append({"type": "text", "text": unescaped(text[at : found.start()])})
        out.append(token)
        at = found.end()
    if at < len(text):
        out.append({"type": "text", "text": unescaped(text[at:])})
    return out


def _inner(inner: str) -> dict[str, Any]:
    target, _, label = inner.partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": target.removeprefix("!subteam^")}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    link = {"type": "link", "url": unescaped(target)}
    return {**link, "text": unescaped(label)} if label else link


def _emoji(name: str) -> dict[str, Any] | None:
    if not emoji.known(name):
        return None
    base, _, tone = name.partition("::skin-tone-")
    return (
        {"type": "emoji", "name": base, "skin_tone": int(tone)} if tone else {"type": "emoji", "name": base}
    )
