// The open conversation: which of its messages are here, and how the others come. Positions are 1 to n
// without gaps, so what is missing is known by number, and nothing is shown twice.

import * as api from "./api.js";
import { outbox } from "./outbox.js";

export class Thread extends EventTarget {
  #positions = new Set();
  #first = 0;
  #last = 0;
  #keyed = [];
  #older = null;
  #newer = null;

  /** `id` is null for the conversation that begins with the next message. */
  constructor(id) {
    super();
    this.id = id;
    this.about = null;
  }

  get session() {
    return this.about?.session_id ?? null;
  }

  get isEmpty() {
    return this.#positions.size === 0;
  }

  /** Whether there is more before the first message that is here. */
  get hasOlder() {
    return this.#first > 1;
  }

  /** Reads what it is, and its newest messages. */
  async open() {
    const [about, page] = await Promise.all([api.conversation(this.id), api.messages(this.id)]);
    this.tell(about);
    this.add(page.items, { isOpening: true });
  }

  /** It has begun: the server has given it a name. */
  begun(about) {
    this.id = about.id;
    this.tell(about);
  }

  /** It is now like this. */
  tell(about) {
    this.about = about;
    this.dispatchEvent(new Event("about"));
  }

  /** Reads the page before the first message; calls during one reading are that one. */
  older() {
    this.#older ??= this.#readOlder().finally(() => (this.#older = null));
    return this.#older;
  }

  async #readOlder() {
    if (!this.hasOlder) return;
    const page = await api.messages(this.id, { before: this.#first });
    this.add(page.items);
  }

  /** Reads what others have added meanwhile. */
  newer() {
    this.#newer ??= this.#readNewer().finally(() => (this.#newer = null));
    return this.#newer;
  }

  async #readNewer() {
    for (;;) {
      const page = await api.messages(this.id, { after: this.#last });
      this.add(page.items);
      if (page.items.length < api.PAGE) return;
    }
  }

  /** What is here need not be sent any more. */
  settle() {
    outbox.settle(this.#keyed);
  }

  /** Takes stored messages, in order of position; those that are here already are left out. */
  add(messages, { isOpening = false } = {}) {
    this.#keyed.push(...messages.filter(({ key }) => key));
    this.settle();
    const added = messages.filter(({ position }) => !this.#positions.has(position));
    if (added.length === 0) return;
    if (this.isEmpty) this.#first = this.#last = added[0].position;
    for (const { position } of added) this.#positions.add(position);
    this.#first = Math.min(this.#first, added[0].position);
    // Where something between is missing, it is read next.
    while (this.#positions.has(this.#last + 1)) this.#last += 1;
    this.dispatchEvent(new CustomEvent("added", { detail: { messages: added, isOpening } }));
  }
}
