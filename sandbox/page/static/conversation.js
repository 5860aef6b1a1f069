// A conversation and the thread beside it; both keep their place while others write.

import { composer } from "./composer.js";
import { h } from "./dom.js";
import { homeTabs, homeView } from "./home.js";
import { message } from "./message.js";
import { emoji } from "./mrkdwn.js";
import { icon } from "./signs.js";
import { change, person, state, visible } from "./state.js";
import { date, day } from "./words.js";

/** The open conversation. */
export function conversationView(channel) {
  const top = visible(channel).filter((m) => !m.thread_ts || m.broadcast);
  const shown = top.filter((m) => !m.deleted || m.reply_count > 0);
  return h(
    "section",
    { class: "conversation", "aria-label": title(channel) },
    h("header", { class: "bar" }, h("h2", {}, title(channel)), h("p", { class: "quiet" }, about(channel)), homeTabs(channel)),
    homeView(channel) ?? h("ol", { class: "messages", role: "log", "aria-label": `Messages in ${title(channel)}`, tabindex: "0", "data-scroll": channel.id }, shown.length ? dated(shown, channel) : empty(channel)),
    composer(channel, null, shown),
  );
}

/** The open thread, or nothing. */
export function threadView(channel) {
  const messages = visible(channel);
  const root = messages.find((m) => m.ts === state.thread);
  if (!root) return null;
  const replies = messages.filter((m) => m.thread_ts === root.ts && !m.deleted);
  const close = () => change({ thread: null });
  return h(
    "section",
    { class: "thread", "aria-label": "Thread" },
    h(
      "header",
      { class: "bar" },
      h("button", { type: "button", class: "back", "aria-label": `Close the thread, back to ${title(channel)}`, onclick: close }, icon("back"), icon("close")),
      h("h2", {}, "Thread"),
      h("p", { class: "quiet" }, title(channel)),
    ),
    h(
      "ol",
      { class: "messages", role: "log", "aria-label": "Messages in the thread", tabindex: "0", "data-scroll": `${channel.id} ${root.ts}` },
      message(root, channel, true),
      replies.map((m) => message(m, channel, true)),
      waiting(root, replies),
    ),
    composer(channel, root.ts, [root, ...replies]),
  );
}

/** What a conversation is called by the chosen person. */
export function title(channel) {
  if (channel.kind === "channel" || channel.kind === "group") return `#${channel.name}`;
  const others = channel.members.filter((id) => id !== state.me).map((id) => person(id).real_name);
  return others.join(", ");
}

function about(channel) {
  if (channel.is_archived) return "Archived";
  if (channel.kind === "im") return "";
  return `${channel.members.length} members${channel.is_ext_shared ? " · shared with another company" : ""}`;
}

function dated(messages, channel) {
  const now = new Date(state.view.now);
  return messages.map((m, index) => {
    const when = date(m.ts);
    const isNew = !index || date(messages[index - 1].ts).toDateString() !== when.toDateString();
    return [isNew && h("li", { class: "day", key: `day ${when.toDateString()}` }, h("span", {}, day(when, now))), message(m, channel, false)];
  });
}

function waiting(root, replies) {
  const { bot, undelivered, connections } = state.view.slack;
  if (replies.length || !root.text.includes(`<@${bot.user}>`) || root.deleted) return null;
  if (!connections) return h("li", { class: "gone", key: "waiting" }, "The bot is not connected. Start it with scripts/try; Slack will deliver this once it is.");
  return undelivered > 0 && h("li", { class: "gone", key: "waiting" }, "The bot is reading …");
}

function empty(channel) {
  const { bot } = state.view.slack;
  if (!channel.members.includes(bot.user)) return h("li", { class: "empty" }, h("p", {}, "Nothing has been said here."));
  return h(
    "li",
    { class: "empty", key: "empty" },
    h("h3", {}, "Ask for an identity"),
    h(
      "p",
      {},
      "This is a Slack with nobody in it but you: you play everybody. Say what a workload needs, in a sentence that begins with ",
      h("code", {}, "@identity"),
      ". The bot answers in a thread, asks what is missing, and shows a card with everything that it would do.",
    ),
    h("p", {}, "Then switch to an approver above, and click ", emoji("white_check_mark"), " on the card."),
  );
}
