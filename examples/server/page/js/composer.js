// Where one writes. What is written and not sent is kept for each conversation.

import { $ } from "./dom.js";
import * as keep from "./keep.js";
import { notice } from "./notice.js";

export class Composer {
  #draft = $("draft");
  #send = $("send");
  #conversation = null;
  #why = null;
  #onSend;

  /** `onSend` is called with what is to be sent. */
  constructor(onSend) {
    this.#onSend = onSend;
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#draft.addEventListener("input", () => this.#written());
    this.#draft.addEventListener("keydown", (event) => this.#key(event));
    $("skip").addEventListener("click", () => this.#draft.focus());
  }

  /** Shows what was written here and not sent. */
  open(conversation) {
    this.#conversation = conversation;
    this.write(keep.get(name(conversation)) ?? "");
  }

  /** The conversation that was to come has come: what is being written is written in it. */
  moved(conversation) {
    keep.set(name(null), null);
    this.#conversation = conversation;
    this.#written();
  }

  write(text) {
    this.#draft.value = text;
    this.#written();
  }

  /** Adds to what is being written. */
  add(text) {
    this.write([this.#draft.value, text].filter(Boolean).join("\n\n"));
  }

  focus() {
    this.#draft.focus();
  }

  /** `why` nothing can be sent now, or null. One can write all the same. */
  hold(why) {
    this.#why = why;
    this.#send.disabled = why !== null;
  }

  #submit() {
    const text = this.#draft.value;
    if (text.trim() === "") return;
    if (this.#why !== null) return notice(this.#why);
    this.#onSend(text);
    this.write("");
  }

  #key(event) {
    // While a word is being composed from several keys, Enter ends the word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #written() {
    keep.set(name(this.#conversation), this.#draft.value);
    const { style } = this.#draft;
    style.height = "auto";
    const { scrollHeight, offsetHeight, clientHeight } = this.#draft;
    style.height = `${scrollHeight + offsetHeight - clientHeight}px`;
  }
}

const name = (conversation) => `draft:${conversation ?? "new"}`;
