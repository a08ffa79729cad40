// What was written and not answered yet. It is kept until it is, under a key that never changes, so that
// it is stored once however often it is sent: after a failure, after a reload, from another tab.

import * as keep from "./keep.js";

const FOLDER = "unsent:";
const REPLY = "/reply";

class Outbox extends EventTarget {
  #entries = new Map();

  /** Takes up what earlier visits have left; what another tab is sending, when that has ended. */
  async load() {
    this.#entries.clear();
    const sending = await keysBeingSent();
    for (const key of keep.names(FOLDER).map((name) => name.slice(FOLDER.length))) {
      if (sending.has(key)) whileSending(key, async () => this.#take(key));
      else this.#take(key);
    }
  }

  #take(key) {
    const kept = keep.get(FOLDER + key);
    if (!kept) return;
    this.#entries.set(key, { ...kept, state: "failed", partial: "", isStored: false });
    this.dispatchEvent(new Event("taken"));
    this.#changed();
  }

  /** Something new to send; `conversation` and `session` are null where there is none yet. */
  add(text, { conversation, session }) {
    const entry = { key: newKey(), text, at: new Date().toISOString(), conversation, session };
    Object.assign(entry, { state: "sending", partial: "", isStored: false });
    this.#entries.set(entry.key, entry);
    this.update(entry, {});
    return entry;
  }

  update(entry, changes) {
    Object.assign(entry, changes);
    if (!this.#entries.has(entry.key)) return;
    const { key, text, at, conversation, session } = entry;
    // A reply that streams changes nothing that is kept.
    if (!("partial" in changes)) keep.set(FOLDER + key, { key, text, at, conversation, session });
    this.#changed();
  }

  remove(key) {
    if (!this.#entries.delete(key)) return;
    keep.set(FOLDER + key, null);
    this.#changed();
  }

  /** What is to be said in a conversation, in the order of writing; null is the one to come. */
  of(conversation) {
    const own = [...this.#entries.values()].filter((entry) => entry.conversation === conversation);
    return own.sort((a, b) => a.at.localeCompare(b.at));
  }

  get size() {
    return this.#entries.size;
  }

  /** Stored messages were read: what is among them need not be sent. */
  settle(messages) {
    if (this.size === 0) return;
    for (const { key } of messages) {
      if (!key) continue;
      if (key.endsWith(REPLY)) this.remove(key.slice(0, -REPLY.length));
      const entry = this.#entries.get(key);
      if (entry && !entry.isStored) this.update(entry, { isStored: true });
    }
  }

  /** Another tab has sent it, or given it up. */
  dropped(name) {
    if (name.startsWith(FOLDER)) this.remove(name.slice(FOLDER.length));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

export const outbox = new Outbox();

const lock = (key) => `scrollback:${key}`;

/** Does `send` while other tabs can see that this key is being sent. */
export function whileSending(key, send) {
  // Browsers give locks to secure origins only; without them, two tabs may offer to send the same.
  return navigator.locks ? navigator.locks.request(lock(key), send) : send();
}

async function keysBeingSent() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map(({ name }) => name.slice(lock("").length)));
}

/** 128 random bits. `crypto.randomUUID` is for secure origins only. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
