// What can be done with the open conversation: rename, archive, delete.

import * as api from "./api.js";
import { ask } from "./ask.js";
import { titleOf } from "./conversations_view.js";
import { $, say } from "./dom.js";
import { notice } from "./notice.js";

/** The page acts on what somebody saw. Where that has changed meanwhile, they see it first. */
const MOVED = "It was changed elsewhere. This is how it is now.";

export class Actions {
  #thread;
  #onChanged;
  #onDeleted;
  #onProblem;

  /** `thread` gives the open conversation. */
  constructor({ thread, onChanged, onDeleted, onProblem }) {
    this.#thread = thread;
    this.#onChanged = onChanged;
    this.#onDeleted = onDeleted;
    this.#onProblem = onProblem;
    this.#bind("rename", (id) => this.#rename(id));
    this.#bind("archive", () => this.#archive(this.#thread().about));
    this.#bind("delete", (id) => this.#delete(id));
  }

  /** Shows what can be done now. */
  show(about) {
    $("actions").hidden = about === null;
    say($("archive"), about?.archived ? "Take out of the archive" : "Archive");
  }

  #bind(id, act) {
    $(id).addEventListener("click", async () => {
      $("menu").hidePopover();
      const thread = this.#thread();
      await act(thread.id).catch((problem) => this.#failed(thread, problem));
      if (thread === this.#thread()) $("actions").focus();
    });
  }

  async #rename(id) {
    const about = await api.conversation(id);
    const title = await ask({
      heading: "Rename conversation",
      text: "Leave it empty to take the title away.",
      confirm: "Rename",
      value: about.title ?? "",
    });
    if (title === null || title === (about.title ?? "")) return;
    const changes = { title: title === "" ? null : title };
    this.#onChanged(await whileTitleIs(about, (etag) => api.change(id, changes, etag)));
  }

  async #archive(about) {
    const archived = !about.archived;
    this.#onChanged(await api.change(about.id, { archived }));
    notice(archived ? "It is in the archive now." : "It is out of the archive.");
  }

  async #delete(id) {
    const about = await api.conversation(id);
    const { message_count: count } = about;
    const confirmed = await ask({
      heading: "Delete conversation?",
      // Isolated (U+2068): a title that turns the direction of writing must not turn the sentence.
      text: `“\u2068${titleOf(about)}\u2069” and ${count === 1 ? "its message" : `its ${count} messages`} will be gone for good.`,
      confirm: "Delete",
      isDanger: true,
    });
    if (confirmed === null) return;
    // Not with a message that was written since: nobody has agreed to that.
    await api.remove(id, about.etag);
    this.#onDeleted(about.id);
  }

  async #failed(thread, problem) {
    if (problem.status !== 409 && problem.status !== 412) return this.#onProblem(problem);
    notice(MOVED);
    await api.conversation(thread.id).then((about) => this.#onChanged(about), this.#onProblem);
  }
}

/** Changes what has this title, and not what somebody has renamed meanwhile. A message more does not matter. */
async function whileTitleIs(about, change) {
  try {
    return await change(about.etag);
  } catch (problem) {
    if (problem.status !== 412) throw problem;
    const now = await api.conversation(about.id);
    if (now.title !== about.title) throw problem;
    return whileTitleIs(now, change);
  }
}
