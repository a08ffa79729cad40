// The list of conversations: as many pages of it as were asked for, and what has changed since.

import * as api from "./api.js";

export class Conversations extends EventTarget {
  #cursor = null;
  #more = null;
  #turn = 0;
  items = [];
  archived = false;
  isRead = false;

  /** Reads the listing from its start: the active ones, or the archive. */
  async load(archived = this.archived) {
    this.archived = archived;
    this.isRead = false;
    this.#set([], null);
    await this.refresh();
  }

  get hasMore() {
    return this.#cursor !== null;
  }

  /** Reads the next page; calls during one reading are that one. */
  more() {
    this.#more ??= this.#readMore().finally(() => (this.#more = null));
    return this.#more;
  }

  async #readMore() {
    if (!this.hasMore) return;
    const { archived } = this;
    const page = await api.conversations({ archived, cursor: this.#cursor });
    if (archived !== this.archived) return;
    this.#set(joined(this.items, page.items), page.next ?? null);
  }

  /** Reads the newest page again, which has all that is new and all that has moved. */
  async refresh() {
    const turn = ++this.#turn;
    const { archived } = this;
    const page = await api.conversations({ archived });
    // What was asked for later knows better.
    if (turn !== this.#turn || archived !== this.archived) return;
    this.isRead = true;
    const older = page.next ? this.items.filter((item) => isBelow(item, page.items.at(-1))) : [];
    const isOnePage = older.length === 0;
    this.#set(joined(page.items, older), isOnePage ? (page.next ?? null) : this.#cursor);
  }

  /** This tab has changed one, and need not wait to see it. */
  put(conversation) {
    // What is being read is of before.
    this.#turn += 1;
    const others = this.items.filter(({ id }) => id !== conversation.id);
    const belongs = conversation.archived === this.archived;
    this.#set(belongs ? [conversation, ...others] : others, this.#cursor);
  }

  /** One is gone. */
  drop(id) {
    this.#turn += 1;
    this.#set(this.items.filter((item) => item.id !== id), this.#cursor);
  }

  #set(items, cursor) {
    this.items = items;
    this.#cursor = cursor;
    this.dispatchEvent(new Event("change"));
  }
}

/** Each of them once: one that moves between two pages is in both. */
function joined(first, second) {
  const ids = new Set(first.map(({ id }) => id));
  return [...first, ...second.filter(({ id }) => !ids.has(id))];
}

/** Whether a conversation had its last activity before that of `last`. Microseconds are more than a Date holds. */
function isBelow(item, last) {
  const [mine, other] = [item, last].map(({ updated_at }) => Date.parse(updated_at));
  return mine < other || (mine === other && item.id !== last.id);
}
