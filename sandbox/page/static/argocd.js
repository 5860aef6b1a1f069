// Argo CD as the sandbox plays it: applications, their state, and the pods with what they were given.

import { cls, h } from "./dom.js";
import { fact } from "./azure.js";
import { state } from "./state.js";
import { sign } from "./words.js";
import { actOnArgoCd } from "./wire.js";

const SIGNS = { Synced: "✓", OutOfSync: "↻", Unknown: "?", Healthy: "♥", Progressing: "…", Degraded: "✕", Missing: "∅", Suspended: "⏸" };
const SHOWN_LOGS = 12;

/** The pane of Argo CD. */
export function argocd() {
  const { applications, events } = state.view.argocd;
  const touched = applications.filter((app) => app.service_accounts.some((account) => account.client_id) || app.sync !== "Synced" || app.health !== "Healthy");
  return [
    h("h2", {}, "Applications"),
    !touched.length && h("p", { class: "quiet" }, "All as they should be. After a merge, watch here how the pods are replaced and get their identity."),
    [...touched, ...applications.filter((app) => !touched.includes(app))].map((app) => application(app, touched.includes(app))),
    h("h2", {}, "Events"),
    events.length ? h("ul", { class: "plain events" }, events.slice(-30).reverse().map(event)) : h("p", { class: "quiet" }, "Nothing has happened yet."),
  ];
}

function application(app, isOpen) {
  return h(
    "details",
    { class: "card application", key: app.name, open: isOpen },
    h("summary", {}, h("strong", {}, app.name), badge(app.sync), badge(app.health)),
    app.message && h("p", {}, app.message),
    h(
      "dl",
      {},
      fact("Cluster", `${app.cluster}, namespace ${app.namespace}`),
      fact("Path", h("code", {}, app.path), app.values.length ? ` with ${app.values.join(", ")}` : ""),
      fact("Revision", h("code", {}, (app.synced_revision ?? "").slice(0, 7) || "never synced"), app.auto_sync ? ", synced by itself" : ", synced by hand"),
      app.operation && fact("Last sync", `${app.operation.phase} by ${app.operation.by}. ${app.operation.message}`),
    ),
    h("h4", {}, "Service accounts"),
    app.service_accounts.length ? h("ul", { class: "plain" }, app.service_accounts.map(account)) : h("p", { class: "quiet" }, "None in its manifests."),
    h("h4", {}, "Pods"),
    app.pods.length ? h("ul", { class: "plain" }, app.pods.map(pod)) : h("p", { class: "quiet" }, "None."),
    h("div", { class: "row" }, ["sync", "refresh"].map((verb) => h("button", { type: "button", class: "button", key: verb, onclick: () => actOnArgoCd("ann", verb, { name: app.name }) }, verb === "sync" ? "Sync now" : "Look at Git now"))),
  );
}

function badge(word) {
  return h("span", { class: cls("badge", word.toLowerCase()) }, sign(SIGNS[word] ?? "·"), ` ${word}`);
}

function account(given) {
  return h("li", { key: given.name }, h("strong", {}, given.name), given.client_id ? [" has client id ", h("code", {}, given.client_id)] : h("span", { class: "quiet" }, " has no identity"));
}

function pod(given) {
  return h(
    "li",
    { key: given.name },
    h("strong", {}, given.name),
    " ",
    badge(given.health),
    given.message && h("div", {}, given.message),
    h("div", { class: "quiet" }, `${given.labelled ? "✓ labelled" : "○ not labelled"} · ${given.token ? "✓ has a token" : "○ no token"} · ${given.client_id ? `AZURE_CLIENT_ID ${given.client_id}` : "○ no client id"}`),
    given.logs.length > 0 && h("details", {}, h("summary", {}, "Log"), h("pre", { tabindex: "0" }, given.logs.slice(-SHOWN_LOGS).join("\n"))),
  );
}

function event(given, index) {
  return h("li", { key: `${given.at} ${index} ${given.object}` }, given.type === "Warning" ? "⚠ " : "", h("strong", {}, given.reason), ` ${given.application} ${given.object}`, h("div", { class: "quiet" }, given.message));
}
