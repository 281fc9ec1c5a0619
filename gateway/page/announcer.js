// Says the newest thing to a screen reader, politely and not more often than it can be listened to.

const PAUSE_MS = 2_500;

export class Announcer {
  #region;
  #next = null;
  #timer = null;

  /** region: an element with aria-live. */
  constructor(region) {
    this.#region = region;
  }

  /** What was not yet said is replaced by what is newer. */
  say(words) {
    this.#next = words;
    this.#timer ??= setTimeout(() => this.#speak(), 300);
  }

  clear() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#next = null;
    this.#region.textContent = "";
  }

  #speak() {
    if (this.#next !== null && this.#region.textContent !== this.#next) this.#region.textContent = this.#next;
    this.#next = null;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#next !== null) this.#speak();
    }, PAUSE_MS);
  }
}
