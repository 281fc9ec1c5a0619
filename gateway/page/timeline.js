// A strip of the last minute: which gesture was held when. One row for each hand.

import { seconds } from "./figures.js";
import { fitCanvas } from "./overlay.js";
import { INK_ON_COLOUR, colourOf, themeColour } from "./palette.js";
import { gestureInWords } from "./prediction.js";
import { SPAN_MS } from "./track.js";

const ROWS = ["left", "right"];
const TEXT_PADDING = 6;

export class Timeline {
  #canvas;
  #list;
  #listed = "";

  /** canvas: the strip. list: an <ol> that says the same in words, newest first. */
  constructor(canvas, list) {
    this.#canvas = canvas;
    this.#list = list;
  }

  draw(track, now = Date.now()) {
    this.#drawStrip(track, now);
    this.#fillList(track, now);
  }

  #drawStrip(track, now) {
    const ratio = devicePixelRatio;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!width) return;
    fitCanvas(this.#canvas, Math.round(width * ratio), Math.round(height * ratio));
    const context = this.#canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const row = height / ROWS.length;
    context.font = `600 ${Math.min(12, row * 0.62)}px ${themeColour("--font")}`;
    context.textBaseline = "middle";
    for (const [number, hand] of ROWS.entries()) {
      const middle = (number + 0.5) * row;
      context.fillStyle = themeColour("--sunken");
      context.beginPath();
      context.roundRect(0, middle - row * 0.42, width, row * 0.84, 4);
      context.fill();
      context.fillStyle = themeColour("--muted");
      const events = track.events.filter((event) => event.hand === hand && (event.endedAt ?? now) > now - SPAN_MS);
      if (!events.length) context.fillText(`${hand} hand`, TEXT_PADDING, middle);
      for (const event of events) drawEvent(context, event, { now, width, middle, height: row * 0.84 });
    }
  }

  #fillList(track, now) {
    const newest = track.events.slice(-6).reverse();
    // Rebuilt only when it says something else: a screen reader may be in it.
    const text = newest.map((event) => `${event.startedAt} ${event.endedAt}`).join();
    if (text === this.#listed && newest.every((event) => event.endedAt)) return;
    this.#listed = text;
    this.#list.replaceChildren(...newest.map((event) => eventItem(event, now)));
    this.#canvas.setAttribute(
      "aria-label",
      newest.length ? `Gestures of the last minute; the newest is ${gestureInWords(newest[0].gesture)}` : "No gesture yet",
    );
  }
}

function drawEvent(context, event, { now, width, middle, height }) {
  const place = (at) => Math.max(0, width * (1 - (now - at) / SPAN_MS));
  const left = place(event.startedAt);
  const wide = Math.max(2, place(event.endedAt ?? now) - left - 1);
  context.fillStyle = colourOf(event.gesture);
  context.beginPath();
  context.roundRect(left, middle - height / 2, wide, height, 4);
  context.fill();
  const words = gestureInWords(event.gesture);
  if (context.measureText(words).width + 2 * TEXT_PADDING > wide) return;
  context.fillStyle = INK_ON_COLOUR;
  context.fillText(words, left + TEXT_PADDING, middle);
}

function eventItem(event, now) {
  const item = document.createElement("li");
  const swatch = document.createElement("span");
  swatch.className = "swatch";
  swatch.style.background = colourOf(event.gesture);
  const name = document.createElement("strong");
  name.textContent = gestureInWords(event.gesture);
  item.dataset.gesture = event.gesture;
  const held = event.endedAt ? seconds((event.endedAt - event.startedAt) / 1000) : "now";
  const when = document.createElement("span");
  when.className = "when";
  when.textContent = event.endedAt ? `${seconds((now - event.startedAt) / 1000)} ago, for ${held}` : "held now";
  item.append(swatch, name, ` ${event.hand} hand `, when);
  return item;
}
