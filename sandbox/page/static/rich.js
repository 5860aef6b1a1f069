// Slack's rich_text blocks as elements.
//
// Shapes: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { cls, h } from "./dom.js";
import { diffLines, isDiff } from "./diff.js";
import { link } from "./links.js";
import { channelMention, datetime, emoji, groupMention, mention } from "./mrkdwn.js";
import { withEmoji } from "./signs.js";
import { unsupported } from "./unsupported.js";

const MARKERS = {
  bullet: ["disc", "circle", "square"],
  ordered: ["decimal", "lower-alpha", "lower-roman"],
};

/** A rich_text block. */
export function richText(block) {
  return h("div", { class: "rich" }, block.elements.map(part));
}

function part(element) {
  switch (element.type) {
    case "rich_text_section":
      return h("p", {}, element.elements.map(inline));
    case "rich_text_preformatted":
      return preformatted(element.elements);
    case "rich_text_quote":
      return h("blockquote", {}, element.elements.map(inline));
    case "rich_text_list":
      return list(element);
    default:
      return unsupported(element.type);
  }
}

function preformatted(elements) {
  const text = elements.map((each) => each.text ?? each.url ?? "").join("");
  return h("pre", { class: cls("code", isDiff(text) && "diff"), tabindex: "0" }, isDiff(text) ? diffLines(text) : text);
}

function list(element) {
  const indent = element.indent ?? 0;
  const marker = MARKERS[element.style][indent % 3];
  const items = element.elements.map((item) => h("li", {}, item.elements.map(inline)));
  const props = { class: `indent-${indent} ${marker}` };
  if (element.style === "ordered") return h("ol", { ...props, start: (element.offset ?? 0) + 1 }, items);
  return h("ul", props, items);
}

function inline(element) {
  switch (element.type) {
    case "text":
      return styled(withEmoji(element.text), element.style);
    case "link":
      return styled(link(element.url, element.text || element.url), element.style);
    case "emoji":
      return styled(emoji(element.name), element.style);
    case "user":
      return styled(mention(element.user_id), element.style);
    case "usergroup":
      return styled(groupMention(element.usergroup_id), element.style);
    case "channel":
      return styled(channelMention(element.channel_id), element.style);
    case "broadcast":
      return h("span", { class: "mention me" }, `@${element.range}`);
    case "date":
      return styled(datetime(element.timestamp, element.format, element.fallback), element.style);
    case "color":
      return h("code", {}, h("span", { class: "swatch", style: { background: element.value } }), element.value);
    default:
      return unsupported(element.type);
  }
}

function styled(inside, style = {}) {
  let made = inside;
  if (style.code) made = h("code", {}, made);
  if (style.strike) made = h("s", {}, made);
  if (style.italic) made = h("em", {}, made);
  if (style.bold) made = h("strong", {}, made);
  if (style.underline) made = h("u", {}, made);
  return made;
}
