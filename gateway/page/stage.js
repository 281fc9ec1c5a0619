// One camera of the wall, large.

import { Feed } from "./feed.js";
import { perSecond } from "./figures.js";
import { Pairing } from "./pairing.js";
import { Picture } from "./picture.js";
import { News, gestureInWords } from "./prediction.js";
import { Reading } from "./reading.js";

const FRAMES_PER_SECOND = 15;

/** Events: `close` with detail = camera id, when the user has closed it. */
export class Stage extends EventTarget {
  #section;
  #access;
  #reading;
  #picture;
  #canvas;
  #feed = null;
  #camera = null;

  constructor(section, access) {
    super();
    this.#section = section;
    this.#access = access;
    this.#reading = new Reading(section);
    this.#canvas = section.querySelector("[data-part=picture]");
    this.#picture = new Picture(this.#canvas);
    section.querySelector("[data-part=close]").addEventListener("click", () => this.dismiss());
  }

  get camera() {
    return this.#camera;
  }

  get reading() {
    return this.#reading;
  }

  open(camera, track) {
    this.close();
    this.#camera = camera;
    this.#section.hidden = false;
    this.#section.dataset.camera = camera;
    this.#section.querySelector("[data-part=title]").textContent = camera;
    this.#canvas.setAttribute("aria-label", `Latest picture of ${camera} with the hands found in it`);
    this.#canvas.getContext("2d").clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#reading.open(track);
    const news = new News();
    const pairing = new Pairing((jpeg, prediction) => this.#picture.show(jpeg, prediction));
    this.#feed = new Feed(this.#access, { cameras: [camera], framesPerSecond: FRAMES_PER_SECOND });
    this.#feed.addEventListener("frame", ({ detail }) => pairing.addFrame(detail.header, detail.jpeg));
    this.#feed.addEventListener("prediction", ({ detail }) => {
      pairing.addPrediction(detail);
      if (news.isNews(detail)) this.#reading.show(detail);
    });
    this.#feed.addEventListener("gesture", ({ detail }) => {
      if (detail.phase === "started") this.#reading.announce(`${camera}: ${gestureInWords(detail.gesture)}`);
    });
    this.#feed.open();
    this.#section.scrollIntoView({ block: "nearest" });
    this.#section.querySelector("[data-part=close]").focus({ preventScroll: true });
  }

  /** summary: the camera's entry of the gateway's list; null once it is gone. */
  update(summary) {
    this.#reading.fact("rate", summary ? perSecond(summary.frames_per_second) : null);
    this.#section.querySelector("[data-part=gone]").hidden = Boolean(summary);
  }

  close() {
    this.#feed?.close();
    this.#feed = null;
    this.#camera = null;
    this.#reading.close();
    this.#section.hidden = true;
  }

  /** Closed by the user, who goes on where the camera was chosen. */
  dismiss() {
    const camera = this.#camera;
    if (camera === null) return;
    this.close();
    this.dispatchEvent(new CustomEvent("close", { detail: camera }));
  }
}
