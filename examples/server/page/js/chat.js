// The parts of the page put together: which conversation is open, what is written in it, what comes back.

import * as api from "./api.js";
import { Actions } from "./actions.js";
import { Composer } from "./composer.js";
import { Conversations } from "./conversations.js";
import { ConversationsView, titleOf } from "./conversations_view.js";
import { deliver } from "./deliver.js";
import { $, say } from "./dom.js";
import { closeDrawer, isWide, openDrawer } from "./drawer.js";
import * as keep from "./keep.js";
import { Live } from "./live.js";
import { notice } from "./notice.js";
import { outbox } from "./outbox.js";
import { Problem } from "./problem.js";
import { Thread } from "./thread.js";
import { ThreadView } from "./thread_view.js";

const conversations = new Conversations();
const list = new ConversationsView(conversations, { onProblem });
const view = new ThreadView({ resend, edit, discard, onProblem });
const composer = new Composer(write);
const actions = new Actions({ thread: () => view.thread, onChanged: changed, onDeleted: deleted, onProblem });

/** Asks for what is new, over and over. */
export const live = new Live(refresh, (isAnswered) => {
  say($("offline"), isAnswered ? "" : "The server cannot be reached. What you write is kept; trying again.");
  $("offline").hidden = isAnswered;
});

addEventListener("hashchange", () => route());
$("new").addEventListener("click", () => {
  history.pushState(null, "", "/");
  route();
  composer.focus();
});
$("conversations").addEventListener("click", () => closeDrawer());
outbox.addEventListener("change", () => hold());
outbox.addEventListener("taken", () => view.thread.settle());
conversations.addEventListener("change", () => {
  const about = conversations.items.find(({ id }) => id === view.thread.id);
  // One that is not loaded yet will be told all at once.
  if (about && view.thread.about) view.thread.tell(about);
});
setInterval(() => list.tick(), 30_000);

/** Shows what the address names, to somebody who has just come. */
export function arrive() {
  open(wanted());
  conversations.load().catch(onProblem);
  live.start();
}

/** The id of the conversation that the address names. */
function wanted() {
  return /^#c=([\w-]+)$/.exec(location.hash)?.[1] ?? null;
}

function route() {
  closeDrawer();
  if (wanted() !== view.thread.id) open(wanted());
}

async function open(id) {
  const thread = new Thread(id);
  thread.addEventListener("about", () => isOpen(thread) && describe());
  view.show(thread);
  composer.open(id);
  describe();
  if (isWide()) composer.focus();
  if (id !== null) await load(thread).catch((problem) => isOpen(thread) && onProblem(problem));
}

async function load(thread) {
  if (thread.isEmpty && isOpen(thread)) view.note("Loading…");
  try {
    await thread.open();
    if (isOpen(thread)) view.note();
  } catch (problem) {
    if (!isOpen(thread)) return;
    if (problem.status === 404) return gone(thread.id);
    view.note(problem.message);
    throw problem;
  }
}

const isOpen = (thread) => thread === view.thread;

function describe() {
  const { id, about } = view.thread;
  const title = id !== null && about === null ? "Loading…" : titleOf(about);
  say($("title"), title);
  document.title = `${title} · Scrollback`;
  actions.show(about);
  list.mark(id);
  hold();
}

/** Lets one send here, or not. */
function hold() {
  composer.hold(whyNot());
}

/** Why nothing can be sent here now, or null. */
function whyNot() {
  const { id, about, session } = view.thread;
  const entries = outbox.of(id);
  if (entries.some(({ state }) => state === "sending")) return "The answer is still coming.";
  if (id === null) return entries.length > 0 ? "Resend what was not sent, or discard it." : null;
  if (about === null) return "The conversation is not loaded yet.";
  return session === null ? "This conversation can only be read." : null;
}

function write(text) {
  const { id, session } = view.thread;
  const entry = outbox.add(text, { conversation: id, session });
  view.toEnd();
  send(entry);
}

async function send(entry) {
  const isDone = await deliver(entry, { onStarted: started, onAnswered: answered });
  live.tell();
  live.now();
  const isGone = !isDone && entry.problem.status === 404;
  if (isGone && entry.conversation === view.thread.id) gone(entry.conversation);
}

function resend(entry) {
  // The button that had the focus goes.
  if (isWide()) composer.focus();
  send(entry);
}

/** A message was the first of a conversation, which has an address from now on. */
function started(about) {
  if (view.thread.id === null) {
    view.thread.begun(about);
    composer.moved(about.id);
    history.replaceState(null, "", `#c=${encodeURIComponent(about.id)}`);
    list.mark(about.id);
  }
  conversations.put(about);
}

function answered({ asked, reply }) {
  if (asked.conversation_id === view.thread.id) view.thread.add([asked, reply]);
  else outbox.settle([asked, reply]);
}

/** What was not sent is written anew, as something else. */
function edit(entry) {
  discard(entry);
  composer.add(entry.text);
}

function discard(entry) {
  outbox.remove(entry.key);
  composer.focus();
}

/** Reads what is new in the list and in the open conversation. */
async function refresh() {
  const { thread } = view;
  const news = thread.id === null ? null : thread.about === null ? load(thread) : newer(thread);
  await Promise.all([conversations.refresh(), news]);
}

async function newer(thread) {
  try {
    await thread.newer();
  } catch (problem) {
    if (problem.status !== 404) throw problem;
    if (isOpen(thread)) gone(thread.id);
  }
}

function changed(about) {
  if (about.id === view.thread.id) view.thread.tell(about);
  conversations.put(about);
  live.tell();
}

function deleted(id) {
  for (const { key } of outbox.of(id)) outbox.remove(key);
  leave(id);
  live.tell();
  notice("The conversation is deleted.");
}

/** It was deleted elsewhere, or it never was this person's. What they wrote into it is theirs still. */
function gone(id) {
  const unsent = outbox.of(id).filter(({ isStored }) => !isStored);
  const texts = [...unsent.map(({ text }) => text), $("draft").value].filter(Boolean);
  for (const { key } of outbox.of(id)) outbox.remove(key);
  leave(id);
  texts.forEach((text) => composer.add(text));
  notice("There is no such conversation, or it is gone.");
  openDrawer();
}

function leave(id) {
  keep.set(`draft:${id}`, null);
  conversations.drop(id);
  history.replaceState(null, "", "/");
  open(null);
}

function onProblem(problem) {
  if (!(problem instanceof Problem)) throw problem;
  // The sign-in asks by itself, and what cannot be reached is tried again.
  if (problem.status === 401) return;
  if (problem.status === 0) live.saw(false);
  else notice(problem.message);
}
