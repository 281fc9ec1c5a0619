// How many times a second something happened, over the last few seconds.

const WINDOW_MS = 3_000;

export class Rate {
  #times = [];

  add(now = performance.now()) {
    this.#times.push(now);
    this.#forget(now);
  }

  clear() {
    this.#times = [];
  }

  /** null until there are two. */
  perSecond(now = performance.now()) {
    this.#forget(now);
    if (this.#times.length < 2) return null;
    return (1000 * (this.#times.length - 1)) / (this.#times.at(-1) - this.#times[0] || 1);
  }

  #forget(now) {
    while (this.#times.length && now - this.#times[0] > WINDOW_MS) this.#times.shift();
  }
}
