// The page: everything is drawn from the state, whenever it changes.

import { argocd } from "./argocd.js";
import { azure } from "./azure.js";
import { conversationView, threadView } from "./conversation.js";
import { dialogs, showDialogs, toasts } from "./dialogs.js";
import { cls, h, patch } from "./dom.js";
import { github } from "./github.js";
import { guide } from "./guide.js";
import { journal } from "./journal.js";
import { followHash } from "./links.js";
import { spoken } from "./message.js";
import { people, places } from "./people.js";
import { change, conversation, drawn, openPane, restore, state, visible } from "./state.js";
import { connect } from "./wire.js";

const PANES = { azure: ["Azure", azure], github: ["GitHub", github], argocd: ["Argo CD", argocd], journal: ["Journal", journal] };
const NEAR = 80; // px from the end at which one is still said to be reading the newest

const root = document.getElementById("app");

function draw() {
  if (!state.view) return;
  const channel = conversation();
  const positions = scrolled();
  patch(root, page(channel));
  settle(positions);
  showDialogs();
  focus();
  speak(channel);
}

function page(channel) {
  const thread = threadView(channel);
  return h(
    "div",
    { class: cls("page", `on-${state.narrow}`, thread && "with-thread") },
    h("header", { class: "top" }, h("h1", {}, "Identities on demand", h("span", { class: "quiet" }, " sandbox")), people()),
    guide(),
    h("main", { class: "slack", "aria-label": "Slack" }, places(channel), conversationView(channel), thread),
    tabs(),
    pane(),
    !state.online && h("p", { class: "offline", role: "status" }, "⚠ The sandbox does not answer. Is scripts/try still running? This page goes on by itself."),
    toasts(),
    dialogs(),
  );
}

function tabs() {
  const entries = [["slack", "Slack"], ...Object.entries(PANES).map(([name, [words]]) => [name, words])];
  return h(
    "nav",
    { class: "tabs", "aria-label": "Panes" },
    entries.map(([name, words]) => tab(name, words)),
  );
}

function tab(name, words) {
  const isSlack = name === "slack";
  const open = state.view.github.pulls.filter((pull) => pull.state === "open").length;
  return h(
    "button",
    {
      type: "button",
      key: name,
      class: cls("tab", name, !isSlack && state.pane === name && "chosen", state.narrow === name && "front"),
      "aria-current": isSlack ? null : String(state.pane === name),
      onclick: () => (isSlack ? change({ narrow: "slack" }) : openPane(name)),
    },
    words,
    name === "github" && open > 0 && h("span", { class: "count", "aria-label": `, ${open} open` }, String(open)),
  );
}

function pane() {
  const [words, content] = PANES[state.pane];
  return h("section", { class: cls("pane", state.pane), "aria-label": words, key: `pane ${state.pane}`, tabindex: "0" }, content());
}

// Scrolling: whoever reads the newest goes on to do so, whoever reads older things stays there.

const seen = new Map();

function scrolled() {
  return [...document.querySelectorAll("[data-scroll]")].map((list) => {
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
    return [list, list.dataset.scroll, isAtEnd];
  });
}

function settle(before) {
  for (const list of document.querySelectorAll("[data-scroll]")) {
    const old = before.find(([each, place]) => each === list && place === list.dataset.scroll);
    if (!old || old[2]) list.scrollTop = list.scrollHeight;
  }
  if (!state.shown) return;
  document.getElementById(`m${state.shown}`)?.scrollIntoView({ block: "center" });
  state.shown = null;
}

function focus() {
  const wanted = document.querySelector("[autofocus]:not([data-focused])");
  if (!wanted) return;
  wanted.dataset.focused = "yes";
  wanted.focus();
}

/** New messages of others are read out, once. */
function speak(channel) {
  const messages = visible(channel).filter((m) => !m.deleted);
  const key = `${channel.id} ${state.me}`;
  const last = messages.at(-1);
  const known = seen.get(key);
  seen.set(key, last?.ts ?? "");
  if (known === undefined || !last || last.ts <= known || last.user === state.me) return;
  document.getElementById("spoken").textContent = spoken(last);
}

drawn(draw);
restore();
followHash();
window.addEventListener("hashchange", () => (followHash(), change()));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.picker) change({ picker: null });
});
document.addEventListener("click", (event) => {
  if (state.picker && !event.target.closest(".reactions, .tools")) change({ picker: null });
});
connect().catch((error) => {
  patch(root, h("p", { class: "starting" }, `The sandbox does not answer (${error.message}). Start it with scripts/try and load this page again.`));
});
