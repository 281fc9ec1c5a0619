// Brings a frame and its prediction together, so that a hand is drawn on the very picture that it was found in.

// Some seconds of a camera: the lag up to which a picture still meets its prediction.
const KEPT = 40;
// No worker, or one that is far behind: then frames are shown as they come, without what was found in them.
const PATIENCE_MS = 1_500;

export class Pairing {
  #frames = new Map();
  #predictions = new Map();
  #onPicture;
  #pairedAt = performance.now();

  /** onPicture(jpeg, prediction or null): what to show now. */
  constructor(onPicture) {
    this.#onPicture = onPicture;
  }

  addFrame(header, jpeg) {
    const key = keyOf(header);
    const prediction = this.#predictions.get(key);
    if (prediction) {
      this.#pair(key, jpeg, prediction);
      return;
    }
    this.#frames.set(key, jpeg);
    forgetOldest(this.#frames);
    if (performance.now() - this.#pairedAt > PATIENCE_MS) this.#onPicture(jpeg, null);
  }

  addPrediction(prediction) {
    const key = keyOf(prediction);
    const jpeg = this.#frames.get(key);
    if (jpeg) {
      this.#pair(key, jpeg, prediction);
      return;
    }
    this.#predictions.set(key, prediction);
    forgetOldest(this.#predictions);
  }

  #pair(key, jpeg, prediction) {
    this.#pairedAt = performance.now();
    // Whatever came before it is past.
    for (const older of this.#frames.keys()) {
      const isThis = older === key;
      this.#frames.delete(older);
      if (isThis) break;
    }
    this.#onPicture(jpeg, prediction);
  }
}

function forgetOldest(map) {
  if (map.size > KEPT) map.delete(map.keys().next().value);
}

// A sequence begins anew with each run; the moment of capture does not.
function keyOf({ sequence, captured_at }) {
  return `${sequence}@${Date.parse(captured_at)}`;
}
