// Block Kit: a message's or a view's blocks as elements.
//
// Shapes: https://docs.slack.dev/reference/block-kit/blocks

import { cls, h } from "./dom.js";
import { element } from "./elements.js";
import { link } from "./links.js";
import { markdown } from "./markdown.js";
import { emoji, mrkdwn } from "./mrkdwn.js";
import { richText } from "./rich.js";
import { icon, withEmoji } from "./signs.js";
import { unsupported } from "./unsupported.js";

/** The blocks; `surface` says where they are: {channel, ts} or {view_id, state, errors}. */
export function blocks(given, surface) {
  return given.map((each, index) => h("div", { key: each.block_id ?? `#${index}`, class: `block ${each.type}` }, block(each, surface)));
}

/** A text object: plain text, with emoji names where it wants them, or mrkdwn. */
export function textOf(given) {
  if (!given) return null;
  if (given.type === "mrkdwn") return mrkdwn(given.text);
  if (given.emoji === false) return withEmoji(given.text);
  return given.text.split(/:([a-z0-9_+'-]+):/).map((each, index) => (index % 2 ? emoji(each) : withEmoji(each)));
}

function block(given, surface) {
  switch (given.type) {
    case "header":
      return h("h3", {}, textOf(given.text));
    case "section":
      return section(given, surface);
    case "context":
      return given.elements.map((each) => (each.type === "image" ? picture(each) : h("span", {}, textOf(each))));
    case "divider":
      return h("hr");
    case "actions":
      return given.elements.map((each) => element(each, given, surface));
    case "rich_text":
      return richText(given);
    case "image":
      return h("figure", {}, given.title && h("figcaption", {}, textOf(given.title)), picture(given));
    case "markdown":
      return markdown(given.text);
    case "input":
      return input(given, surface);
    case "video":
      return [h("strong", {}, link(given.title_url ?? given.video_url, textOf(given.title))), textOf(given.description)];
    default:
      return unsupported(given.type);
  }
}

function section(given, surface) {
  return [
    h(
      "div",
      { class: "said" },
      given.text && h("p", {}, textOf(given.text)),
      given.fields && h("div", { class: "fields" }, given.fields.map((field) => h("div", { class: "field" }, textOf(field)))),
    ),
    given.accessory && h("div", { class: "accessory" }, accessory(given, surface)),
  ];
}

function accessory(given, surface) {
  return given.accessory.type === "image" ? picture(given.accessory) : element(given.accessory, given, surface);
}

function picture(given) {
  // The page's policy lets no picture from elsewhere in: its words stand for it, with a link.
  if (given.image_url?.startsWith("data:")) return h("img", { src: given.image_url, alt: given.alt_text });
  return h("span", { class: "picture" }, icon("picture"), " ", given.image_url ? link(given.image_url, given.alt_text) : given.alt_text);
}

function input(given, surface) {
  const error = surface.errors?.[given.block_id];
  const id = `${surface.view_id ?? surface.ts}-${given.block_id}`;
  return h(
    "div",
    { class: cls("entry", error && "wrong"), role: "group", "aria-labelledby": id },
    h("span", { class: "label", id }, textOf(given.label), given.optional && h("span", { class: "optional" }, " (optional)")),
    element(given.element, given, surface),
    error ? h("p", { class: "error", role: "alert" }, `⚠ ${error}`) : given.hint && h("p", { class: "hint" }, textOf(given.hint)),
  );
}
