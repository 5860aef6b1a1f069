// Unified diffs: each line with its sign and colour, the sign being enough without the colour.

import { cls, h } from "./dom.js";

/** Whether the text is a unified diff. */
export function isDiff(text) {
  return /^@@ -\d+(,\d+)? \+\d+(,\d+)? @@/m.test(text);
}

/** The lines of a diff, one element each. */
export function diffLines(text) {
  return text.split("\n").map((line) => h("span", { class: cls("line", kind(line)) }, `${line}\n`));
}

/** A file's diff with the numbers of old and new lines. */
export function numberedDiff(patch) {
  let before = 0;
  let after = 0;
  const rows = patch.split("\n").map((line) => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
    if (hunk) {
      [before, after] = [Number(hunk[1]), Number(hunk[2])];
      return row("hunk", "", "", line);
    }
    const what = kind(line);
    if (what === "added") return row(what, "", after++, line);
    if (what === "removed") return row(what, before++, "", line);
    if (line.startsWith("\\")) return row("hunk", "", "", line);
    return row(what, before++, after++, line);
  });
  return h("table", { class: "numbered diff" }, h("tbody", {}, rows));
}

function row(what, before, after, line) {
  return h(
    "tr",
    { class: what },
    h("td", { class: "number" }, String(before)),
    h("td", { class: "number" }, String(after)),
    h("td", { class: "text" }, line || " "),
  );
}

function kind(line) {
  if (line.startsWith("@@")) return "hunk";
  if (/^(\+\+\+|---) /.test(line)) return "file";
  if (line.startsWith("+")) return "added";
  if (line.startsWith("-")) return "removed";
  return "same";
}
