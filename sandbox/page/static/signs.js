// Emoji and icons drawn by the page, so that they are there on machines without an emoji font.
//
// All are drawn in a square of 24 by 24. Emoji that are not here are left to the reader's fonts.

import { h } from "./dom.js";

const WHITE = { fill: "none", stroke: "#fff", "stroke-width": "2.6", "stroke-linecap": "round", "stroke-linejoin": "round" };
const square = (fill) => ["rect", { x: "2", y: "2", width: "20", height: "20", rx: "5", fill }];
const GLASS = ["path", { d: "M6 3h12v3.5c0 2.5-3 4-4.3 5.5 1.3 1.5 4.3 3 4.3 5.500V21H6v-3.500c0-2.5 3-4 4.3-5.500C9 10.5 6 9 6 6.500z", fill: "#dfeaf2", stroke: "#8a6a3b", "stroke-width": "1.6" }];

const EMOJI = {
  "✅": [square("#2f9e58"), ["path", { d: "M7 12.600l3.5 3.500L17.3 8.2", ...WHITE }]],
  "⛔": [["circle", { cx: "12", cy: "12", r: "10", fill: "#d2352c" }], ["rect", { x: "5.5", y: "10", width: "13", height: "4", rx: "1", fill: "#fff" }]],
  "❌": [["path", { d: "M5.5 5.500l13 13M18.5 5.500l-13 13", fill: "none", stroke: "#d2352c", "stroke-width": "3.6", "stroke-linecap": "round" }]],
  "👍": [["path", { d: "M3 10.500h4V21H3z", fill: "#3f6fb0" }], ["path", { d: "M8 10.500L12 2.800c1.7 0 2.7 1.2 2.4 2.800l-.7 3.700h5.700a2 2 0 0 1 1.9 2.400l-1.5 7a2.6 2.6 0 0 1-2.5 2.100H8z", fill: "#f0b429", stroke: "#b9821a", "stroke-width": ".8" }]],
  "👀": [6.5, 17.5].flatMap((x) => [
    ["ellipse", { cx: `${x}`, cy: "12", rx: "4.8", ry: "7", fill: "#fff", stroke: "#5c6670", "stroke-width": "1.3" }],
    ["circle", { cx: `${x - 1.3}`, cy: "13", r: "2.4", fill: "#2b3138" }],
  ]),
  "⏳": [GLASS, ["path", { d: "M8 6.500h8c-.6 1.6-2.6 2.7-4 4.2-1.4-1.5-3.4-2.6-4-4.200zM8 19.500c1-1.5 3-2 4-2.5 1 .5 3 1 4 2.500z", fill: "#d9a441" }]],
  "⌛": [GLASS, ["path", { d: "M7.6 20c.5-2.5 3-3.5 4.4-4.5 1.4 1 3.9 2 4.4 4.500z", fill: "#d9a441" }]],
  "🔁": [square("#3b78bd"), ["path", { d: "M7 10.500V9.500a1.5 1.5 0 0 1 1.5-1.500H17l-2-2M17 13.500v1a1.5 1.5 0 0 1-1.5 1.500H7l2 2", ...WHITE, "stroke-width": "2" }]],
  "💬": [["path", { d: "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z", fill: "#5d8fc9" }], ...["7.5", "12", "16.5"].map((cx) => ["circle", { cx, cy: "10.5", r: "1.3", fill: "#fff" }])],
  "🟢": [["circle", { cx: "12", cy: "12", r: "9", fill: "#2f9e58" }]],
  "🛑": [["path", { d: "M8 2h8l6 6v8l-6 6H8l-6-6V8z", fill: "#d2352c" }], ["path", { d: "M7.5 12h9", ...WHITE, "stroke-width": "3" }]],
  "🔎": [["path", { d: "M9 15l-5.5 5.5", fill: "none", stroke: "#7a5a2f", "stroke-width": "3.6", "stroke-linecap": "round" }], ["circle", { cx: "14", cy: "9.5", r: "6.7", fill: "#d5e8f5", stroke: "#59656f", "stroke-width": "2.2" }]],
  "📬": [["rect", { x: "2", y: "5", width: "20", height: "14", rx: "2.5", fill: "#5d8fc9" }], ["path", { d: "M3.5 7l8.5 6.500L20.5 7", ...WHITE, "stroke-width": "2" }]],
  "⏸": [square("#3b78bd"), ["path", { d: "M9 7.500v9M15 7.500v9", ...WHITE }]],
};

const ICONS = {
  react: "M21 11.500a9 9 0 1 1-7.5-8.400M8.5 14.500s1.2 1.8 3.5 1.8 3.5-1.8 3.5-1.800M9 9.500h.01M15 9.500h.01M19 2v6M16 5h6",
  reply: "M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5zM9 11h8M9 14.500h5",
  edit: "M4 20l1-4L16.5 4.500a2 2 0 0 1 3 3L8 19zM14.5 6.500l3 3",
  remove: "M4 7h16M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3",
  send: "M4 12L20 4l-5 16-3.5-6.500zM11.5 13.500L20 4",
  back: "M19 12H5M11 6l-6 6 6 6",
  close: "M6 6l12 12M18 6L6 18",
  eye: "M2 12s3.5-6.5 10-6.500S22 12 22 12s-3.5 6.5-10 6.500S2 12 2 12zM12 9.500a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  picture: "M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 6M15.5 9h.01",
  shortcut: "M13 3L5 14h6l-1 7 8-11h-6z",
  identity: "M8 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8M12 12h9M18 12v4M15 12v2.6",
};

const KNOWN = new RegExp(`(${Object.keys(EMOJI).join("|")})\uFE0F?`, "u");

/** An emoji's character, drawn where it is known here; it is read out and copied as the character. */
export function drawnEmoji(character, label) {
  const shapes = EMOJI[character.replace("\uFE0F", "")];
  if (!shapes) return h("span", { class: "emoji", title: label }, character);
  return h(
    "span",
    { class: "emoji", title: label },
    h("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, shapes.map(([tag, props]) => h(tag, props))),
    h("span", { class: "unseen" }, character),
  );
}

/** Running text with the emoji in it drawn. */
export function withEmoji(text) {
  return text.split(KNOWN).map((part, index) => (index % 2 ? drawnEmoji(part) : part));
}

/** One of the page's own icons; what it means is said by words or a label beside it. */
export function icon(name) {
  const line = { fill: "none", stroke: "currentColor", "stroke-width": "1.8", "stroke-linecap": "round", "stroke-linejoin": "round" };
  return h("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", ...line }, h("path", { d: ICONS[name] }));
}
