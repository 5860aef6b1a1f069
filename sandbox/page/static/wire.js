// What the page says to the sandbox, and hears from it.

import { change, journalled, state, toast } from "./state.js";

const PAUSE = 60; // ms in which several changes become one look

/** The world is loaded, and followed from here on. */
export async function connect() {
  const [emoji, journal] = await Promise.all([get("/slack/emoji"), get("/control/journal"), look()]);
  state.emoji = emoji;
  journalled(journal);
  const events = new EventSource("/control/events");
  events.addEventListener("changed", () => soon());
  events.addEventListener("journal", (event) => journalled([JSON.parse(event.data)]));
  events.addEventListener("open", () => {
    // After a break something may have been missed.
    change({ online: true });
    soon();
  });
  events.addEventListener("error", () => change({ online: false }));
}

let timer = null;
let looking = false;
let again = false;

function soon() {
  timer ??= setTimeout(() => {
    timer = null;
    look().catch(() => change({ online: false }));
  }, PAUSE);
}

async function look() {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  try {
    change({ view: await get("/control/view") });
  } finally {
    looking = false;
  }
  if (again) {
    again = false;
    soon();
  }
}

async function get(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** What a person did was done; null, and a line that says why, where it was refused. */
async function post(path, body) {
  try {
    const answer = await fetch(path, { method: "POST", body: JSON.stringify(body) });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    toast(told.detail ? `${told.detail} (${told.error})` : told.message ?? `${path}: ${answer.status}`);
  } catch {
    toast("The sandbox does not answer. Is scripts/try still running?");
  }
  return null;
}

/** The chosen person does something in Slack. */
export function act(verb, body) {
  return post(`/slack/people/${state.me}/${verb}`, body);
}

/** Somebody does something on GitHub. */
export function actOnGitHub(login, verb, body) {
  return post(`/github/people/${encodeURIComponent(login)}/${verb}`, body);
}

/** Somebody does something in Argo CD. */
export function actOnArgoCd(login, verb, body) {
  return post(`/argocd/people/${encodeURIComponent(login)}/${verb}`, body);
}
