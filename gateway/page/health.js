// How the stream is doing: the figures, the state in one sentence, and which gestures were seen.

import { count, milliseconds, perSecond, percent, seconds } from "./figures.js";
import { colourOf } from "./palette.js";
import { gestureInWords } from "./prediction.js";
import { writeSentence } from "./sentence.js";

const TITLES = {
  ok: "Live",
  no_broker: "No broker",
  no_worker: "No worker",
  no_camera: "No camera",
  no_gateway: "Not connected",
};

export class Health {
  #section;
  #pill;
  #banner;

  /** section: the figures. pill: the state in two words. banner: the state and what to do about it. */
  constructor({ section, pill, banner }) {
    this.#section = section;
    this.#pill = pill;
    this.#banner = banner;
  }

  /** health: an answer of /stream/health. */
  show(health) {
    this.#state(health.state, health.message);
    const hasFigures = health.state !== "no_broker";
    this.#figure("throughput", hasFigures ? perSecond(health.frames_per_second) : null);
    this.#figure("lag", hasFigures ? count(health.lag_records) : null);
    this.#figure("lag-seconds", hasFigures && health.lag_seconds != null ? seconds(health.lag_seconds) : "");
    this.#figure("p50", milliseconds(health.latency_p50_ms));
    this.#section.querySelector("[data-part=p50]").dataset.milliseconds = health.latency_p50_ms ?? "";
    this.#figure("p95", milliseconds(health.latency_p95_ms));
    this.#figure("workers", count(health.workers));
    this.#figure("dead-letters", count(health.dead_letters));
    this.#figure("model", health.model ? `${health.model.name} ${health.model.version}` : null);
    this.#figure("broker", health.broker);
    this.#showGestures(health.gestures ?? {});
  }

  /** The connection is lost; message says what happens next. */
  showLost(message) {
    this.#state("no_gateway", message);
  }

  #state(state, message) {
    this.#pill.dataset.state = state;
    const title = TITLES[state] ?? state;
    const word = this.#pill.querySelector("[data-part=word]");
    if (word.textContent !== title) word.textContent = title;
    this.#banner.dataset.state = state;
    this.#banner.hidden = state === "ok";
    if (state === "ok") return;
    this.#write(this.#banner.querySelector("[data-part=title]"), title);
    writeSentence(this.#banner.querySelector("[data-part=message]"), message);
  }

  #figure(name, text) {
    this.#write(this.#section.querySelector(`[data-part=${name}]`), text ?? "–");
  }

  /** Text that did not change is not written: a screen reader would say it again. */
  #write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  #showGestures(gestures) {
    const rows = Object.entries(gestures).sort(([, a], [, b]) => b - a);
    const total = rows.reduce((sum, [, number]) => sum + number, 0);
    const list = this.#section.querySelector("[data-part=gestures]");
    this.#section.querySelector("[data-part=no-gestures]").hidden = rows.length > 0;
    while (list.children.length > rows.length) list.lastElementChild.remove();
    while (list.children.length < rows.length) list.append(bar());
    for (const [number, [gesture, seen]] of rows.entries()) {
      const item = list.children[number];
      const [name, track, figure] = item.children;
      item.dataset.gesture = gesture;
      name.textContent = gestureInWords(gesture);
      track.firstElementChild.style.inlineSize = `${(100 * seen) / rows[0][1]}%`;
      track.firstElementChild.style.background = colourOf(gesture);
      figure.textContent = percent(seen / total);
      figure.title = `${count(seen)} frames`;
    }
  }
}

function bar() {
  const item = document.createElement("li");
  const [name, track, fill, figure] = ["span", "span", "span", "span"].map((tag) => document.createElement(tag));
  name.className = "bar-name";
  track.className = "bar-track";
  fill.className = "bar-fill";
  figure.className = "bar-figure";
  track.append(fill);
  item.append(name, track, figure);
  return item;
}
