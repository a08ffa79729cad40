// Sends what stands in the outbox, and reads the reply as it comes.

import * as api from "./api.js";
import { events } from "./events.js";
import { outbox, whileSending } from "./outbox.js";
import { Problem } from "./problem.js";

// The bot has two minutes until its first word; then the server sends something every 15 seconds.
const FIRST_WORD = 150_000;
const NEXT_WORD = 45_000;

/** Sends an entry, and says whether that went well; if not, the entry has the `problem`. */
export async function deliver(entry, { onStarted, onAnswered }) {
  outbox.update(entry, { state: "sending", problem: null, partial: "" });
  try {
    await whileSending(entry.key, async () => {
      if (!entry.session) await start(entry, onStarted);
      onAnswered(await say(entry));
      outbox.remove(entry.key);
    });
    return true;
  } catch (problem) {
    // Whatever has come of the reply is not stored.
    outbox.update(entry, { state: "failed", problem, partial: "" });
    if (!(problem instanceof Problem)) throw problem;
    return false;
  }
}

/** The conversation begins with its first message, and is called by its first words. */
async function start(entry, onStarted) {
  const { session_id, conversation } = await api.start(titleOf(entry.text), entry.key);
  onStarted(conversation);
  outbox.update(entry, { session: session_id, conversation: conversation.id });
}

async function say(entry) {
  const silence = new Silence(FIRST_WORD);
  try {
    const response = await api.say(entry.session, entry.text, entry.key, silence.signal);
    for await (const { name, data } of events(response, () => silence.restart(NEXT_WORD))) {
      const sent = JSON.parse(data);
      if (name === "token") outbox.update(entry, { partial: entry.partial + sent.text });
      if (name === "message") return sent;
      if (name === "problem") throw new Problem(sent.status, sent);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    // The connection broke off, or it brought what is no reply.
  } finally {
    silence.end();
  }
  throw new Problem(0);
}

/** Gives a request up that is silent for too long. */
class Silence {
  #abort = new AbortController();
  #timer;

  constructor(patience) {
    this.restart(patience);
  }

  get signal() {
    return this.#abort.signal;
  }

  restart(patience) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(), patience);
  }

  end() {
    clearTimeout(this.#timer);
    // Nobody reads on: the connection is free for others.
    this.#abort.abort();
  }
}

const TITLE = 60;

/** The first words of a text, on one line. */
export function titleOf(text) {
  const line = text.replace(/\s+/gu, " ").trim();
  if (line.length <= TITLE) return line;
  const cut = [...line.slice(0, TITLE)].slice(0, -1).join("");
  const words = cut.slice(0, cut.lastIndexOf(" "));
  return `${words || cut}…`;
}
