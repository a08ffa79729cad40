// The end of a conversation as far as it is not stored: what is being sent, what failed, the reply that comes.

import { button, say } from "./dom.js";
import { bubble, rewrite } from "./message.js";
import { outbox } from "./outbox.js";

export class Tail {
  #list;
  #acts;
  #shown = new Map();

  /** `acts` are `resend`, `edit` and `discard`, each called with an entry. */
  constructor(list, acts) {
    this.#list = list;
    this.#acts = acts;
  }

  get isEmpty() {
    return this.#shown.size === 0;
  }

  /** Shows what is on its way in this conversation. */
  show(conversation) {
    const entries = outbox.of(conversation);
    for (const [entry, parts] of this.#shown) {
      if (!entries.includes(entry)) {
        this.#shown.delete(entry);
        parts.remove();
      }
    }
    for (const entry of entries) this.#show(entry);
  }

  #show(entry) {
    let parts = this.#shown.get(entry);
    if (!parts) this.#shown.set(entry, (parts = new Parts(entry, this.#acts)));
    parts.update();
    // Appending what is at its place would take the focus from its buttons.
    if (!parts.isIn(this.#list)) this.#list.append(...parts.items);
  }
}

/** The elements of one entry: its text until that is stored, and what has come of the reply. */
class Parts {
  #entry;
  #state = document.createElement("span");
  #asked;
  #reply;

  constructor(entry, acts) {
    this.#entry = entry;
    this.#state.setAttribute("role", "status");
    this.#asked = bubble("user", entry.text);
    this.#reply = bubble("assistant", "");
    this.buttons = {
      resend: button("Resend", () => acts.resend(entry)),
      edit: button("Edit", () => acts.edit(entry)),
      discard: button("Discard", () => acts.discard(entry), { class: "plain" }),
    };
    this.items = [this.#asked, this.#reply];
  }

  isIn(list) {
    return this.#asked.parentElement === list;
  }

  remove() {
    for (const item of this.items) item.remove();
  }

  update() {
    const { state, partial, isStored } = this.#entry;
    const isFailed = state === "failed";
    const last = isStored || partial ? this.#reply : this.#asked;
    this.#asked.hidden = isStored;
    this.#reply.hidden = last !== this.#reply;
    rewrite(this.#reply, partial);
    for (const item of this.items) {
      item.classList.toggle("failed", isFailed && item === last);
      item.classList.toggle("comes", !isFailed);
      if (item !== last) footOf(item).replaceChildren();
    }
    this.#foot(footOf(last));
  }

  #foot(foot) {
    say(this.#state, this.#words());
    const wanted = [this.#state, ...this.#offers().map((name) => this.buttons[name])];
    const isSame = wanted.length === foot.children.length && wanted.every((child) => child.parentElement === foot);
    if (!isSame) foot.replaceChildren(...wanted);
  }

  #words() {
    const { state, isStored, partial, problem } = this.#entry;
    if (state === "sending") return partial ? "" : isStored ? "Thinking…" : "Sending…";
    const what = isStored ? "No answer yet." : "Not sent.";
    return problem ? `${what} ${problem.message}` : what;
  }

  /** What was refused would be refused again; what may be stored cannot be taken back here. */
  #offers() {
    const { state, isStored, problem } = this.#entry;
    if (state === "sending") return [];
    if (problem && !problem.mayPass) return ["edit", "discard"];
    return isStored ? ["resend"] : ["resend", "discard"];
  }
}

const footOf = (item) => item.querySelector(".foot");
