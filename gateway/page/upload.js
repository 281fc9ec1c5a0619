// A picture that is chosen, dropped or pasted, and what is recognised in it.

import { percent } from "./figures.js";
import { drawHands, fitCanvas } from "./overlay.js";
import { gestureInWords } from "./prediction.js";
import { writeSentence } from "./sentence.js";

const LONGEST_SIDE = 1280;

/** The section's data-state is one of: idle, busy, done, failed. */
export class Upload {
  #section;
  #access;
  #attempt = 0;

  constructor(section, access) {
    this.#section = section;
    this.#access = access;
    const file = this.#part("file");
    this.#part("choose").addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      this.#takeFirst(file.files);
      // The same file may be chosen again.
      file.value = "";
    });
    this.#listenForDrops();
    document.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (files.length) this.#takeFirst(files);
    });
  }

  async predict(file) {
    const attempt = ++this.#attempt;
    this.#state("busy", `Looking at ${file.name}`);
    const body = new FormData();
    body.append("file", file, file.name);
    try {
      const answer = await this.#access.fetch("/predict", { method: "POST", body });
      const prediction = await answer.json();
      const image = await createImageBitmap(file).catch(() => null);
      if (attempt === this.#attempt) this.#show(file, image, prediction);
      image?.close();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#part("result").hidden = true;
      const reason = error instanceof TypeError ? "The gateway does not answer. Is it running?" : error.message;
      this.#state("failed", `${error.title ? `${error.title}: ` : ""}${reason}`);
    }
  }

  #takeFirst(files) {
    if (files.length) this.predict(files[0]);
  }

  #show(file, image, prediction) {
    const canvas = this.#part("picture");
    canvas.hidden = image === null;
    if (image) {
      const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
      fitCanvas(canvas, Math.round(image.width * scale), Math.round(image.height * scale));
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      drawHands(context, prediction.hands);
    }
    const words = prediction.hands.map(
      (hand) => `${gestureInWords(hand.gesture)}, ${percent(hand.confidence)}, ${hand.handedness} hand`,
    );
    canvas.setAttribute("aria-label", `${file.name}: ${words.join("; ") || "no hand"}`);
    this.#part("hands").replaceChildren(...(prediction.hands.length ? prediction.hands.map(handItem) : [noHand()]));
    this.#part("json").textContent = readableJson(prediction);
    this.#part("result").hidden = false;
    this.#state("done", file.name);
  }

  #state(state, note) {
    this.#section.dataset.state = state;
    writeSentence(this.#part("note"), note);
    this.#section.setAttribute("aria-busy", String(state === "busy"));
  }

  /** Anywhere on the page: who drags a picture should not have to aim. */
  #listenForDrops() {
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    const mark = (isOver) => document.body.classList.toggle("is-dropping", isOver);
    document.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      mark(true);
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && mark(false));
    document.addEventListener("drop", (event) => {
      mark(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.#section.scrollIntoView({ block: "nearest" });
      this.#takeFirst(event.dataTransfer.files);
    });
  }

  #part(name) {
    return this.#section.querySelector(`[data-part=${name}]`);
  }
}

/** A point on one line: 21 of them are long enough. */
function readableJson(value) {
  return JSON.stringify(value, null, 2).replaceAll(/\[[\d\s.,e-]+\]/g, (numbers) =>
    numbers.replaceAll(/\s+/g, " ").replace("[ ", "[").replace(" ]", "]"),
  );
}

function handItem(hand) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  name.textContent = gestureInWords(hand.gesture);
  item.dataset.gesture = hand.gesture;
  item.append(name, ` ${percent(hand.confidence)}, ${hand.handedness} hand`);
  return item;
}

function noHand() {
  const item = document.createElement("li");
  item.textContent = "No hand found";
  return item;
}
