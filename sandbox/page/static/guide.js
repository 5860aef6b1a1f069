// The way through the whole job, with what is done already.

import { cls, h } from "./dom.js";
import { icon, withEmoji } from "./signs.js";
import { change, role, state } from "./state.js";

/** The steps and where one is; nothing once it was closed. */
export function guide() {
  if (!state.guide) return null;
  const steps = progress();
  const now = steps.findIndex(([, isDone]) => !isDone);
  return h(
    "aside",
    { class: "guide", "aria-label": "What to do" },
    h(
      "ol",
      {},
      steps.map(([text, isDone], index) =>
        h(
          "li",
          { key: `${index}`, class: cls(isDone && "done", index === now && "now"), "aria-current": index === now ? "step" : null },
          h("span", { class: "sign", "aria-hidden": "true" }, isDone ? "✓" : String(index + 1)),
          h("span", { class: "unseen" }, isDone ? "Done: " : ""),
          withEmoji(text),
        ),
      ),
    ),
    h("button", { type: "button", class: "close", "aria-label": "Hide these steps", title: "Hide", onclick: () => change({ guide: false }) }, icon("close")),
  );
}

function progress() {
  const { slack, github } = state.view;
  const messages = slack.channels.flatMap((channel) => channel.messages);
  const people = Object.values(slack.people);
  const requester = people.find((who) => role(who) === "Requester")?.real_name.split(" ")[0] ?? "somebody";
  const approvers = people.filter((who) => role(who) === "Approver").map((who) => who.id);
  const cards = messages.filter((m) => m.bot_id && m.reactions.some((r) => r.name === "white_check_mark"));
  const isApproved = cards.some((m) => m.reactions.some((r) => r.name === "white_check_mark" && r.users.some((id) => approvers.includes(id))));
  return [
    [`Ask as ${requester} in #identities`, messages.some((m) => m.bot_id && m.thread_ts)],
    ["Answer in the thread until the card is there", cards.length > 0],
    ["Switch to an approver, click ✅ on the card", isApproved],
    ["Read the pull request and merge it", github.pulls.some((pull) => pull.state === "merged")],
  ];
}
