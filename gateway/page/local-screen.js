// The own picture as in a mirror, and the hands drawn over it. Words beside it are never mirrored.

import { drawHands, fitCanvas } from "./overlay.js";

export class LocalScreen {
  #video;
  #context;
  #isMirror = true;

  /** video: shows the camera. canvas: lies over it. */
  constructor(video, canvas) {
    this.#video = video;
    this.#context = canvas.getContext("2d");
  }

  get video() {
    return this.#video;
  }

  /** webcam: a Webcam. Returns once it plays. */
  async play(webcam) {
    this.#isMirror = webcam.isMirror;
    this.#video.classList.toggle("is-mirror", webcam.isMirror);
    this.#video.srcObject = webcam.stream;
    // A pause of the browser's own, as in a hidden tab, is no failure.
    await this.#video.play().catch(() => {});
  }

  clear() {
    this.#video.srcObject = null;
    this.draw([]);
  }

  /** hands: of the newest prediction; drawn as they are, nothing is guessed of how they moved on since. */
  draw(hands) {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (width) fitCanvas(this.#context.canvas, width, height);
    this.#context.clearRect(0, 0, this.#context.canvas.width, this.#context.canvas.height);
    drawHands(this.#context, hands, { mirrored: this.#isMirror });
  }
}
