// Slack's mrkdwn as elements: a small tokenizer, line by line, that never makes markup of text.
//
// Rules: https://docs.slack.dev/messaging/formatting-message-text

import { h } from "./dom.js";
import { link } from "./links.js";
import { person, state } from "./state.js";
import { drawnEmoji, withEmoji } from "./signs.js";
import { date as dated } from "./words.js";

const FENCE = /```\n?([\s\S]*?)\n?```/;
// A style begins at a word's edge and ends at one; `code` and <…> come first, nothing is looked for in them.
const STYLES = { "*": "strong", _: "em", "~": "s" };
const INLINE =
  /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):|(?<![\p{L}\p{N}*_~])([*_~])(?=\S)([^\n]*?\S)\4(?![\p{L}\p{N}])/u;

/** The text as Slack shows it. */
export function mrkdwn(text) {
  const found = FENCE.exec(text);
  if (!found) return lines(text);
  const after = text.slice(found.index + found[0].length).replace(/^\n/, "");
  return [
    lines(text.slice(0, found.index).replace(/\n$/, "")),
    h("pre", {}, plain(found[1])),
    after && mrkdwn(after),
  ];
}

/** An emoji by its name, as its character; a name that nobody knows stays as it is. */
export function emoji(name) {
  const character = state.emoji[name.split("::")[0]];
  return character ? drawnEmoji(character, `:${name}:`) : `:${name}:`;
}

/** A mention of a person. */
export function mention(id) {
  return h("span", { class: id === state.me ? "mention me" : "mention" }, `@${person(id).name}`);
}

/** A mention of a user group. */
export function groupMention(id) {
  const group = state.view.slack.groups[id];
  const mine = group?.users.includes(state.me);
  return h("span", { class: mine ? "mention me" : "mention" }, `@${group?.handle ?? id}`);
}

/** A channel's name. */
export function channelMention(id, name) {
  const channel = state.view.slack.channels.find((each) => each.id === id);
  return h("span", { class: "mention" }, `#${channel?.name ?? name ?? id}`);
}

/** A time in the reader's own words, as Slack's date tokens ask for it. */
export function datetime(stamp, format, fallback) {
  const when = dated(stamp);
  const clock = when.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  const long = when.toLocaleDateString(undefined, { dateStyle: "long" });
  const words = {
    date_num: when.toISOString().slice(0, 10),
    date_slash: when.toLocaleDateString(),
    date_long: when.toLocaleDateString(undefined, { dateStyle: "full" }),
    date_long_pretty: when.toLocaleDateString(undefined, { dateStyle: "full" }),
    date_short: when.toLocaleDateString(undefined, { dateStyle: "medium" }),
    date_short_pretty: when.toLocaleDateString(undefined, { dateStyle: "medium" }),
    date: long,
    date_pretty: long,
    day_divider_pretty: long,
    time: clock,
    time_secs: when.toLocaleTimeString(),
    ago: ago(when),
  };
  const shown = (format || "").replace(/\{(\w+)\}/g, (token, name) => words[name] ?? token);
  return h("time", { datetime: when.toISOString(), title: when.toLocaleString() }, shown || fallback || long);
}

function ago(when) {
  const minutes = Math.round((when - new Date(state.view.now)) / 60000);
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  return Math.abs(minutes) < 90 ? format.format(minutes, "minute") : format.format(Math.round(minutes / 60), "hour");
}

function lines(text) {
  const parts = [];
  for (const line of text.split("\n")) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    const last = parts.at(-1);
    if (quoted && last?.quoted) last.lines.push(quoted[1]);
    else if (quoted) parts.push({ quoted: true, lines: [quoted[1]] });
    else if (last && !last.quoted) last.lines.push(line);
    else parts.push({ quoted: false, lines: [line] });
  }
  return parts.map((part) => {
    const inside = inline(part.lines.join("\n"));
    return part.quoted ? h("blockquote", {}, inside) : inside;
  });
}

function inline(text) {
  const found = INLINE.exec(text);
  if (!found) return withEmoji(plain(text));
  const [whole, code, control, name, style, styled] = found;
  const rest = inline(text.slice(found.index + whole.length));
  return [withEmoji(plain(text.slice(0, found.index))), token(), ...rest];

  function token() {
    if (code) return h("code", {}, plain(code));
    if (control) return controlled(control);
    if (name) return emoji(name);
    return h(STYLES[style], {}, inline(styled));
  }
}

function controlled(inner) {
  const [target, label] = split(inner, "|");
  if (/^@[UW]\w+$/.test(target)) return mention(target.slice(1));
  if (/^#C\w+$/.test(target)) return channelMention(target.slice(1), label);
  if (target.startsWith("!subteam^")) return groupMention(target.slice(9));
  if (target.startsWith("!date^")) {
    const [, stamp, format] = target.split("^");
    return datetime(stamp, format, label);
  }
  if (/^!(here|channel|everyone)$/.test(target)) return h("span", { class: "mention me" }, `@${target.slice(1)}`);
  if (/^(https?:|mailto:|tel:)/.test(target)) return link(plain(target), plain(label ?? target));
  return `<${plain(inner)}>`;
}

function split(text, sign) {
  const at = text.indexOf(sign);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function plain(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}
