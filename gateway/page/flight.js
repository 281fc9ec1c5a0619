// The frames that are on their way: how many may be, and which were lost.

const MOST = 2;
const LOST_AFTER_MS = 2_000;

export class Flight {
  /** sequence → {capturedAt, sentAt}, on performance.now()'s clock. */
  #frames = new Map();
  #sequence = 0;
  lost = 0;

  get hasRoom() {
    this.#forget();
    return this.#frames.size < MOST;
  }

  /** The number of a frame that is sent now. */
  depart(capturedAt) {
    const sequence = this.#sequence++;
    this.#frames.set(sequence, { capturedAt, sentAt: performance.now() });
    return sequence;
  }

  /** When the frame was captured, or null for one that was given up; it makes room. */
  land(sequence) {
    const frame = this.#frames.get(sequence);
    this.#frames.delete(sequence);
    return frame?.capturedAt ?? null;
  }

  /** A new connection knows nothing of the old one's frames. */
  clear() {
    this.#frames.clear();
  }

  #forget() {
    const now = performance.now();
    for (const [sequence, { sentAt }] of this.#frames) {
      if (now - sentAt < LOST_AFTER_MS) continue;
      this.#frames.delete(sequence);
      this.lost += 1;
    }
  }
}
