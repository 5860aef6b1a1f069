// Block Kit's elements: what people click, choose and fill in.
//
// Shapes: https://docs.slack.dev/reference/block-kit/block-elements

import { cls, h } from "./dom.js";
import { textOf } from "./blocks.js";
import { menu, menuWithSearch } from "./menus.js";
import { change, state } from "./state.js";
import { unsupported } from "./unsupported.js";
import { act } from "./wire.js";

const FIELDS = {
  plain_text_input: "text",
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};

/** One element of a block on a surface, ready to be used by the chosen person. */
export function element(given, block, surface) {
  const use = { given, block, surface, value: entered(given, block, surface), enter: (value) => enter(given, block, surface, value) };
  if (given.type === "button") return button(use);
  if (given.type in FIELDS) return field(use);
  if (given.type === "radio_buttons" || given.type === "checkboxes") return boxes(use);
  if (/^(multi_)?external_select$/.test(given.type)) return menuWithSearch(use);
  if (/^(multi_)?(static|users|conversations|channels)_select$|^overflow$/.test(given.type)) return menu(use);
  return unsupported(given.type);
}

function button({ given, block, surface }) {
  const click = () => {
    if (given.url) window.open(given.url, "_blank", "noopener");
    return act("click", { ...place(surface), action_id: given.action_id, block_id: block.block_id });
  };
  return h(
    "button",
    {
      type: "button",
      key: given.action_id,
      class: cls("button", given.style),
      "aria-label": given.accessibility_label,
      onclick: () => (given.confirm ? change({ asked: confirmation(given.confirm, click) }) : click()),
    },
    textOf(given.text),
  );
}

function confirmation(given, act) {
  return { title: textOf(given.title), text: textOf(given.text), yes: textOf(given.confirm), no: textOf(given.deny), act };
}

function field({ given, block, surface, value, enter }) {
  const props = {
    key: given.action_id,
    class: "input",
    placeholder: given.placeholder?.text,
    "aria-label": given.placeholder?.text,
    maxlength: given.max_length,
    ".value": shown(given, value),
    oninput: (event) => remember(given, block, surface, typedValue(given, event.target.value)),
    onchange: (event) => enter(typedValue(given, event.target.value)),
  };
  if (given.multiline) return h("textarea", { ...props, rows: 4 });
  return h("input", { ...props, type: FIELDS[given.type], min: given.min_value, max: given.max_value });
}

function typedValue(given, text) {
  if (text === "") return null;
  return given.type === "datetimepicker" ? Math.floor(new Date(text).getTime() / 1000) : text;
}

function shown(given, value) {
  if (value === null || value === undefined) return "";
  if (given.type !== "datetimepicker") return String(value);
  const when = new Date(Number(value) * 1000);
  return new Date(when - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function boxes({ given, block, surface, value, enter }) {
  const many = given.type === "checkboxes";
  const chosen = many ? (value ?? []) : [value];
  const name = `${surface.view_id ?? surface.ts}-${block.block_id}-${given.action_id}`;
  const pick = (picked, isOn) => {
    if (!many) return enter(picked);
    return enter(given.options.map((o) => o.value).filter((v) => (v === picked ? isOn : chosen.includes(v))));
  };
  return h(
    "div",
    { class: "boxes", key: given.action_id },
    given.options.map((option) =>
      h(
        "label",
        { key: option.value },
        h("input", {
          type: many ? "checkbox" : "radio",
          name,
          ".checked": chosen.includes(option.value),
          onchange: (event) => pick(option.value, event.target.checked),
        }),
        h("span", {}, textOf(option.text), option.description && h("small", {}, textOf(option.description))),
      ),
    ),
  );
}

/** Where something is, as the sandbox wants it said. */
export function place(surface) {
  return surface.view_id ? { view_id: surface.view_id } : { channel: surface.channel, ts: surface.ts };
}

/** What was entered on a surface by the chosen person, and not submitted yet. */
export function formOf(surface) {
  return state.forms[formKey(surface)] ?? {};
}

function formKey(surface) {
  return surface.view_id ?? `${state.me} ${surface.channel} ${surface.ts}`;
}

function remember(given, block, surface, value) {
  const form = { ...formOf(surface) };
  form[block.block_id] = { ...form[block.block_id], [given.action_id]: value };
  change({ forms: { ...state.forms, [formKey(surface)]: form } });
}

function enter(given, block, surface, value) {
  remember(given, block, surface, value);
  // A view's plain inputs are sent with the whole of it.
  if (surface.view_id && block.type === "input" && !block.dispatch_action) return null;
  return act("click", { ...place(surface), action_id: given.action_id, block_id: block.block_id, value });
}

function entered(given, block, surface) {
  const typed = formOf(surface)[block.block_id];
  if (typed && given.action_id in typed) return typed[given.action_id];
  const kept = surface.state?.values?.[block.block_id]?.[given.action_id];
  return kept ? valueOf(kept) : initial(given);
}

function valueOf(kept) {
  if ("selected_options" in kept) return kept.selected_options.map((option) => option.value);
  if ("selected_option" in kept) return kept.selected_option?.value ?? null;
  const name = Object.keys(kept).find((each) => each === "value" || each.startsWith("selected_"));
  return name ? kept[name] : null;
}

function initial(given) {
  if (given.initial_options) return given.initial_options.map((option) => option.value);
  if (given.initial_option) return given.initial_option.value;
  const name = Object.keys(given).find((each) => each.startsWith("initial_"));
  return name ? given[name] : null;
}
