// Who is there: the form to sign in, at first and when a session has ended.

import * as api from "./api.js";
import { $, say } from "./dom.js";

/** Asks for a name until the server takes one, and gives it. */
export function signIn({ note, name = "" } = {}) {
  if (note) say($("sign-in-note"), note);
  $("name").value = name;
  $("ask").close();
  $("app").hidden = true;
  $("sign-in").hidden = false;
  document.title = "Sign in · Scrollback";
  $("name").focus();
  return new Promise((resolve) => {
    $("sign-in-form").onsubmit = async (event) => {
      event.preventDefault();
      const name = await attempt($("name").value.trim());
      if (name !== null) resolve(name);
    };
  });
}

/** The name of who is signed in, or null. */
export async function whoIsThere() {
  try {
    return (await api.me()).name;
  } catch (problem) {
    if (problem.status === 401) return null;
    throw problem;
  }
}

async function attempt(name) {
  say($("sign-in-error"), "");
  try {
    await api.signIn(name);
    const known = await whoIsThere();
    if (known === null) say($("sign-in-error"), "This browser keeps no cookies of this page.");
    return known;
  } catch (problem) {
    say($("sign-in-error"), problem.message);
    $("name").focus();
    return null;
  }
}

/** The form goes, the chat comes. */
export function signedIn(name) {
  say($("who"), name);
  $("sign-in").hidden = true;
  $("app").hidden = false;
}
