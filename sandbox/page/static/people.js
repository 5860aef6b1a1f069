// The switch between the people whose parts are played, and the list of conversations.

import { cls, h } from "./dom.js";
import { title } from "./conversation.js";
import { change, conversations, role, state } from "./state.js";
import { act } from "./wire.js";
import { face } from "./words.js";

/** Everybody that can be played; the chosen one acts. */
export function people() {
  const everybody = Object.values(state.view.slack.people).filter((p) => !p.is_bot && !p.deleted);
  return h(
    "nav",
    { class: "people", "aria-label": "Who you are" },
    h("span", { class: "label" }, "You are"),
    everybody.map((who) =>
      h(
        "button",
        {
          type: "button",
          key: who.id,
          class: cls("person", who.id === state.me && "chosen"),
          "aria-pressed": String(who.id === state.me),
          title: `${who.real_name}${who.title ? `, ${who.title}` : ""}`,
          onclick: () => become(who.id),
        },
        face(who),
        h("span", { class: "who" }, h("strong", {}, who.real_name.split(" ")[0]), h("small", {}, role(who))),
      ),
    ),
  );
}

function become(id) {
  change({ me: id, picker: null, editing: null });
}

/** The conversations that the chosen person sees. */
export function places(open) {
  const { channels, direct } = conversations();
  const withBot = direct.find((c) => c.members.includes(state.view.slack.bot.user));
  return h(
    "nav",
    { class: "places", "aria-label": "Conversations" },
    h("h2", {}, "Channels"),
    channels.map((channel) => place(channel, open)),
    h("h2", {}, "Direct messages"),
    direct.map((channel) => place(channel, open)),
    !withBot && h("button", { type: "button", class: "place outside", onclick: writeToBot }, state.view.slack.bot.name),
  );
}

async function writeToBot() {
  const opened = await act("home", { tab: "messages" });
  if (opened) change({ channel: opened.channel, thread: null });
}

function place(channel, open) {
  const isIn = channel.members.includes(state.me);
  return h(
    "button",
    {
      type: "button",
      key: channel.id,
      class: cls("place", channel.id === open.id && "chosen", !isIn && "outside"),
      "aria-current": channel.id === open.id ? "true" : null,
      onclick: () => change({ channel: channel.id, thread: null, home: false }),
    },
    title(channel),
  );
}
