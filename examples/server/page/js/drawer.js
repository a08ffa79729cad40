// On a narrow screen, the list of conversations lies over the chat and is opened by a button.

import { $ } from "./dom.js";

const narrow = matchMedia("(width < 48rem)");
let isOpen = false;

/** Whether the list stands beside the chat. */
export const isWide = () => !narrow.matches;

export function openDrawer() {
  set(true);
  if (isOpen) ($("conversations").querySelector("[aria-current]") ?? $("new")).focus();
}

export function closeDrawer() {
  if (isOpen) set(false);
}

$("show-list").addEventListener("click", openDrawer);
$("app").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isOpen) leave();
});
$("app").addEventListener("click", (event) => {
  if (isOpen && event.target === $("app")) leave();
});
narrow.addEventListener("change", () => set(false));

function leave() {
  set(false);
  $("show-list").focus();
}

function set(open) {
  isOpen = open && narrow.matches;
  $("app").classList.toggle("list-open", isOpen);
  $("show-list").setAttribute("aria-expanded", isOpen);
  // What lies below is out of reach, for the keyboard as for the finger.
  $("chat").inert = isOpen;
  $("skip").inert = isOpen;
}
