// The list of conversations on the screen. Its items stay the same elements while they change, so that
// the focus stays where it is.

import { $, make, say } from "./dom.js";
import { exact, relative } from "./time.js";

const UNTITLED = "New conversation";

export const titleOf = (conversation) => conversation?.title ?? UNTITLED;

export class ConversationsView {
  #list = $("conversations");
  #scroll = $("list-scroll");
  #items = new Map();
  #model;
  #onProblem;
  #current = null;

  constructor(model, { onProblem }) {
    this.#model = model;
    this.#onProblem = onProblem;
    model.addEventListener("change", () => this.#show());
    this.#scroll.addEventListener("scroll", () => this.#fill());
    $("show-active").addEventListener("click", () => this.#choose(false));
    $("show-archive").addEventListener("click", () => this.#choose(true));
  }

  /** Marks the one that is open. */
  mark(id) {
    this.#current = id;
    for (const [other, item] of this.#items) mark(item, other === id);
  }

  /** Says anew how long ago everything was. */
  tick() {
    this.#model.items.forEach((conversation) => this.#item(conversation));
  }

  async #choose(archived) {
    $("show-active").setAttribute("aria-pressed", !archived);
    $("show-archive").setAttribute("aria-pressed", archived);
    await this.#model.load(archived).catch(this.#onProblem);
  }

  #show() {
    const { items, archived, isRead } = this.#model;
    const ids = new Set(items.map(({ id }) => id));
    for (const [id, item] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    let place = this.#list.firstElementChild;
    for (const conversation of items) {
      const item = this.#item(conversation);
      if (item === place) place = place.nextElementSibling;
      else this.#list.insertBefore(item, place);
    }
    const nothing = archived ? "The archive is empty." : "No conversation yet.";
    say($("list-note"), isRead && items.length === 0 ? nothing : "");
    this.#fill();
  }

  #item(conversation) {
    const { id, updated_at: at } = conversation;
    let item = this.#items.get(id);
    if (!item) this.#items.set(id, (item = blank(id)));
    say(item.querySelector(".title"), titleOf(conversation));
    const time = item.querySelector("time");
    say(time, relative(at));
    time.dateTime = at;
    time.title = exact(at);
    mark(item, id === this.#current);
    return item;
  }

  /** Reads on while the end of the list is near. */
  #fill() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    const isNear = scrollHeight - scrollTop - clientHeight < clientHeight;
    if (isNear && this.#model.hasMore) this.#model.more().catch(this.#onProblem);
  }
}

function blank(id) {
  const title = make("span", { class: "title", dir: "auto" });
  const link = make("a", { href: `#c=${encodeURIComponent(id)}` }, title, make("time", { class: "quiet small" }));
  return make("li", {}, link);
}

function mark(item, isCurrent) {
  const link = item.firstElementChild;
  if (isCurrent) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}
