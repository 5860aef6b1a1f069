// Where people type: in a channel, a direct message or a thread.

import { cls, h } from "./dom.js";
import { icon } from "./signs.js";
import { change, person, state } from "./state.js";
import { act } from "./wire.js";

const ASKS = {
  "for development": "@identity payments-api in namespace payments on dev-weu needs to read secrets from kv-payments-dev",
  "for production": "@identity payments-api in namespace payments on prod-weu needs to read secrets from kv-payments",
};
const REASON = "because it reads its payment provider's key at start";

/** The composer of a conversation, or of the thread in it. */
export function composer(channel, thread, messages) {
  const key = [channel.id, thread].filter(Boolean).join(" ");
  const label = thread ? "Reply in the thread" : `Message ${channel.name ? `#${channel.name}` : "the app"}`;
  const text = state.drafts[key] ?? "";
  const isIn = channel.members.includes(state.me);
  if (!isIn) return joiner(channel);
  return h(
    "div",
    { class: "composer" },
    !text && examples(key, channel, thread, messages),
    h(
      "div",
      { class: "typing" },
      h("textarea", {
        key,
        id: thread ? "reply" : "say",
        rows: Math.min(6, Math.max(1, text.split("\n").length, Math.ceil(text.length / 62))),
        "aria-label": label,
        placeholder: placeholder(channel, thread, label),
        ".value": text,
        oninput: (event) => draft(key, event.target.value),
        onkeydown: (event) => keys(event, key, channel, thread),
      }),
      h(
        "button",
        { type: "button", class: cls("send", text.trim() && "ready"), "aria-label": "Send", title: "Send (Enter)", onclick: () => send(key, channel, thread) },
        icon("send"),
      ),
    ),
    h("p", { class: "as" }, `You write as ${person(state.me).real_name}. Enter sends, Shift+Enter makes a new line.`),
  );
}

function placeholder(channel, thread, label) {
  if (thread) return "Answer, or say what should be different …";
  return channel.name === "identities" ? "@identity … needs to read secrets from …" : label;
}

function examples(key, channel, thread, messages) {
  const bot = state.view.slack.bot.user;
  const isAskable = channel.members.includes(bot) && channel.kind !== "im";
  const entries = Object.entries(thread ? answers(messages, bot) : isAskable ? ASKS : {});
  const shortcuts = thread ? [] : state.view.slack.shortcuts.filter((each) => each.type === "global");
  if (!entries.length && !shortcuts.length) return null;
  return h(
    "p",
    { class: "examples" },
    entries.length > 0 && "Example ",
    entries.map(([name, text]) =>
      h("button", { type: "button", class: "chip", key: name, title: text, onclick: () => fill(key, thread, text) }, name),
    ),
    shortcuts.map(({ name, callback_id }) =>
      h("button", { type: "button", class: "chip", key: callback_id, onclick: () => act("shortcut", { callback_id }) }, name),
    ),
  );
}

function answers(messages, bot) {
  const last = messages.at(-1);
  const asksWhy = last?.user === bot && /\bwhy\b/i.test(last.text) && messages[0].user === state.me;
  return asksWhy ? { [REASON]: REASON } : {};
}

function fill(key, thread, text) {
  draft(key, text);
  document.getElementById(thread ? "reply" : "say")?.focus();
}

function draft(key, text) {
  change({ drafts: { ...state.drafts, [key]: text } });
}

function keys(event, key, channel, thread) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send(key, channel, thread);
}

async function send(key, channel, thread) {
  const text = state.drafts[key] ?? "";
  if (!text.trim()) return;
  draft(key, "");
  const done = await (text.startsWith("/") ? command(channel, text) : act("say", { channel: channel.id, text, ...(thread && { thread_ts: thread }) }));
  if (!done) draft(key, text);
  // What follows happens in the thread: whoever asks sees it at once.
  else if (!thread && done.ts && text.includes(`@${state.view.slack.bot.name}`)) change({ thread: done.ts });
}

function command(channel, text) {
  const [name, ...words] = text.trim().split(/\s+/);
  return act("command", { channel: channel.id, command: name, text: words.join(" ") });
}

function joiner(channel) {
  const join = () => act("join_channel", { channel: channel.id });
  return h(
    "div",
    { class: "composer" },
    h("p", { class: "as" }, `${person(state.me).real_name} is not in #${channel.name}. `),
    h("button", { type: "button", class: "button primary", onclick: join }, `Join #${channel.name}`),
  );
}
