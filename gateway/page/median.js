// The median of the newest values.

export class RunningMedian {
  #values = [];
  #capacity;

  constructor(capacity) {
    this.#capacity = capacity;
  }

  add(value) {
    this.#values.push(value);
    if (this.#values.length > this.#capacity) this.#values.shift();
  }

  clear() {
    this.#values = [];
  }

  get count() {
    return this.#values.length;
  }

  /** null without a value. */
  get median() {
    if (!this.#values.length) return null;
    const sorted = this.#values.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
