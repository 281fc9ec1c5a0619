// What a large view says of its camera: the gesture, how sure, how fast, and what there was in the last minute.

import { Announcer } from "./announcer.js";
import { ConfidenceChart } from "./chart.js";
import { milliseconds, percent } from "./figures.js";
import { inWords, isGesture, latencyMs, mainHand } from "./prediction.js";
import { Timeline } from "./timeline.js";

// Charts need not follow each frame.
const REDRAW_MS = 250;

export class Reading {
  #root;
  #part;
  #track;
  #chart;
  #timeline;
  #announcer;
  #timer = null;

  /** root: an element with the parts of the template `reading`. */
  constructor(root) {
    this.#root = root;
    this.#part = (name) => root.querySelector(`[data-part=${name}]`);
    this.#chart = new ConfidenceChart(this.#part("chart"));
    this.#timeline = new Timeline(this.#part("timeline"), this.#part("events"));
    this.#announcer = new Announcer(this.#part("announcer"));
  }

  setThresholds(thresholds, other) {
    this.#chart.setThresholds(thresholds, other);
  }

  /** Begin with a camera's track. */
  open(track) {
    this.close();
    this.#track = track;
    this.show(null);
    const redraw = () => {
      this.#chart.draw(this.#track);
      this.#timeline.draw(this.#track);
    };
    redraw();
    this.#timer = setInterval(redraw, REDRAW_MS);
  }

  close() {
    clearInterval(this.#timer);
    this.#announcer.clear();
  }

  restyle() {
    this.#chart.restyle();
  }

  /** prediction: null where there is none yet. */
  show(prediction) {
    const hand = prediction && mainHand(prediction);
    const gesture = this.#part("gesture");
    gesture.textContent = inWords(prediction);
    gesture.dataset.gesture = hand?.gesture ?? prediction?.status ?? "";
    this.#root.classList.toggle("has-gesture", isGesture(hand?.gesture));
    this.#part("hand").textContent = hand ? `${hand.handedness} hand` : "";
    this.#part("confidence").textContent = percent(hand?.confidence);
    this.#part("confidence-bar").style.inlineSize = `${100 * (hand?.confidence ?? 0)}%`;
    this.#showScores(hand);
    this.fact("latency", prediction ? milliseconds(latencyMs(prediction)) : null);
    this.fact("landmarks", prediction ? milliseconds(prediction.timings_ms.landmarks) : null);
    this.fact("queue", prediction ? milliseconds(prediction.timings_ms.queue) : null);
  }

  /** Say a gesture to a screen reader, politely. */
  announce(words) {
    this.#announcer.say(words);
  }

  /** One of the figures below the gesture. */
  fact(name, text) {
    this.#part(name).textContent = text ?? "–";
  }

  #showScores(hand) {
    const rows = this.#part("scores").children;
    const scores = hand ? Object.entries(hand.scores) : [];
    for (const [number, row] of [...rows].entries()) {
      const [gesture, ratio] = scores[number] ?? ["", null];
      row.children[0].textContent = gesture ? gesture.replaceAll("_", " ") : "–";
      row.children[1].textContent = ratio === null ? "" : percent(ratio);
    }
  }
}
