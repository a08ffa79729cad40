// What is said aside: seen for a while, or heard by those who listen to the page.

import { $, make, say } from "./dom.js";

const SEEN_FOR = 6_000;

/** As much of a reply as one wants to hear unasked. */
const HEARD = 500;

let timer;

/** Shows a sentence for a while. */
export function notice(text) {
  clearTimeout(timer);
  say($("notice"), text);
  timer = setTimeout(() => say($("notice"), ""), SEEN_FOR);
}

/** Lets screen readers say a message that has come, once and whole: not every part of it. */
export function announce(text) {
  const cut = text.length > HEARD ? `${text.slice(0, HEARD)}…` : text;
  $("spoken").replaceChildren(make("span", {}, cut));
}
