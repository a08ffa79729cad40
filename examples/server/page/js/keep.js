// What this browser keeps for the person who is signed in: drafts, and what is not sent yet.

const PREFIX = "scrollback";
let user = "";

/** From now on, everything is read and written for this person. */
export function keepFor(name) {
  user = name;
}

/** What is kept is more than nothing: a full or forbidden storage must not stop a chat. */
function attempt(act, otherwise) {
  try {
    return act();
  } catch {
    return otherwise;
  }
}

const full = (name) => `${PREFIX}:${encodeURIComponent(user)}:${name}`;

export const get = (name) => attempt(() => JSON.parse(localStorage.getItem(full(name))), null);

export function set(name, value) {
  attempt(() => {
    if (value === null || value === "") localStorage.removeItem(full(name));
    else localStorage.setItem(full(name), JSON.stringify(value));
  });
}

/** The names below `folder` that something is kept under. */
export function names(folder) {
  const start = full(folder);
  const all = attempt(() => Object.keys(localStorage), []);
  return all.filter((name) => name.startsWith(start)).map((name) => name.slice(full("").length));
}

/** Forgets everything of this person. */
export function forget() {
  for (const name of names("")) set(name, null);
}

/** Calls `act` with the name of what another tab has removed. */
export function onRemovedElsewhere(act) {
  addEventListener("storage", ({ key, newValue }) => {
    if (newValue === null && key?.startsWith(full(""))) act(key.slice(full("").length));
  });
}
