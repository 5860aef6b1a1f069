// The sandbox's journal: every request that came, to whom, and how it was answered.

import { cls, h } from "./dom.js";
import { change, state } from "./state.js";
import { seconds } from "./words.js";

const SERVICES = { all: "All", slack: "Slack", arm: "Azure", identity: "Tokens", github: "GitHub", argocd: "Argo CD" };

/** The pane of the journal, the newest entry on top. */
export function journal() {
  const shown = state.journal.filter(({ entry }) => state.service === "all" || entry.service === state.service).reverse();
  return [
    h("h2", {}, "Journal"),
    h("p", { class: "quiet" }, "Every request the bot makes and every event it hears. Open one to see what was sent."),
    h("div", { class: "chips", role: "group", "aria-label": "Which service" }, Object.entries(SERVICES).map(([name, words]) => chip(name, words))),
    shown.length ? h("ul", { class: "plain entries" }, shown.map(row)) : h("p", { class: "empty" }, "Nothing has been asked yet. As soon as you write to the bot, its requests appear here."),
  ];
}

function chip(name, words) {
  const isOn = state.service === name;
  return h("button", { type: "button", key: name, class: cls("chip", isOn && "chosen"), "aria-pressed": String(isOn), onclick: () => change({ service: name }) }, words);
}

function row({ entry, first, times }) {
  return h(
    "li",
    { key: `${first}`, class: cls("entry", failed(entry) && "failed") },
    h(
      "details",
      {},
      h(
        "summary",
        {},
        h("span", { class: "service" }, SERVICES[entry.service] ?? entry.service),
        h("b", { class: "method" }, entry.method),
        h("span", { class: "path", title: entry.path }, times > 1 && h("b", {}, `${times} × `), shortened(entry.path)),
        h("span", { class: "status" }, failed(entry) ? `✕ ${entry.status || "none"}` : entry.status),
        h("span", { class: "ms" }, `${entry.ms} ms`),
      ),
      h("p", { class: "quiet" }, `${seconds(new Date(entry.at))} ${entry.path}${entry.query ? `?${decoded(entry.query)}` : ""}`),
      entry.note && h("p", {}, entry.note),
      entry.request !== null && h("pre", { tabindex: "0" }, JSON.stringify(entry.request, null, 2)),
    ),
  );
}

function failed(entry) {
  return entry.status === 0 || entry.status >= 400;
}

function shortened(path) {
  return path
    .replace(/^\/(slack\/api|github\/api\/v3|argocd)\//, "")
    .replace(/\/?subscriptions\/[^/]+\/resource[gG]roups\/[^/]+\/providers\/Microsoft\./, "…/")
    .replace(/^\/slack\/people\/\w+\//, "a person: ")
    .replace(/^repos\/[^/]+\/[^/]+\//, "");
}

function decoded(query) {
  try {
    return decodeURIComponent(query);
  } catch {
    return query;
  }
}
