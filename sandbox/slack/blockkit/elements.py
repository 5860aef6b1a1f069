"""Block Kit's elements: buttons, menus, inputs.

Limits: https://docs.slack.dev/reference/block-kit/block-elements
"""

from sandbox.slack.blockkit.objects import (
    OPTIONS,
    confirm,
    conversation_filter,
    dispatch,
    either,
    initial_is_offered,
    option,
    option_group,
    plain,
    slack_file,
    text,
)
from sandbox.slack.blockkit.rules import Rule, anything, boolean, items, number, one_of, shape, string

ID = string(255)
PERSON = string(255, least=1)
MANY = 1_000_000
ACTING: dict[str, Rule] = {"action_id": ID, "confirm": confirm}
FOCUS: dict[str, Rule] = {**ACTING, "focus_on_load": boolean}
MENU: dict[str, Rule] = {**FOCUS, "placeholder": plain(150)}
MULTI: dict[str, Rule] = {**MENU, "max_selected_items": number(1, MANY)}
STATIC: dict[str, Rule] = {
    "options": items(option, OPTIONS),
    "option_groups": items(option_group, OPTIONS),
}
CHANNEL_FILTER: dict[str, Rule] = {"filter": conversation_filter, "default_to_current_conversation": boolean}
TYPING: dict[str, Rule] = {
    "action_id": ID,
    "focus_on_load": boolean,
    "placeholder": plain(150),
    "dispatch_action_config": dispatch,
}

ELEMENTS: dict[str, Rule] = {
    "button": shape(
        {"text": plain(75)},
        {
            **ACTING,
            "url": string(3000),
            "value": string(2000),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
            "agent_prompt": string(4000),
        },
    ),
    "image": shape({"alt_text": string(2000)}, {"image_url": string(3000), "slack_file": slack_file}),
    "overflow": shape({"options": items(option, 5)}, ACTING),
    "static_select": shape(
        {},
        {**MENU, **STATIC, "initial_option": option},
        either("options", "option_groups"),
        initial_is_offered,
    ),
    "multi_static_select": shape(
        {},
        {**MULTI, **STATIC, "initial_options": items(option, OPTIONS, 0)},
        either("options", "option_groups"),
        initial_is_offered,
    ),
    "external_select": shape({}, {**MENU, "initial_option": option, "min_query_length": number(0, MANY)}),
    "multi_external_select": shape(
        {}, {**MULTI, "initial_options": items(option, OPTIONS, 0), "min_query_length": number(0, MANY)}
    ),
    "users_select": shape({}, {**MENU, "initial_user": PERSON}),
    "multi_users_select": shape({}, {**MULTI, "initial_users": items(PERSON, MANY, 0)}),
    "conversations_select": shape(
        {}, {**MENU, **CHANNEL_FILTER, "initial_conversation": PERSON, "response_url_enabled": boolean}
    ),
    "multi_conversations_select": shape(
        {}, {**MULTI, **CHANNEL_FILTER, "initial_conversations": items(PERSON, MANY, 0)}
    ),
    "channels_select": shape({}, {**MENU, "initial_channel": PERSON, "response_url_enabled": boolean}),
    "multi_channels_select": shape({}, {**MULTI, "initial_channels": items(PERSON, MANY, 0)}),
    "radio_buttons": shape(
        {"options": items(option, 10)}, {**FOCUS, "initial_option": option}, initial_is_offered
    ),
    "checkboxes": shape(
        {"options": items(option, 10)}, {**FOCUS, "initial_options": items(option, 10, 0)}, initial_is_offered
    ),
    "datepicker": shape({}, {**MENU, "initial_date": string(10, 10)}),
    "timepicker": shape({}, {**MENU, "initial_time": string(5, 5), "timezone": string(255)}),
    "datetimepicker": shape({}, {**FOCUS, "initial_date_time": number(0, 9_999_999_999)}),
    "plain_text_input": shape(
        {},
        {
            **TYPING,
            "initial_value": string(3000),
            "multiline": boolean,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
    ),
    "email_text_input": shape({}, {**TYPING, "initial_value": string(3000)}),
    "url_text_input": shape({}, {**TYPING, "initial_value": string(3000)}),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        {**TYPING, "initial_value": string(255), "min_value": string(255), "max_value": string(255)},
    ),
    "rich_text_input": shape({}, {**TYPING, "initial_value": anything}),
    "file_input": shape({}, {"action_id": ID, "filetypes": anything, "max_files": number(1, 10)}),
    "workflow_button": shape(
        {"text": plain(75), "workflow": anything},
        {"action_id": ID, "style": one_of("primary", "danger"), "accessibility_label": string(75)},
    ),
    "feedback_buttons": shape({"positive_button": anything, "negative_button": anything}, {"action_id": ID}),
    "icon_button": shape(
        {"icon": one_of("trash"), "text": plain(75)},
        {**ACTING, "value": string(2000), "accessibility_label": string(75), "visible_to_user_ids": anything},
    ),
    "url": shape({"url": string(3000), "text": anything}, {"icon_url": string(3000)}),
    "plain_text": text(2000),
    "mrkdwn": text(2000),
}

MENUS = tuple(name for name in ELEMENTS if name.endswith("_select"))
PICKERS = ("datepicker", "timepicker", "datetimepicker")
CHOICES = ("radio_buttons", "checkboxes")
TYPED = (
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
)
ACCESSORIES = ("button", "image", "overflow", "workflow_button", *MENUS, *CHOICES, *PICKERS)
IN_ACTIONS = ("button", "overflow", "workflow_button", *MENUS, *CHOICES, *PICKERS, "rich_text_input")
INPUTS = (*TYPED, *MENUS, *CHOICES, *PICKERS)
