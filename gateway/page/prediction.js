// What can be said of a prediction (handstream.prediction.v1).

export const NO_GESTURE = "no_gesture";

/** The most confident hand that makes a gesture, else the most confident one; null without a hand. */
export function mainHand(prediction) {
  const rank = (hand) => (hand.gesture === NO_GESTURE ? 0 : 1) + hand.confidence / 2;
  return prediction.hands.reduce((best, hand) => (best && rank(best) >= rank(hand) ? best : hand), null);
}

/** Milliseconds from capture to outcome, by the clocks of producer and worker. */
export function latencyMs(prediction) {
  return Date.parse(prediction.processed_at) - Date.parse(prediction.captured_at);
}

// While a worker leaves out some frames, what it said of the others stands for so long.
const STANDS_MS = 1_000;

/** Tells which predictions say something new: one of a skipped frame does so only where nothing else came for a while. */
export class News {
  #recognisedAt = -Infinity;

  isNews(prediction, now = performance.now()) {
    if (prediction.status === "stale") return now - this.#recognisedAt > STANDS_MS;
    this.#recognisedAt = now;
    return true;
  }
}

/** What is in the picture, in words: a gesture, `no gesture`, `no hand`, or why there is nothing to say. */
export function inWords(prediction) {
  if (!prediction) return "waiting";
  if (prediction.status === "stale") return "skipped";
  const hand = mainHand(prediction);
  return hand ? gestureInWords(hand.gesture) : "no hand";
}

export function gestureInWords(gesture) {
  return gesture.replaceAll("_", " ");
}

/** Whether it names a gesture at all. */
export function isGesture(gesture) {
  return Boolean(gesture) && gesture !== NO_GESTURE;
}
