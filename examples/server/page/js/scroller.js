// Where the reader is: at the end, which stays at the end, or further up, which stays where it is.

/** So near to the end counts as the end. */
const NEAR = 80;

export class Scroller {
  #element;
  #isAtEnd = true;

  /** `onStart` is called when the reader comes near the start, `onEnd` when they arrive at the end. */
  constructor(element, { onStart, onEnd }) {
    this.#element = element;
    element.addEventListener("scroll", () => {
      this.#isAtEnd = this.#toEnd < NEAR;
      if (this.#isAtEnd) onEnd();
      if (this.isNearStart) onStart();
    });
    // A keyboard that opens, or a draft that grows, must not hide the end.
    new ResizeObserver(() => this.#isAtEnd && this.toEnd()).observe(element);
  }

  get #toEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#element;
    return scrollHeight - scrollTop - clientHeight;
  }

  get isAtEnd() {
    return this.#isAtEnd;
  }

  /** Whether less than a screen is left above. */
  get isNearStart() {
    return this.#element.scrollTop < this.#element.clientHeight;
  }

  toEnd() {
    this.#isAtEnd = true;
    this.#element.scrollTop = this.#element.scrollHeight;
  }

  /** Changes what is below the reader, and follows if they were at the end. */
  follow(change) {
    const follows = this.#isAtEnd;
    change();
    if (follows) this.toEnd();
  }

  /** Changes what is above `anchor`, and leaves that where it is on the screen. */
  hold(anchor, change) {
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    const after = anchor?.getBoundingClientRect().top ?? 0;
    this.#element.scrollTop += after - before;
  }
}
