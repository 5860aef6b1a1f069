// One message as Slack draws it: who, when, what, reactions, and what the chosen person can do with it.

import { blocks } from "./blocks.js";
import { cls, h } from "./dom.js";
import { link } from "./links.js";
import { emoji, mrkdwn } from "./mrkdwn.js";
import { icon } from "./signs.js";
import { change, person, state, toast } from "./state.js";
import { clock, counted, date, face } from "./words.js";
import { act } from "./wire.js";

const OFFERED = ["white_check_mark", "no_entry", "+1", "eyes"];
const SYSTEM = new Set(["channel_join", "channel_leave", "group_join", "group_leave"]);

/** A message; `inThread` when it is shown in its thread and not in the channel. */
export function message(given, channel, inThread) {
  const props = { key: given.ts, id: `m${given.ts}`, class: classes(given), "data-ts": given.ts };
  const author = given.user ? person(given.user) : { id: "bot", name: given.author, is_bot: true };
  if (given.deleted) return h("li", props, h("p", { class: "gone" }, "This message was deleted."));
  if (SYSTEM.has(given.subtype)) return h("li", props, h("p", { class: "gone" }, mrkdwn(given.text)));
  return h(
    "li",
    props,
    face(author),
    h(
      "div",
      { class: "body" },
      given.only_for && h("p", { class: "private" }, icon("eye"), " Only visible to you"),
      head(given, author),
      isEdited(given, channel) ? editor(given, channel) : content(given, channel),
      reactions(given, channel),
      !inThread && given.reply_count > 0 && thread(given),
    ),
    tools(given, channel, inThread),
  );
}

function classes(given) {
  return cls("message", given.only_for && "ephemeral", state.shown === given.ts && "shown");
}

function head(given, author) {
  return h(
    "p",
    { class: "head" },
    h("strong", {}, author.is_bot ? author.name : author.real_name),
    author.is_bot && h("span", { class: "app" }, "APP"),
    clock(date(given.ts)),
  );
}

function content(given, channel) {
  const surface = { channel: channel.id, ts: given.ts };
  const edited = given.edited && h("span", { class: "edited" }, " (edited)");
  return h(
    "div",
    { class: "content" },
    given.blocks.length ? blocks(given.blocks, surface) : h("p", {}, mrkdwn(given.text), edited),
    given.attachments.map((each, index) => attachment(each, surface, index)),
    given.blocks.length > 0 && edited,
  );
}

function attachment(given, surface, index) {
  return h(
    "div",
    { class: "attachment", key: `attachment ${index}` },
    given.pretext && h("p", {}, mrkdwn(given.pretext)),
    given.title && h("strong", {}, given.title_link ? link(given.title_link, given.title) : given.title),
    given.text && h("p", {}, mrkdwn(given.text)),
    given.blocks && blocks(given.blocks, surface),
    given.fields?.map((field) => h("p", {}, h("strong", {}, field.title), " ", mrkdwn(field.value ?? ""))),
  );
}

function reactions(given, channel) {
  const isOpen = state.picker === given.ts;
  if (!given.reactions.length && !isOpen) return null;
  return h(
    "div",
    { class: "reactions" },
    given.reactions.map((each) => reaction(each, given, channel)),
    adder(given, isOpen),
    isOpen && picker(given, channel),
  );
}

function reaction({ name, users, count }, given, channel) {
  const mine = users.includes(state.me);
  const who = users.map((id) => person(id).name).join(", ");
  return h(
    "button",
    {
      type: "button",
      key: name,
      class: cls("pill", mine && "mine"),
      "aria-pressed": String(mine),
      "aria-label": `${name.replaceAll("_", " ")}, ${counted(count, "reaction")}${mine ? ", yours too" : ""}`,
      title: `${who} reacted with :${name}:`,
      onclick: () => react(given, channel, name, mine),
    },
    emoji(name),
    h("span", { class: "count" }, String(count)),
  );
}

function react(given, channel, name, mine) {
  change({ picker: null });
  return act(mine ? "unreact" : "react", { channel: channel.id, ts: given.ts, name });
}

function adder(given, isOpen) {
  return h(
    "button",
    {
      type: "button",
      key: "add",
      class: "pill add",
      "aria-label": "Add a reaction",
      "aria-expanded": String(isOpen),
      title: "Add a reaction",
      onclick: () => change({ picker: isOpen ? null : given.ts }),
    },
    icon("react"),
  );
}

function picker(given, channel) {
  return h(
    "div",
    { class: "picker", role: "group", "aria-label": "Reactions", key: "picker" },
    OFFERED.map((name) => {
      const mine = given.reactions.some((each) => each.name === name && each.users.includes(state.me));
      const label = `${mine ? "Take back" : "React with"} ${name.replaceAll("_", " ")}`;
      return h("button", { type: "button", "aria-label": label, onclick: () => react(given, channel, name, mine) }, emoji(name));
    }),
  );
}

function thread(given) {
  const faces = given.reply_users.slice(0, 4).map((id) => h("span", { key: id }, face(person(id), "small")));
  return h(
    "button",
    { type: "button", class: "replies", onclick: () => change({ thread: given.ts }) },
    h("span", { class: "faces" }, faces),
    h("strong", {}, counted(given.reply_count, "reply", "replies")),
    h("span", { class: "quiet" }, "View thread"),
  );
}

function tools(given, channel, inThread) {
  const mine = given.user === state.me;
  const where = { channel: channel.id, ts: given.ts };
  return h(
    "div",
    { class: "tools", role: "group", "aria-label": "What to do with this message" },
    !given.only_for && tool("react", "React to this message", () => change({ picker: given.ts })),
    !inThread && !given.thread_ts && !given.only_for && tool("reply", "Reply in thread", () => change({ thread: given.ts })),
    !given.only_for && shortcuts(where),
    mine && !given.only_for && tool("edit", "Edit this message", () => edit(given, where)),
    (mine || given.only_for) && tool("remove", "Delete this message", () => remove(given, where)),
  );
}

function shortcuts(where) {
  const offered = state.view.slack.shortcuts.filter((each) => each.type === "message");
  return offered.map(({ name, callback_id }) => tool("shortcut", name, () => act("shortcut", { callback_id, ...where })));
}

function tool(name, label, act) {
  return h("button", { type: "button", key: label, "aria-label": label, title: label, onclick: act }, icon(name));
}

function remove(given, where) {
  if (given.only_for) return act("delete", where);
  return change({ asked: { title: "Delete this message?", text: "It cannot be brought back.", yes: "Delete", no: "Keep it", act: () => act("delete", where) } });
}

function edit(given, where) {
  change({ editing: { ...where, text: typed(given.text) } });
}

/** Slack's encoding as the person had typed it. */
function typed(text) {
  const { groups, channels } = state.view.slack;
  return text
    .replace(/<@(\w+)>/g, (_, id) => `@${person(id).name}`)
    .replace(/<!subteam\^(\w+)[^>]*>/g, (_, id) => `@${groups[id]?.handle ?? id}`)
    .replace(/<#(\w+)[^>]*>/g, (_, id) => `#${channels.find((c) => c.id === id)?.name ?? id}`)
    .replace(/<!(here|channel|everyone)>/g, "@$1")
    .replace(/<([^|>]+)\|([^>]+)>/g, (_, url, label) => (url.endsWith(label) ? label : url))
    .replace(/<([^>]+)>/g, "$1")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}

function isEdited(given, channel) {
  return state.editing?.ts === given.ts && state.editing.channel === channel.id && given.user === state.me;
}

function editor(given, channel) {
  const save = async () => {
    const { text } = state.editing;
    if (!text.trim()) return toast("An empty message cannot be saved; delete it instead.");
    if (await act("edit", { channel: channel.id, ts: given.ts, text })) change({ editing: null });
    return null;
  };
  const keys = (event) => {
    if (event.key === "Escape") change({ editing: null });
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    save();
  };
  return h(
    "div",
    { class: "editor", key: "editor" },
    h("textarea", {
      rows: 3,
      autofocus: true,
      "aria-label": "Edit the message",
      ".value": state.editing.text,
      oninput: (event) => change({ editing: { ...state.editing, text: event.target.value } }),
      onkeydown: keys,
    }),
    h("div", { class: "row" }, h("button", { type: "button", class: "button primary", onclick: save }, "Save"), h("button", { type: "button", class: "button", onclick: () => change({ editing: null }) }, "Cancel")),
  );
}

/** A message in a few words, to be read out. */
export function spoken(given) {
  const author = given.user ? person(given.user).name : given.author;
  return `${author}: ${given.text.replace(/<[^>|]*\|?([^>]*)>/g, "$1").slice(0, 200)}`;
}

