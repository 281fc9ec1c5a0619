// What the gateway tells a viewer: cameras, frames, predictions, gestures and the stream's health.

import { unpackFrame } from "./frame-message.js";
import { LiveSocket } from "./socket.js";

/**
 * Events, each with what it tells as `detail`: `prediction`, `gesture`, `health`, `cameras`, `frame` ({header, jpeg}),
 * and `open`, `lost` ({reason, retryInMs}), `refused` (Error) of the connection.
 */
export class Feed extends EventTarget {
  #socket;
  #wanted;
  #onVisibility = () => this.#say();

  /** cameras: a list of ids, or "*". framesPerSecond: of pictures, for each camera. */
  constructor(access, { cameras, framesPerSecond }) {
    super();
    this.#wanted = { cameras, framesPerSecond };
    const query = cameras === "*" ? "*" : cameras.map(encodeURIComponent).join(",");
    this.#socket = new LiveSocket(`/ws/view?cameras=${query}`, access);
    this.#socket.addEventListener("open", () => {
      this.#say();
      this.dispatchEvent(new Event("open"));
    });
    this.#socket.addEventListener("message", ({ detail }) => this.#hear(detail));
    for (const kind of ["lost", "refused"]) {
      this.#socket.addEventListener(kind, ({ detail }) => this.#tell(kind, detail));
    }
    document.addEventListener("visibilitychange", this.#onVisibility);
  }

  open() {
    return this.#socket.open();
  }

  /** Another rate of pictures from now on. */
  watch({ framesPerSecond }) {
    if (framesPerSecond === this.#wanted.framesPerSecond) return;
    this.#wanted.framesPerSecond = framesPerSecond;
    this.#say();
  }

  close() {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    this.#socket.close();
  }

  /** A page that nobody looks at asks for no camera. */
  #say() {
    const { cameras, framesPerSecond } = this.#wanted;
    const watched = document.hidden ? [] : cameras;
    this.#socket.send(JSON.stringify({ type: "watch", cameras: watched, frames_per_second: framesPerSecond }));
  }

  #hear(data) {
    if (typeof data !== "string") {
      this.#tell("frame", unpackFrame(data));
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "prediction") this.#tell("prediction", message.prediction);
    else if (message.type === "cameras") this.#tell("cameras", message.cameras);
    else if (message.type === "gesture" || message.type === "health") this.#tell(message.type, message);
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
