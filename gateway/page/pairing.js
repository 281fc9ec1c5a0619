// Brings a frame and its prediction together, so that a hand is drawn on the very picture that it was found in.

const KEPT = 24;
// Outcomes that stay away so long do not come: no worker runs, and the frames are shown without.
const SILENCE_MS = 2_000;

/** onPair(jpeg, prediction or null) is called in the order of the frames; frames that were overtaken are left out. */
export class Pairing {
  #frames = new Map();
  #predictions = new Map();
  #onPair;
  #predictedAt = performance.now();

  constructor(onPair) {
    this.#onPair = onPair;
  }

  addFrame(header, jpeg) {
    const key = keyOf(header);
    const prediction = this.#predictions.get(key);
    if (prediction) {
      this.#show(key, jpeg, prediction);
      return;
    }
    this.#frames.set(key, jpeg);
    const silent = performance.now() - this.#predictedAt > SILENCE_MS;
    if (silent) this.#show(key, jpeg, null);
    else if (this.#frames.size > KEPT) this.#show(...this.#frames.entries().next().value, null);
  }

  addPrediction(prediction) {
    const key = keyOf(prediction);
    this.#predictedAt = performance.now();
    const jpeg = this.#frames.get(key);
    if (jpeg) {
      this.#show(key, jpeg, prediction);
      return;
    }
    this.#predictions.set(key, prediction);
    if (this.#predictions.size > KEPT) this.#predictions.delete(this.#predictions.keys().next().value);
  }

  #show(key, jpeg, prediction) {
    // Whatever came before it is past.
    for (const older of this.#frames.keys()) {
      const isThis = older === key;
      this.#frames.delete(older);
      if (isThis) break;
    }
    this.#onPair(jpeg, prediction);
  }
}

// A sequence begins anew with each run; the moment of capture does not.
function keyOf({ sequence, captured_at }) {
  return `${sequence}@${Date.parse(captured_at)}`;
}
