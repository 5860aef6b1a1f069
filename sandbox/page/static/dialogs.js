// What lies over the page: the app's modals, questions before something is done, and lines that pass.

import { blocks, textOf } from "./blocks.js";
import { h } from "./dom.js";
import { formOf } from "./elements.js";
import { icon } from "./signs.js";
import { change, state } from "./state.js";
import { act } from "./wire.js";

/** The top modal of the chosen person, and whatever has to be confirmed. */
export function dialogs() {
  const view = state.view.slack.modals[state.me]?.at(-1);
  return [view && modal(view), state.asked && confirmation(state.asked)];
}

/** Open dialogs lie over everything and hold the focus. */
export function showDialogs() {
  for (const dialog of document.querySelectorAll("dialog:not([open])")) dialog.showModal();
}

/** The lines that pass. */
export function toasts() {
  return h(
    "div",
    { class: "toasts", role: "alert" },
    state.toasts.map((each) => h("p", { key: each.id, class: `toast ${each.kind}` }, each.kind === "wrong" ? "⚠ " : "✓ ", each.text)),
  );
}

function modal(view) {
  const surface = { view_id: view.id, state: view.state, errors: view.errors };
  const close = () => act("close", { view_id: view.id });
  const submit = () => act("submit", { view_id: view.id, values: formOf(surface) });
  return h(
    "dialog",
    { key: view.id, class: "modal", "aria-label": view.title.text, oncancel: (event) => (event.preventDefault(), close()) },
    h("header", {}, h("h2", {}, textOf(view.title)), h("button", { type: "button", "aria-label": "Close", onclick: close }, icon("close"))),
    h("div", { class: "content" }, blocks(view.blocks, surface)),
    h(
      "footer",
      {},
      h("button", { type: "button", class: "button", onclick: close }, textOf(view.close) ?? "Close"),
      view.submit && h("button", { type: "button", class: "button primary", disabled: view.submit_disabled, onclick: submit }, textOf(view.submit)),
    ),
  );
}

function confirmation(asked) {
  const close = () => change({ asked: null });
  const yes = () => {
    close();
    asked.act();
  };
  return h(
    "dialog",
    { key: "asked", class: "modal small", oncancel: (event) => (event.preventDefault(), close()) },
    h("header", {}, h("h2", {}, asked.title)),
    h("div", { class: "content" }, h("p", {}, asked.text)),
    h("footer", {}, h("button", { type: "button", class: "button", onclick: close }, asked.no), h("button", { type: "button", class: "button primary", onclick: yes }, asked.yes)),
  );
}
