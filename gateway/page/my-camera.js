// Use my camera: this device's camera into the stream, and what the stream says back onto the picture.

import { CameraLink } from "./camera-link.js";
import { perSecond, percent } from "./figures.js";
import { GlassToOverlay } from "./glass.js";
import { Grabber } from "./grabber.js";
import { LocalScreen } from "./local-screen.js";
import { News, gestureInWords, inWords, mainHand } from "./prediction.js";
import { Rate } from "./rate.js";
import { Reading } from "./reading.js";
import { writeSentence } from "./sentence.js";
import { Webcam } from "./webcam.js";

// A hand that was seen so long ago is somewhere else by now.
const OVERLAY_MS = 1_000;
const SILENT_MS = 3_000;
const SILENT =
  "No predictions come back in time. Either no worker runs, then start one with `handstream worker`, or the workers do " +
  "not keep up: the lag below tells.";
const UNPLUGGED = "The camera was unplugged or taken away. Plug it in, then try again.";
const NAME_KEY = "handstream-camera-name";
const FAILED = ["denied", "no-camera", "insecure", "refused"];

/**
 * The section's data-state is one of: idle, asking, connecting, live, silent (no answers), lost (reconnecting), denied,
 * no-camera, insecure, refused. Events: `camera` with detail = its id in the stream, or null.
 */
export class MyCamera extends EventTarget {
  #section;
  #access;
  #tracks;
  #reading;
  #screen;
  #glass;
  #rate = new Rate();
  #webcam = null;
  #link = null;
  #grabber = null;
  #watchdog = null;
  #camera = null;
  #answeredAt = 0;
  #news = new News();
  // Whatever was begun by an earlier attempt is of no interest any more.
  #attempt = 0;

  constructor(section, access, tracks) {
    super();
    this.#section = section;
    this.#access = access;
    this.#tracks = tracks;
    this.#reading = new Reading(section);
    this.#screen = new LocalScreen(this.#part("video"), this.#part("overlay"));
    this.#glass = new GlassToOverlay(this.#part("glass"));
    const name = this.#part("name");
    name.value = localStorage.getItem(NAME_KEY) ?? name.value;
    this.#part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      localStorage.setItem(NAME_KEY, name.value);
      this.start();
    });
    this.#part("stop").addEventListener("click", () => {
      this.stop();
      this.#part("start").focus();
    });
    this.#part("devices").addEventListener("change", ({ target }) => this.start(target.value));
    window.addEventListener("pagehide", () => this.stop());
  }

  get reading() {
    return this.#reading;
  }

  /** Its id in the stream, or null. */
  get camera() {
    return this.#camera;
  }

  /** deviceId: of the camera to use; empty for the usual one. */
  async start(deviceId = "") {
    this.stop();
    const attempt = ++this.#attempt;
    this.#state("asking", "The browser asks whether this page may use your camera.");
    let webcam;
    try {
      webcam = await Webcam.open(deviceId);
    } catch (error) {
      if (attempt === this.#attempt) this.#state(error.state ?? "no-camera", error.message);
      return;
    }
    if (attempt !== this.#attempt) {
      webcam.close();
      return;
    }
    this.#webcam = webcam;
    webcam.onEnded = () => {
      this.stop();
      this.#state("no-camera", UNPLUGGED);
    };
    await this.#screen.play(webcam);
    if (attempt !== this.#attempt) return;
    this.#state("connecting", "Connecting to the gateway.");
    this.#part("stop").focus({ preventScroll: true });
    this.#listDevices();
    this.#connect();
  }

  stop() {
    this.#attempt += 1;
    clearInterval(this.#watchdog);
    this.#grabber?.stop();
    this.#link?.close();
    this.#webcam?.close();
    this.#grabber = this.#link = this.#webcam = null;
    this.#screen.clear();
    this.#glass.clear();
    this.#rate.clear();
    this.#reading.close();
    this.#become(null);
    this.#state("idle", "");
  }

  #connect() {
    const { videoWidth: width, videoHeight: height } = this.#screen.video;
    const link = new CameraLink(this.#access, { name: this.#part("name").value.trim() || "camera", width, height });
    this.#link = link;
    this.#grabber = new Grabber(this.#screen.video);
    link.addEventListener("welcome", ({ detail }) => this.#begin(detail));
    link.addEventListener("prediction", ({ detail }) => this.#show(detail));
    link.addEventListener("lost", ({ detail }) => {
      this.#grabber.stop();
      this.#become(null);
      const wait = Math.max(1, Math.round(detail.retryInMs / 1000));
      this.#state("lost", `${detail.reason || "The connection to the gateway is lost."} Trying again in ${wait} s.`);
    });
    link.addEventListener("refused", ({ detail }) => {
      this.stop();
      this.#state("refused", `The gateway does not take this camera: ${detail.message}`);
    });
    link.open();
    this.#watchdog = setInterval(() => this.#watch(), 500);
  }

  #begin({ camera, framesPerSecond, longSide }) {
    this.#become(camera);
    this.#reading.open(this.#tracks.of(camera));
    this.#answeredAt = performance.now();
    this.#state("live", "");
    this.#grabber.stop();
    this.#grabber.start({
      framesPerSecond,
      longSide,
      mayTake: () => this.#link?.hasRoom ?? false,
      onFrame: (frame) => this.#link?.send(frame),
    });
  }

  #show({ prediction, capturedAt }) {
    this.#answeredAt = performance.now();
    this.#rate.add();
    if (!this.#news.isNews(prediction)) return;
    // A frame that was given up is too old to be drawn.
    if (capturedAt !== null) {
      this.#screen.draw(prediction.hands);
      this.#glass.drawn(capturedAt);
    }
    const hand = mainHand(prediction);
    const words = inWords(prediction);
    this.#part("caption").textContent = hand ? `${words} ${percent(hand.confidence)}` : words;
    this.#reading.show(prediction);
    if (this.#section.dataset.state === "silent") this.#state("live", "");
  }

  /** A gesture event of the stream. */
  addGesture({ camera, gesture, phase }) {
    if (camera === this.#camera && phase === "started") this.#reading.announce(gestureInWords(gesture));
  }

  /** What nobody tells: that no answer comes. */
  #watch() {
    this.#reading.fact("rate", perSecond(this.#rate.perSecond()));
    this.#reading.fact("lost", String(this.#link.lost + this.#link.dropped));
    const silentMs = performance.now() - this.#answeredAt;
    if (silentMs > OVERLAY_MS) this.#screen.draw([]);
    if (this.#section.dataset.state === "live" && silentMs > SILENT_MS && !document.hidden) {
      this.#reading.show(null);
      this.#part("caption").textContent = "no answer";
      this.#state("silent", SILENT);
    }
  }

  async #listDevices() {
    const select = this.#part("devices");
    const devices = await Webcam.list();
    select.replaceChildren(...devices.map(({ id, label }) => new Option(label, id)));
    select.value = this.#webcam?.deviceId ?? "";
    select.closest("label").hidden = devices.length < 2;
  }

  #become(camera) {
    if (camera === this.#camera) return;
    this.#camera = camera;
    this.#section.dataset.camera = camera ?? "";
    this.dispatchEvent(new CustomEvent("camera", { detail: camera }));
  }

  #state(state, message) {
    this.#section.dataset.state = state;
    writeSentence(this.#part("note"), message);
    this.#part("start").textContent = FAILED.includes(state) ? "Try again" : "Use my camera";
    this.#part("start").disabled = state === "asking";
    const isOn = this.#webcam !== null;
    this.#part("invitation").hidden = isOn;
    this.#part("live").hidden = !isOn;
  }

  #part(name) {
    return this.#section.querySelector(`[data-part=${name}]`);
  }
}
