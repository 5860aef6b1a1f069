// Addresses in messages and pull requests: those of the sandbox's own things open here.

import { h } from "./dom.js";
import { address, openMessage, openPane, state } from "./state.js";

const PULL = /(?:^\/(?:github\/)?[^/]+\/[^/]+|#github)\/pull\/(\d+)/;
const MESSAGE = /\/archives\/([CDG]\w+)\/p(\d+)(\d{6})$/;
const SAFE = new Set(["http:", "https:", "mailto:", "tel:"]);

/** A link with this text; one to a pull request or a message of the sandbox opens it on this page. */
export function link(url, ...text) {
  const at = parsed(url);
  if (!at) return h("span", {}, text, " (", url, ")");
  const inside = destination(at);
  if (inside) return h("a", { href: inside.href, onclick: (event) => (event.preventDefault(), inside.open()) }, text);
  return h("a", { href: at.href, target: "_blank", rel: "noopener noreferrer", title: at.href }, text);
}

/** What the page's own address asks for is open: `#github/pull/1`, `#azure`, `#slack`. */
export function followHash() {
  if (location.hash === address()) return;
  const [pane, kind, number] = location.hash.slice(1).split("/");
  if (!["slack", "azure", "github", "argocd", "journal"].includes(pane)) return;
  if (pane === "slack") state.narrow = "slack";
  else openPane(pane, kind === "pull" ? Number(number) : null);
}

function parsed(url) {
  try {
    const at = new URL(url, location.href);
    return SAFE.has(at.protocol) ? at : null;
  } catch {
    return null;
  }
}

function destination(at) {
  const { slack, github } = state.view;
  const pull = at.host === location.host && PULL.exec(at.hash || at.pathname);
  if (pull) return { href: `#github/pull/${pull[1]}`, open: () => openPane("github", Number(pull[1])) };
  if (at.host === "github.com" && at.pathname.startsWith(`/${github.full_name}/pull/`)) {
    const number = Number(at.pathname.split("/")[4]);
    return { href: `#github/pull/${number}`, open: () => openPane("github", number) };
  }
  const message = at.host === `${slack.team.domain}.slack.com` && MESSAGE.exec(at.pathname);
  return message && { href: "#slack", open: () => openMessage(message[1], `${message[2]}.${message[3]}`) };
}
