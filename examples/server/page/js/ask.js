// The one dialog: a question to be confirmed, or a text to be given.

import { $, say } from "./dom.js";

const dialog = $("ask");
let answer = null;

$("ask-form").addEventListener("submit", (event) => {
  // The page's policy allows no form to be sent anywhere.
  event.preventDefault();
  answer = $("ask-value").value;
  dialog.close();
});
$("ask-cancel").addEventListener("click", () => dialog.close());

/**
 * Asks, and gives null when it was cancelled, else the text that was given.
 *
 * `value` is the text to begin with; without it, it is only to be confirmed.
 */
export function ask({ heading, text, confirm, value, isDanger = false }) {
  answer = null;
  say($("ask-heading"), heading);
  say($("ask-text"), text);
  say($("ask-confirm"), confirm);
  $("ask-confirm").classList.toggle("danger", isDanger);
  $("ask-field").hidden = value === undefined;
  $("ask-value").value = value ?? "";
  dialog.showModal();
  // What cannot be undone is not what a stray Enter does.
  (value === undefined ? $("ask-cancel") : $("ask-value")).focus();
  $("ask-value").select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(answer), { once: true });
  });
}
