// The way of this browser's frames: out as pictures, back as predictions.

import { Flight } from "./flight.js";
import { packFrame } from "./frame-message.js";
import { LiveSocket } from "./socket.js";

const WISHED_FRAMES_PER_SECOND = 15;
const WISHED_LONG_SIDE = 480;
// Bytes that the network has not taken yet: more frames would only grow old.
const MOST_BUFFERED_BYTES = 256 * 1024;

/**
 * Events: `welcome` with detail = {camera, framesPerSecond, longSide}; `prediction` with detail = {prediction,
 * capturedAt}, capturedAt on performance.now()'s clock, or null for a frame that was given up; `lost` with detail =
 * {reason, retryInMs}; `refused` with detail = Error.
 */
export class CameraLink extends EventTarget {
  #socket;
  #flight = new Flight();
  #isWelcome = false;
  #mostBytes = Infinity;
  dropped = 0;

  /** name: what the user calls the camera. width, height: of its pictures, in pixels. */
  constructor(access, { name, width, height }) {
    super();
    this.#socket = new LiveSocket("/ws/camera", access);
    this.#socket.addEventListener("open", () => {
      this.#flight.clear();
      this.#socket.send(JSON.stringify({ type: "hello", name, fps: WISHED_FRAMES_PER_SECOND, width, height }));
    });
    this.#socket.addEventListener("message", ({ detail }) => this.#hear(JSON.parse(detail)));
    this.#socket.addEventListener("lost", ({ detail }) => {
      this.#isWelcome = false;
      this.#tell("lost", detail);
    });
    this.#socket.addEventListener("refused", ({ detail }) => this.#tell("refused", detail));
  }

  /** Frames that were sent and not answered. */
  get lost() {
    return this.#flight.lost;
  }

  /** Whether a frame would be taken now. */
  get hasRoom() {
    return this.#isWelcome && this.#flight.hasRoom && this.#socket.bufferedBytes < MOST_BUFFERED_BYTES;
  }

  open() {
    this.#socket.open();
  }

  /** jpeg: ArrayBuffer. capturedAt: on performance.now()'s clock. */
  send({ jpeg, capturedAt }) {
    if (!this.hasRoom) return;
    if (jpeg.byteLength > this.#mostBytes) {
      this.dropped += 1;
      return;
    }
    const sequence = this.#flight.depart(capturedAt);
    const moment = new Date(performance.timeOrigin + capturedAt).toISOString();
    this.#socket.send(packFrame({ sequence, captured_at: moment }, jpeg));
  }

  close() {
    this.#socket.close();
  }

  #hear(message) {
    if (message.type === "welcome") {
      this.#isWelcome = true;
      this.#mostBytes = message.max_bytes;
      this.#tell("welcome", {
        camera: message.camera,
        framesPerSecond: Math.min(WISHED_FRAMES_PER_SECOND, message.max_fps),
        longSide: Math.min(WISHED_LONG_SIDE, message.max_side),
      });
    } else if (message.type === "prediction") {
      this.#tell("prediction", { prediction: message.prediction, capturedAt: this.#flight.land(message.sequence) });
    } else if (message.type === "dropped") {
      this.#flight.land(message.sequence);
      this.dropped += 1;
    } else if (message.type === "refused") {
      // Whoever is refused would be again: no new try by itself.
      this.close();
      this.#tell("refused", new Error(message.problem.detail || message.problem.title));
    }
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
