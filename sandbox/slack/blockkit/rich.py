"""Block Kit's rich text.

Shapes: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from sandbox.slack.blockkit.rules import (
    Rule,
    anything,
    boolean,
    by_type,
    items,
    number,
    one_of,
    shape,
    string,
)

MANY = 1_000
NAME = string(255, 1)

STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")

_style = shape({}, dict.fromkeys(STYLES, boolean))
STYLED: dict[str, Rule] = {"style": _style}
_part = by_type(
    {
        "text": shape({"text": string(40_000, 1)}, STYLED),
        "link": shape({"url": string(3000, 1)}, {**STYLED, "text": string(40_000), "unsafe": boolean}),
        "user": shape({"user_id": NAME}, STYLED),
        "usergroup": shape({"usergroup_id": NAME}, STYLED),
        "channel": shape({"channel_id": NAME}, STYLED),
        "team": shape({"team_id": NAME}, STYLED),
        "emoji": shape(
            {"name": NAME}, {**STYLED, "skin_tone": number(2, 6), "unicode": NAME, "url": string(3000)}
        ),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}, STYLED),
        "date": shape(
            {"timestamp": anything, "format": NAME}, {**STYLED, "url": string(3000), "fallback": string(3000)}
        ),
        "color": shape({"value": NAME}, STYLED),
    }
)
_parts = items(_part, MANY, 0)
_border = number(0, 1)
_section = shape({"elements": _parts})
RICH: dict[str, Rule] = {
    "rich_text_section": _section,
    "rich_text_quote": shape({"elements": _parts}, {"border": _border}),
    "rich_text_preformatted": shape({"elements": _parts}, {"border": _border, "language": NAME}),
    "rich_text_list": shape(
        {
            "style": one_of("bullet", "ordered"),
            "elements": items(by_type({"rich_text_section": _section}), MANY, 0),
        },
        {"indent": number(0, 8), "offset": number(0, MANY), "border": _border},
    ),
}
