// The open conversation on the screen: its messages, and how one moves through them.

import { $, say } from "./dom.js";
import { stored } from "./message.js";
import { announce } from "./notice.js";
import { outbox } from "./outbox.js";
import { Scroller } from "./scroller.js";
import { Tail } from "./tail.js";
import { Thread } from "./thread.js";

export class ThreadView {
  #list = $("messages");
  #tail;
  #scroller;
  #onProblem;
  thread = new Thread(null);

  constructor({ resend, edit, discard, onProblem }) {
    this.#onProblem = onProblem;
    this.#tail = new Tail($("tail"), { resend, edit, discard });
    this.#scroller = new Scroller($("thread"), {
      onStart: () => this.#older(),
      onEnd: () => ($("to-end").hidden = true),
    });
    $("to-end").addEventListener("click", () => this.#scroller.toEnd());
    outbox.addEventListener("change", () => this.#sent());
  }

  /** Shows another conversation, of which nothing is read yet. */
  show(thread) {
    this.thread = thread;
    this.#list.replaceChildren();
    $("to-end").hidden = true;
    thread.addEventListener("added", ({ detail }) => this.#isShown(thread) && this.#added(detail));
    this.#scroller.follow(() => this.#tail.show(thread.id));
    this.#scroller.toEnd();
    this.note();
  }

  /** Says why there is nothing to be seen, if there is nothing. */
  note(text) {
    const nothing = this.thread.isEmpty && this.#tail.isEmpty;
    say($("thread-note"), text ?? (nothing ? this.#welcome : ""));
  }

  get #welcome() {
    return this.thread.id === null ? "Say something, and a conversation begins." : "Nothing was said here yet.";
  }

  /** To the end, where the reader has just written something. */
  toEnd() {
    this.#scroller.toEnd();
  }

  #isShown(thread) {
    return this.thread === thread;
  }

  #sent() {
    this.#scroller.follow(() => this.#tail.show(this.thread.id));
    this.note();
  }

  #added({ messages, isOpening }) {
    const first = this.#list.firstElementChild;
    const isOlder = first !== null && messages.at(-1).position < position(first);
    if (isOlder) {
      this.#scroller.hold(first, () => this.#list.prepend(...messages.map(stored)));
    } else {
      this.#scroller.follow(() => messages.forEach((message) => this.#insert(message)));
      if (!isOpening) this.#tell(messages);
    }
    this.note();
    this.#fill();
  }

  #insert(message) {
    let next = null;
    let before = this.#list.lastElementChild;
    while (before && position(before) > message.position) {
      next = before;
      before = before.previousElementSibling;
    }
    this.#list.insertBefore(stored(message), next);
  }

  /** What was added while somebody reads elsewhere, or listens. */
  #tell(messages) {
    $("to-end").hidden = this.#scroller.isAtEnd;
    for (const { role, content } of messages) {
      if (role === "assistant") announce(`Bot: ${content}`);
    }
  }

  /** Short messages may leave room for more. */
  #fill() {
    if (this.#scroller.isNearStart) this.#older();
  }

  async #older() {
    const { thread } = this;
    if (!thread.hasOlder) return;
    try {
      await thread.older();
    } catch (problem) {
      if (this.#isShown(thread)) this.#onProblem(problem);
    }
  }
}

const position = (item) => Number(item.dataset.position);
