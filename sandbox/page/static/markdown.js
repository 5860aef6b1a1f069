// GitHub's Markdown as elements, as far as pull requests use it: what is not known stays the text that it is.

import { h } from "./dom.js";
import { link } from "./links.js";

const FENCE = /^\s*(`{3,}|~{3,})\s*(\S*)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const DELIMITER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const DETAILS = /^<details>\s*$/i;
const INLINE =
  /\\([!-/:-@[-`{-~])|(`+)([^`]|[^`][\s\S]*?[^`])\2(?!`)|!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)|<(https?:[^>\s]+)>|(https?:\/\/[^\s<>)\]]*[^\s<>)\].,;:!?'"])|(\*\*|__)(?=\S)([\s\S]*?\S)\8|(?<!\w)([*_])(?=\S)([\s\S]*?\S)\10(?!\w)|~~([\s\S]+?)~~|<br\s*\/?>/;

/** The text as GitHub shows it. */
export function markdown(text) {
  const lines = text.replace(/<!--[\s\S]*?-->/g, "").replace(/\r\n/g, "\n").split("\n");
  return h("div", { class: "markdown" }, blocks(lines));
}

function blocks(lines) {
  const made = [];
  let at = 0;
  while (at < lines.length) {
    const [block, next] = one(lines, at);
    if (block) made.push(block);
    at = next;
  }
  return made;
}

function one(lines, at) {
  const line = lines[at];
  if (!line.trim()) return [null, at + 1];
  if (FENCE.test(line)) return fenced(lines, at);
  if (DETAILS.test(line)) return details(lines, at);
  if (RULE.test(line)) return [h("hr"), at + 1];
  const heading = HEADING.exec(line);
  if (heading) return [h(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2])), at + 1];
  if (line.startsWith(">")) return quoted(lines, at);
  if (line.includes("|") && DELIMITER.test(lines[at + 1] ?? "")) return table(lines, at);
  if (ITEM.test(line)) return list(lines, at);
  return paragraph(lines, at);
}

function fenced(lines, at) {
  const [, fence] = FENCE.exec(lines[at]);
  let end = at + 1;
  while (end < lines.length && !lines[end].trim().startsWith(fence)) end += 1;
  return [h("pre", { tabindex: "0" }, h("code", {}, lines.slice(at + 1, end).join("\n"))), end + 1];
}

function details(lines, at) {
  const end = until(lines, at, (line) => /^<\/details>/i.test(line));
  const summary = /<summary>(.*?)<\/summary>/i.exec(lines[at + 1] ?? "");
  const inside = lines.slice(at + (summary ? 2 : 1), end);
  return [h("details", {}, h("summary", {}, inline(summary?.[1] ?? "Details")), blocks(inside)), end + 1];
}

function quoted(lines, at) {
  const end = until(lines, at, (line) => !line.startsWith(">"));
  return [h("blockquote", {}, blocks(lines.slice(at, end).map((line) => line.replace(/^> ?/, "")))), end];
}

function table(lines, at) {
  const end = until(lines, at, (line) => !line.includes("|"));
  const rows = lines.slice(at + 2, end).map(cells);
  const head = h("tr", {}, cells(lines[at]).map((cell) => h("th", { scope: "col" }, inline(cell))));
  const body = rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, inline(cell)))));
  return [h("div", { class: "wide", tabindex: "0" }, h("table", {}, h("thead", {}, head), h("tbody", {}, body))), end];
}

function cells(line) {
  const inner = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));
}

function list(lines, at) {
  const [, indent, marker] = ITEM.exec(lines[at]);
  const isOrdered = /\d/.test(marker);
  const items = [];
  let end = at;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end]);
    if (item && item[1].length <= indent.length + 1 && /\d/.test(item[2]) === isOrdered) items.push([item[3]]);
    else if (/^\s{2,}\S/.test(lines[end]) || (items.length && !lines[end].trim() && /^\s{2,}\S/.test(lines[end + 1] ?? "")))
      items.at(-1).push(lines[end].slice(Math.min(indent.length + 2, lines[end].length - lines[end].trimStart().length)));
    else break;
    end += 1;
  }
  return [h(isOrdered ? "ol" : "ul", isOrdered ? { start: parseInt(marker, 10) } : {}, items.map(item)), end];
}

function item([first, ...rest]) {
  const task = /^\[([ xX])\]\s+(.*)$/.exec(first);
  if (!task) return h("li", {}, inline(first), blocks(rest));
  const box = h("input", { type: "checkbox", disabled: true, ".checked": task[1] !== " ", "aria-label": task[1] === " " ? "to do" : "done" });
  return h("li", { class: "task" }, box, " ", inline(task[2]), blocks(rest));
}

function paragraph(lines, at) {
  const end = until(lines, at, (line, index) => index > at && (!line.trim() || FENCE.test(line) || HEADING.test(line) || ITEM.test(line) || line.startsWith(">")));
  return [h("p", {}, inline(lines.slice(at, end).join("\n"))), end];
}

function until(lines, at, ends) {
  const found = lines.findIndex((line, index) => index >= at && ends(line, index));
  return found < 0 ? lines.length : found;
}

function inline(text) {
  const found = INLINE.exec(text);
  if (!found) return [entities(text)];
  return [entities(text.slice(0, found.index)), token(found), ...inline(text.slice(found.index + found[0].length))];
}

function token(found) {
  const [whole, escape, , code, label, target, address, bare, , strong, , emphasis, struck] = found;
  if (escape) return escape;
  if (code !== undefined) return h("code", {}, code.length > 2 ? code.replace(/^ (.*) $/, "$1") : code);
  if (target) return link(target, inline(label || target));
  if (address ?? bare) return link(address ?? bare, address ?? bare);
  if (strong) return h("strong", {}, inline(strong));
  if (emphasis) return h("em", {}, inline(emphasis));
  if (struck) return h("s", {}, inline(struck));
  return whole.startsWith("<br") ? h("br") : whole;
}

function entities(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, "&");
}
