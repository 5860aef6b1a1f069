// The app's Home tab, in the conversation with the app.

import { blocks } from "./blocks.js";
import { cls, h } from "./dom.js";
import { change, state } from "./state.js";
import { act } from "./wire.js";

/** The two tabs of a conversation with the app; nothing in any other. */
export function homeTabs(channel) {
  if (!isWithApp(channel)) return null;
  const look = (home) => () => {
    change({ home });
    return act("home", { tab: home ? "home" : "messages" });
  };
  return h("div", { class: "chips", role: "group", "aria-label": "What of the app" }, [["Home", true], ["Messages", false]].map(([words, home]) => tab(words, state.home === home, look(home))));
}

/** The Home tab where it is chosen, else nothing. */
export function homeView(channel) {
  if (!state.home || !isWithApp(channel)) return null;
  const view = state.view.slack.homes[state.me];
  const surface = view && { view_id: view.id, state: view.state, errors: view.errors };
  return h("div", { class: "home content", key: "home", tabindex: "0" }, view ? blocks(view.blocks, surface) : h("p", { class: "empty" }, "The app shows nothing here yet."));
}

function tab(words, isOn, look) {
  return h("button", { type: "button", key: words, class: cls("chip", isOn && "chosen"), "aria-pressed": String(isOn), onclick: look }, words);
}

function isWithApp(channel) {
  return channel.kind === "im" && channel.members.includes(state.view.slack.bot.user);
}
