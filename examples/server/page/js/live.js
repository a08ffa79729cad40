// Keeps the page up to date: it asks every few seconds, and at once when another tab has changed something.

import { Problem } from "./problem.js";

const VISIBLE = 3_000;
const HIDDEN = 30_000;
const MOST = 30_000;

export class Live {
  #ask;
  #onState;
  #timer;
  #failures = 0;
  #isRunning = false;
  #channel = new BroadcastChannel("scrollback");

  /** `ask` reads what is new, or throws; `onState` is told whether the server answers. */
  constructor(ask, onState) {
    this.#ask = ask;
    this.#onState = onState;
    this.#channel.addEventListener("message", () => this.now());
    for (const name of ["online", "focus"]) addEventListener(name, () => this.now());
    document.addEventListener("visibilitychange", () => this.now());
  }

  start() {
    this.#isRunning = true;
    this.#plan();
  }

  stop() {
    this.#isRunning = false;
    clearTimeout(this.#timer);
  }

  /** Asks now. */
  now() {
    if (!this.#isRunning) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tick(), 0);
  }

  /** Lets the other tabs ask now. */
  tell() {
    this.#channel.postMessage("changed");
  }

  /** A request was answered, or was not. */
  saw(isAnswered) {
    this.#failures = isAnswered ? 0 : this.#failures + 1;
    this.#onState(isAnswered);
  }

  async #tick() {
    try {
      await this.#ask();
      this.saw(true);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.saw(problem.status !== 0 && problem.status < 500);
    } finally {
      this.#plan();
    }
  }

  #plan() {
    clearTimeout(this.#timer);
    if (!this.#isRunning) return;
    const usual = document.visibilityState === "visible" ? VISIBLE : HIDDEN;
    const wait = Math.min(usual * 2 ** this.#failures, MOST);
    this.#timer = setTimeout(() => this.#tick(), wait);
  }
}
