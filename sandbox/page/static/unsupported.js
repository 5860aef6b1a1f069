// What the page does not know it says, so that nothing is lost in silence; the tests look for this box.

import { h } from "./dom.js";

/** A box that names what cannot be drawn. */
export function unsupported(kind) {
  return h("div", { class: "unsupported", "data-unsupported": kind }, `Unsupported block: ${kind}`);
}
