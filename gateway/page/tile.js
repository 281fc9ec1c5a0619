// One camera of the wall.

import { milliseconds, perSecond, percent } from "./figures.js";
import { Pairing } from "./pairing.js";
import { Picture } from "./picture.js";
import { News, inWords, isGesture, mainHand } from "./prediction.js";

// Not heard of for so long: the picture is an old one.
const SILENT_MS = 5_000;

export class Tile {
  element;
  #part;
  #picture;
  #pairing;
  #isSeen = true;
  #heardAt = Date.now();
  #news = new News();

  /** template: <template> of a tile. onOpen is called without arguments. */
  constructor(template, { camera, onOpen }) {
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.dataset.camera = camera;
    this.#part = (name) => this.element.querySelector(`[data-part=${name}]`);
    this.#part("name").textContent = camera;
    this.#part("name").title = camera;
    this.button.addEventListener("click", onOpen);
    this.#picture = new Picture(this.#part("picture"));
    this.#pairing = new Pairing((jpeg, prediction) => {
      if (!this.#isSeen) return;
      this.#part("picture").hidden = false;
      this.#picture.show(jpeg, prediction);
    });
  }

  get button() {
    return this.element.querySelector("button");
  }

  /** Whether it is on the screen; else pictures are not decoded. */
  set isSeen(seen) {
    this.#isSeen = seen;
  }

  set isOpen(open) {
    this.button.setAttribute("aria-pressed", String(open));
  }

  set badge(text) {
    this.#part("badge").textContent = text;
    this.#part("badge").hidden = !text;
  }

  addFrame(header, jpeg) {
    this.#heardAt = Date.now();
    this.#pairing.addFrame(header, jpeg);
  }

  addPrediction(prediction) {
    this.#heardAt = Date.now();
    this.#pairing.addPrediction(prediction);
    if (!this.#news.isNews(prediction)) return;
    const hand = mainHand(prediction);
    this.#name(inWords(prediction), hand);
  }

  /** summary: an entry of the gateway's list of cameras. */
  update(summary) {
    this.#part("rate").textContent = perSecond(summary.frames_per_second);
    this.#part("latency").textContent = milliseconds(summary.latency_ms);
    const isSilent = Date.now() - this.#heardAt > SILENT_MS;
    this.element.classList.toggle("is-silent", isSilent);
    if (isSilent) this.#name("silent", null);
  }

  #name(words, hand) {
    const gesture = this.#part("gesture");
    if (gesture.textContent !== words) gesture.textContent = words;
    gesture.dataset.gesture = hand?.gesture ?? "";
    this.element.classList.toggle("has-gesture", isGesture(hand?.gesture));
    this.#part("confidence").textContent = hand ? percent(hand.confidence) : "";
  }
}
