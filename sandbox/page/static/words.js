// Times, counts and faces, as people read them.

import { h } from "./dom.js";
import { icon } from "./signs.js";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const SECONDS = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const FACES = 8;

/** Slack's ts as a date. */
export function date(ts) {
  return new Date(Number(ts) * 1000);
}

/** The time of day, with the whole date to hover over. */
export function clock(when) {
  return h("time", { datetime: when.toISOString(), title: WHOLE.format(when) }, TIME.format(when));
}

/** The time of day with seconds. */
export function seconds(when) {
  return SECONDS.format(when);
}

/** The day, "Today" where it is. */
export function day(when, now) {
  return when.toDateString() === now.toDateString() ? "Today" : DAY.format(when);
}

/** The whole date and time. */
export function moment(when) {
  return WHOLE.format(when);
}

/** "1 reply", "2 replies". */
export function counted(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/** A face: initials on a colour of their own. */
export function face(who, size = "") {
  if (who.is_bot) return h("span", { class: `face bot ${size}`, "aria-hidden": "true" }, icon("identity"));
  const initials = (who.real_name || who.name).split(/\s+/).map((word) => word[0]).slice(0, 2).join("");
  const hue = [...who.id].reduce((sum, letter) => sum * 31 + letter.codePointAt(0), 7) % FACES;
  return h("span", { class: `face face-${hue} ${size}`, "aria-hidden": "true" }, initials.toUpperCase());
}

/** A small sign before words; the words say the same. */
export function sign(character) {
  return h("span", { class: "sign", "aria-hidden": "true" }, character);
}
