// A canvas that shows the newest picture of a camera, with the hands that were found in it.

import { drawHands, fitCanvas } from "./overlay.js";

export class Picture {
  #canvas;
  #context;
  #waiting = null;
  #busy = false;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
  }

  /** Pictures that come while one is being decoded replace each other. prediction: of this very picture, or null. */
  async show(jpeg, prediction) {
    this.#waiting = { jpeg, prediction };
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#waiting) {
        const next = this.#waiting;
        this.#waiting = null;
        await this.#draw(next);
      }
    } finally {
      this.#busy = false;
    }
  }

  async #draw({ jpeg, prediction }) {
    let image;
    try {
      image = await createImageBitmap(jpeg);
    } catch {
      // A frame that is no picture is a dead letter; the picture before it stays.
      return;
    }
    fitCanvas(this.#canvas, image.width, image.height);
    this.#context.drawImage(image, 0, 0);
    image.close();
    drawHands(this.#context, prediction?.hands ?? []);
    this.#canvas.dataset.sequence = prediction?.sequence ?? "";
  }
}
