// Azure as the sandbox holds it: identities with their credentials and roles.

import { h } from "./dom.js";
import { icon } from "./signs.js";
import { state } from "./state.js";
import { counted, moment } from "./words.js";

/** The pane of Azure. */
export function azure() {
  const { identities, other_assignments: others, locks, clusters } = state.view.arm;
  const newest = [...identities].sort((a, b) => b.created.localeCompare(a.created));
  const made = newest.filter((identity) => identity.credentials.length || Object.keys(identity.tags).length);
  const rest = newest.filter((identity) => !made.includes(identity));
  return [
    h("h2", {}, "Managed identities"),
    made.length ? made.map((each) => identityCard(each, true)) : empty(),
    rest.map((each) => identityCard(each, false)),
    h("h2", {}, "Clusters"),
    h("ul", { class: "plain" }, clusters.map(cluster)),
    others.length > 0 && [h("h2", {}, "Other role assignments"), h("ul", { class: "plain" }, others.map(other))],
    locks.length > 0 && [h("h2", {}, "Locks"), h("ul", { class: "plain" }, locks.map((lock) => h("li", { key: lock.id }, icon("lock"), ` ${lock.level} on ${lock.short} (${lock.name})`)))],
  ];
}

function empty() {
  return h("p", { class: "empty" }, "No workload has an identity yet. Ask for one in #identities, and have it approved: it appears here as it is made.");
}

function identityCard(identity, isOpen) {
  const { name, group, subscription, location, credentials, assignments, tags } = identity;
  return h(
    "details",
    { class: "card identity", key: identity.id, open: isOpen },
    h("summary", {}, h("strong", {}, name), h("span", { class: "quiet" }, `${counted(credentials.length, "credential")}, ${counted(assignments.length, "role")}`)),
    h(
      "dl",
      {},
      fact("Client id", h("code", {}, identity.client_id)),
      fact("Principal id", h("code", {}, identity.principal_id)),
      fact("Resource group", `${group}, ${location}, ${subscription}`),
      fact("Made", moment(new Date(identity.created))),
    ),
    Object.keys(tags).length > 0 && h("p", { class: "tags" }, Object.entries(tags).map(([key, value]) => h("span", { class: "tag", key }, h("b", {}, key), ` ${value}`))),
    h("h4", {}, "Federated credentials"),
    credentials.length ? h("ul", { class: "plain" }, credentials.map(credential)) : h("p", { class: "quiet" }, "None."),
    h("h4", {}, "Role assignments"),
    assignments.length ? h("ul", { class: "plain" }, assignments.map(assignment)) : h("p", { class: "quiet" }, "None."),
  );
}

function credential(given) {
  return h(
    "li",
    { key: given.name },
    h("strong", {}, given.name),
    h(
      "dl",
      {},
      fact("Subject", h("code", {}, given.subject)),
      fact("Issuer", h("code", {}, given.issuer), h("span", { class: "quiet" }, given.cluster ? ` the cluster ${given.cluster}` : " ⚠ of no cluster that exists")),
      fact("Audience", h("code", {}, given.audience)),
    ),
  );
}

function assignment(given) {
  return h("li", { key: given.id }, h("strong", {}, given.role), ` on ${given.short}`, given.plane === "cosmos" && h("span", { class: "tag" }, "Cosmos DB data"), h("div", { class: "quiet path" }, given.scope));
}

function other(given) {
  const who = given.orphaned ? "⚠ an identity that was deleted" : given.principal ?? given.principal_id;
  return h("li", { key: given.id }, h("strong", {}, given.role), ` on ${given.short}, for ${who}`, h("div", { class: "quiet path" }, given.scope));
}

function cluster(given) {
  const ready = given.oidc && given.workload_identity;
  return h("li", { key: given.name }, h("strong", {}, given.name), h("span", { class: "quiet" }, ` ${given.subscription} · `), ready ? "✓ issuer and workload identity on" : "⚠ workload identity is off", h("div", { class: "quiet path" }, given.issuer));
}

/** A name and a value in a list of facts. */
export function fact(name, ...value) {
  return h("div", { key: name }, h("dt", {}, name), h("dd", {}, value));
}

