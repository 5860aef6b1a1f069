"""A message as Slack sends it, made plain: no markup, no entities, no typography, nothing invisible."""

import re

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
TYPED = re.compile(r"^\s*@[a-z][\w.-]*[,:]?(?=\s|$)", re.IGNORECASE)
SPECIAL = re.compile(r"<!(?:subteam\^)?([^>|]*)(?:\|([^>]*))?>")
CHANNEL = re.compile(r"<#[A-Z0-9]+(?:\|([^>]*))?>")
LINK = re.compile(r"<(?:mailto:)?((?:https?://)?[^<>|\s]+\.[^<>|\s]+)(?:\|[^>]*)?>")
EMOJI = re.compile(r"(?<![\w:]):[a-z0-9_+-]+:(?![\w:])")
BULLET = re.compile(r"^[ \t]*(?:[-*•◦▪‣·]|\d{1,2}[.)])[ \t]+", re.MULTILINE)
QUOTED_LINE = re.compile(r"^[ \t]*>+[ \t]?", re.MULTILINE)
FENCE = re.compile(r"```(?:[a-z]+\n)?")
STYLE = re.compile(r"(?<![\w*_~])[*_~]+(?=\S)|(?<=\S)[*_~]+(?![\w*_~])")
# Control characters, and those that hide or reorder text: zero width, bidirectional, byte order mark.
INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
TYPOGRAPHY = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
        "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2212": "-", "\u2014": " , ",
        "\u00a0": " ", "\u202f": " ", "\t": " ", "\u2026": "...", "\u2028": "\n", "\u2029": "\n",
        "\u2192": " , ", "\u00d7": "x",
    }
)  # fmt: skip


def plain(text: str) -> str:
    """The words of a message. The first mention is the bot's and goes; others stay as `@U0ANN`."""
    text = TYPED.sub("", text) if "<@" not in text else MENTION.sub(" ", text, count=1)
    text = MENTION.sub(r"@\1", text)
    text = CHANNEL.sub(lambda m: f"#{m[1] or 'channel'}", text)
    text = SPECIAL.sub(lambda m: f"@{(m[2] or m[1] or 'group').lstrip('@')}", text)
    text = LINK.sub(r"\1", text)
    # Slack escapes these three and no others; the ampersand last, so that nothing is decoded twice.
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    text = INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").translate(TYPOGRAPHY))
    text = EMOJI.sub(" ", FENCE.sub("\n", text))
    text = BULLET.sub("", QUOTED_LINE.sub("", text))
    return STYLE.sub("", text).strip()
