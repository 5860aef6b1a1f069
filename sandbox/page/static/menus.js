// Block Kit's menus: a native select, so that keyboards, phones and screen readers know what to do.

import { h } from "./dom.js";
import { change, person, state } from "./state.js";
import { place } from "./elements.js";
import { act } from "./wire.js";

/** A menu whose options are known; choosing one is using it. */
export function menu({ given, value, enter }) {
  const many = given.type.startsWith("multi_");
  const groups = given.option_groups ?? [{ options: known(given) }];
  const chosen = many ? (value ?? []) : [value];
  const props = {
    key: given.action_id,
    class: given.type === "overflow" ? "select overflow" : "select",
    multiple: many,
    "aria-label": given.placeholder?.text ?? "More",
    onchange: (event) => enter(many ? [...event.target.selectedOptions].map((o) => o.value) : event.target.value || null),
  };
  const head = !many && h("option", { value: "", ".selected": !value }, given.placeholder?.text ?? (given.type === "overflow" ? "⋯" : "Choose one"));
  return h(
    "select",
    props,
    head,
    groups.map((group) => {
      const options = group.options.map((o) => option(o, chosen));
      return group.label ? h("optgroup", { label: group.label.text }, options) : options;
    }),
  );
}

/** A menu whose options the app is asked for, by what is typed. */
export function menuWithSearch(use) {
  const { given, block, surface } = use;
  const key = `${surface.view_id ?? surface.ts}:${given.action_id}`;
  const found = state.forms[key] ?? { options: given.initial_options ?? [given.initial_option].filter(Boolean) };
  const search = async (event) => {
    const query = event.target.value;
    if (query.length < (given.min_query_length ?? 3)) return;
    const told = await act("suggest", { ...place(surface), action_id: given.action_id, block_id: block.block_id, query });
    if (told) change({ forms: { ...state.forms, [key]: told } });
  };
  const offered = found.option_groups?.length ? { option_groups: found.option_groups } : { options: found.options };
  return h(
    "div",
    { class: "search", key: given.action_id },
    h("input", { type: "search", class: "input", placeholder: "Type to search", "aria-label": given.placeholder?.text ?? "Search", oninput: search }),
    menu({ ...use, given: { ...given, ...offered } }),
  );
}

function option(given, chosen) {
  return h("option", { value: given.value, ".selected": chosen.includes(given.value) }, given.text.text);
}

function known(given) {
  if (given.options) return given.options;
  const { people, channels } = state.view.slack;
  const persons = Object.values(people).filter((p) => !p.deleted).map((p) => ({ value: p.id, text: { text: person(p.id).real_name } }));
  const rooms = channels.filter((c) => c.members.includes(state.me)).map((c) => ({ value: c.id, text: { text: `#${c.name}` } }));
  if (given.type.endsWith("users_select")) return persons;
  return given.type.endsWith("channels_select") ? rooms : [...rooms, ...persons];
}
