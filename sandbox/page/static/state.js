// What the page knows and what the person at it has chosen; everything drawn is drawn from this.

const KEPT = "identity-sandbox";
const JOURNAL = 400;
const NEAR = 6; // how far back an entry may be that a new one repeats

export const state = {
  view: null,
  emoji: {},
  journal: [], // {entry, first: its first id, times}
  online: true,
  me: "U0ROSA",
  channel: null,
  thread: null,
  pane: "azure",
  narrow: "slack", // which tab is seen where there is room for one only
  home: false, // whether the app's Home tab is seen in the conversation with it, or the messages
  pull: null,
  service: "all",
  guide: true,
  drafts: {}, // by place: what is typed and not sent
  forms: {}, // by view and block: what is entered and not submitted
  picker: null, // the message whose reactions are being chosen
  editing: null, // the message that is being edited: {channel, ts}
  asked: null, // what has to be confirmed first: {title, text, yes, no, act}
  shown: null, // the message to scroll to
  toasts: [],
};

let draw = () => {};
let waiting = false;

/** Whenever the state changes, `drawing` is called once, with the next frame. */
export function drawn(drawing) {
  draw = drawing;
}

/** The state has these values, and the page is drawn anew with the next frame. */
export function change(values = {}) {
  Object.assign(state, values);
  keep();
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    draw();
  });
}

/** What the person chose last time in this tab is chosen again. */
export function restore() {
  try {
    Object.assign(state, JSON.parse(sessionStorage.getItem(KEPT) ?? "{}"));
  } catch {
    sessionStorage.removeItem(KEPT);
  }
}

/** For the next load of the page; its address says which pane is open, so that it can be shared. */
function keep() {
  const { me, channel, thread, pane, narrow, service, guide, drafts } = state;
  sessionStorage.setItem(KEPT, JSON.stringify({ me, channel, thread, pane, narrow, service, guide, drafts }));
  if (location.hash !== address()) history.replaceState(null, "", address());
}

/** What stands behind the # of the page's address for the pane that is open. */
export function address() {
  return `#${state.pane}${state.pane === "github" && state.pull ? `/pull/${state.pull}` : ""}`;
}

/** The journal ends with these entries; of very many only the last are kept.
 *
 * Whoever waits asks the same again and again: such entries, answered alike, are one that counts.
 */
export function journalled(entries) {
  const journal = [...state.journal];
  const last = Math.max(0, ...journal.map(({ entry }) => entry.id));
  for (const entry of entries) {
    if (entry.id <= last || entry.path === "/slack/emoji") continue;
    const at = journal.findLastIndex((each) => isSame(each.entry, entry));
    if (at < 0 || at < journal.length - NEAR) journal.push({ entry, first: entry.id, times: 1 });
    else journal[at] = { ...journal[at], entry, times: journal[at].times + 1 };
  }
  change({ journal: journal.slice(-JOURNAL) });
}

function isSame(one, other) {
  if (one.method !== "GET" || other.method !== "GET") return false;
  return ["service", "path", "query", "status"].every((name) => one[name] === other[name]);
}

/** A line is shown for a while: what went wrong, or what was done. */
export function toast(text, kind = "wrong") {
  const one = { id: `${performance.now()}`, text, kind };
  change({ toasts: [...state.toasts, one].slice(-3) });
  setTimeout(() => change({ toasts: state.toasts.filter((each) => each !== one) }), 7000);
}

/** Every conversation that the chosen person sees. */
export function conversations() {
  const { channels, direct } = state.view.slack;
  return {
    channels: channels.filter((c) => c.kind === "channel" || c.members.includes(state.me)),
    direct: direct.filter((c) => c.members.includes(state.me)),
  };
}

/** The conversation that is open, or the first one. */
export function conversation() {
  const { channels, direct } = conversations();
  return [...channels, ...direct].find((c) => c.id === state.channel) ?? channels[0];
}

/** Its messages that the chosen person may see. */
export function visible(channel) {
  return channel.messages.filter((m) => m.only_for === null || m.only_for === state.me);
}

/** The person, or the bot, with this id. */
export function person(id) {
  return state.view.slack.people[id] ?? { id, name: id, real_name: id };
}

/** What a person may do here, in words. */
export function role(who) {
  const { groups, people } = state.view.slack;
  if (who.is_stranger) return "From another company";
  if (who.is_restricted || who.is_ultra_restricted) return "Guest";
  if (Object.values(groups).some((g) => !g.disabled && g.users.includes(who.id))) return "Approver";
  const plain = Object.values(people).filter((p) => !p.is_bot && !approves(p) && !p.is_restricted);
  return plain[0]?.id === who.id ? "Requester" : "May not approve";
}

function approves(who) {
  return Object.values(state.view.slack.groups).some((g) => g.users.includes(who.id));
}

/** A message's conversation is open, with its thread, and the page scrolls to it. */
export function openMessage(channel, ts) {
  const place = [...state.view.slack.channels, ...state.view.slack.direct].find((c) => c.id === channel);
  const message = place?.messages.find((m) => m.ts === ts);
  if (!message) return toast("That message is not there.");
  change({ channel, thread: message.thread_ts ?? (message.reply_count ? ts : null), shown: ts, narrow: "slack" });
}

/** A pane is open; `pull` is the pull request to show in GitHub's. */
export function openPane(pane, pull = null) {
  change({ pane, narrow: pane, pull });
}
