// GitHub as the sandbox holds it: the pull requests, and one of them with everything that a reviewer reads.

import { numberedDiff } from "./diff.js";
import { cls, h } from "./dom.js";
import { markdown } from "./markdown.js";
import { change, role, state, toast } from "./state.js";
import { clock, counted, moment, sign } from "./words.js";
import { actOnGitHub } from "./wire.js";

const STATES = { open: ["◯", "Open"], merged: ["✓", "Merged"], closed: ["✕", "Closed"] };

/** The pane of GitHub: one pull request when one is chosen, else all of them. */
export function github() {
  const chosen = state.view.github.pulls.find((pull) => pull.number === state.pull);
  return chosen ? pullView(chosen) : pulls();
}

function pulls() {
  const { pulls: given, full_name: name, default_branch: branch, head } = state.view.github;
  return [
    h("h2", {}, "Pull requests"),
    h("p", { class: "quiet" }, `${name}, ${branch} at `, h("code", {}, head.slice(0, 7))),
    given.length
      ? h("ul", { class: "plain pulls" }, given.map(row))
      : h("p", { class: "empty" }, "There is no pull request yet. Once an approver has clicked ✅ on a card, the bot opens one here; you review and merge it."),
  ];
}

function row(pull) {
  return h(
    "li",
    { key: `${pull.number}` },
    h(
      "button",
      { type: "button", class: "card pull", onclick: () => change({ pull: pull.number }) },
      standing(pull),
      h("strong", {}, pull.title),
      h("span", { class: "quiet" }, `#${pull.number} by ${pull.author.login}, +${pull.additions} −${pull.deletions}`),
    ),
  );
}

function standing(pull) {
  const [character, word] = STATES[pull.state];
  return h("span", { class: cls("badge", pull.state) }, sign(character), ` ${pull.draft && pull.state === "open" ? "Draft" : word}`);
}

function pullView(pull) {
  return h(
    "article",
    { class: "pullview", key: `pull ${pull.number}` },
    h("button", { type: "button", class: "link", onclick: () => change({ pull: null }) }, "← All pull requests"),
    h("h2", {}, pull.title, " ", h("span", { class: "quiet" }, `#${pull.number}`)),
    h("p", { class: "meta" }, standing(pull), h("span", {}, h("strong", {}, pull.author.login), " wants to merge ", counted(pull.commits.length, "commit"), " into ", h("code", {}, pull.base.branch), " from ", h("code", {}, pull.head.branch))),
    labels(pull),
    h("div", { class: "card" }, markdown(pull.body)),
    pull.reviews.map((review) => note(review, `${review.login} ${{ APPROVED: "✓ approved", CHANGES_REQUESTED: "✕ asked for changes" }[review.state] ?? "commented"}`)),
    pull.comments.map((comment) => note(comment, `${comment.login} commented`)),
    actions(pull),
    h("h3", {}, `${counted(pull.files.length, "file")} changed, +${pull.additions} −${pull.deletions}`),
    pull.files.map(file),
    h("h3", {}, counted(pull.commits.length, "commit")),
    pull.commits.map(commit),
  );
}

function labels({ labels: given, reviewers, teams }) {
  const asked = [...reviewers, ...teams];
  return h(
    "p",
    { class: "tags" },
    given.map(({ name, color }) => h("span", { class: "label-tag", key: name }, h("span", { class: "swatch", style: { background: `#${color}` } }), name)),
    asked.length > 0 && h("span", { class: "quiet" }, `Review asked of ${asked.join(", ")}`),
  );
}

function note(given, heading) {
  return h("div", { class: "card note", key: `${heading}${given.id}` }, h("p", { class: "quiet" }, heading, " ", clock(new Date(given.at))), given.body && markdown(given.body));
}

function actions(pull) {
  const login = reviewer();
  const name = state.view.github.people.find((who) => who.login === login)?.name ?? login;
  const says = (verb, done) => async () => (await actOnGitHub(login, verb, { number: pull.number })) && toast(done, "done");
  if (pull.state === "merged")
    return h("p", { class: "card merge merged" }, sign("✓"), ` Merged by ${pull.merged_by} as `, h("code", {}, pull.merge_sha.slice(0, 7)), ", ", moment(new Date(pull.merged_at)), ". Argo CD takes it from here.");
  if (pull.state === "closed")
    return h("div", { class: "card merge" }, h("p", {}, "Closed without a merge."), h("button", { type: "button", class: "button", onclick: says("reopen", "Open again.") }, `Reopen as ${name}`));
  return h(
    "div",
    { class: "card merge" },
    h("p", {}, mergeable(pull)),
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", class: "button primary", disabled: pull.mergeable === false, onclick: says("merge", "Merged.") }, `Merge as ${name}`),
      h("button", { type: "button", class: "button", onclick: says("close", "Closed.") }, `Close as ${name}`),
    ),
  );
}

function mergeable(pull) {
  if (pull.mergeable_state === "dirty") return ["⚠ ", "It conflicts with ", h("code", {}, pull.base.branch), "."];
  if (pull.mergeable_state === "blocked") return ["⚠ ", "The branch's protection wants a review first."];
  return ["✓ ", "It can be merged."];
}

/** Who merges: the chosen person where they may, else somebody of the platform team. */
function reviewer() {
  const { github, slack } = state.view;
  const approvers = Object.values(slack.people).filter((who) => role(who) === "Approver").map((who) => who.name);
  return github.people.find((who) => approvers.includes(who.login))?.login ?? github.people.at(-1)?.login;
}

function file(given) {
  return h(
    "details",
    { class: "file", key: given.path, open: true },
    h("summary", {}, h("code", {}, given.previous ? `${given.previous} → ${given.path}` : given.path), h("span", { class: "quiet" }, `${given.status}, +${given.additions} −${given.deletions}`)),
    given.patch ? h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `Changes to ${given.path}` }, numberedDiff(given.patch)) : h("p", { class: "quiet" }, "Not shown: a binary file."),
  );
}

function commit(given) {
  return h(
    "details",
    { class: "file", key: given.sha },
    h("summary", {}, h("code", {}, given.sha.slice(0, 7)), " ", given.subject, given.verified && h("span", { class: "quiet" }, "✓ verified")),
    h("pre", { tabindex: "0" }, given.message),
  );
}
