// The last minute of one camera: confidence, and which gesture was held from when to when.

import { isGesture, mainHand } from "./prediction.js";

export const SPAN_MS = 60_000;
const GAP_MS = 2_000;
const KEPT_EVENTS = 40;

/** Times are milliseconds of the browser's clock at arrival: the clocks of other machines may differ. */
export class Track {
  /** {at, confidence, gesture}, oldest first; confidence null without a hand. */
  points = [];
  /** {gesture, hand, trackId, startedAt, endedAt, confidence}, oldest first; endedAt null while it is held. */
  events = [];

  addPrediction(prediction, now = Date.now()) {
    // A frame that was skipped says nothing of what it showed.
    if (prediction.status === "stale") return;
    const hand = mainHand(prediction);
    const confidence = hand && isGesture(hand.gesture) ? hand.confidence : null;
    // What was not seen is not joined by a line.
    const previous = this.points.at(-1);
    if (previous && now - previous.at > GAP_MS) this.points.push({ at: now - 1, confidence: null, gesture: null });
    this.points.push({ at: now, confidence, gesture: hand?.gesture ?? null });
    while (this.points.length && now - this.points[0].at > SPAN_MS) this.points.shift();
  }

  addGesture({ gesture, hand, phase, confidence, track_id: trackId }, now = Date.now()) {
    // There may be two left hands. A track may be lost and found again, with another id, while the gesture is held.
    const isSame = (event) => (phase === "started" ? event.trackId === trackId : event.gesture === gesture);
    const held = this.events.find((event) => event.endedAt === null && event.hand === hand && isSame(event));
    if (held) held.endedAt = now;
    if (phase !== "started") return;
    this.events.push({ gesture, hand, trackId, startedAt: now, endedAt: null, confidence });
    if (this.events.length > KEPT_EVENTS) this.events.shift();
  }

  /** What is still held ends when the camera is gone. */
  end(now = Date.now()) {
    for (const event of this.events) event.endedAt ??= now;
  }
}

/** The tracks of all cameras that are there. */
export class Tracks {
  #byCamera = new Map();

  of(camera) {
    if (!this.#byCamera.has(camera)) this.#byCamera.set(camera, new Track());
    return this.#byCamera.get(camera);
  }

  keepOnly(cameras) {
    for (const camera of this.#byCamera.keys()) if (!cameras.has(camera)) this.#byCamera.delete(camera);
  }
}
