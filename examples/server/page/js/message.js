// One message as an element. What was said is text, whatever it looks like.

import { button, make } from "./dom.js";
import { clock, exact } from "./time.js";

const SPEAKERS = { user: "You", assistant: "Bot", system: "System", tool: "Tool" };

/** What is longer is shown in part at first: a message has up to 4 MiB. */
const LONG = 20_000;

/** A message that is stored. */
export function stored({ position, role, content, created_at }) {
  const item = bubble(role, content, when(created_at));
  item.dataset.position = position;
  return item;
}

/** A message that is on its way, or a reply that comes; `foot` is shown below it. */
export function bubble(role, content, ...foot) {
  const text = make("div", { class: "text", dir: "auto" });
  const item = make("li", { class: `message ${role}` }, speaker(role), text);
  show(text, content);
  item.append(make("div", { class: "foot" }, ...foot));
  return item;
}

/** Replaces what a bubble says. */
export function rewrite(item, content) {
  item.querySelector(".text").textContent = content;
}

const speaker = (role) => make("span", { class: "speaker" }, SPEAKERS[role] ?? role);

const when = (time) => make("time", { datetime: time, title: exact(time) }, clock(time));

function show(text, content) {
  if (content.length <= LONG) {
    text.textContent = content;
    return;
  }
  const whole = button("Show all of it", () => (text.textContent = content), { class: "plain" });
  text.append(`${content.slice(0, LONG)}…\n`, whole);
}
