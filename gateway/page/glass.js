// Glass to overlay: how long from a picture's capture until what was found in it is painted over the video.

import { milliseconds } from "./figures.js";
import { RunningMedian } from "./median.js";

const KEPT = 100;

export class GlassToOverlay {
  #place;
  #median = new RunningMedian(KEPT);
  #total = 0;

  /** place: where the median of the last hundred is shown. */
  constructor(place) {
    this.#place = place;
  }

  /** An overlay was drawn just now. capturedAt: of its picture, on performance.now()'s clock. */
  drawn(capturedAt) {
    // The browser paints right after this callback, with the overlay in it.
    requestAnimationFrame(() => {
      this.#median.add(performance.now() - capturedAt);
      this.#total += 1;
      const { median, count } = this.#median;
      this.#place.textContent = milliseconds(median);
      Object.assign(this.#place.dataset, { milliseconds: median.toFixed(1), count, total: this.#total });
    });
  }

  clear() {
    this.#median.clear();
    this.#place.textContent = "–";
  }
}
