// Use my camera: this device's camera into the stream, and what the stream says back onto the picture.

import { CameraLink } from "./camera-link.js";
import { milliseconds, perSecond, percent } from "./figures.js";
import { Grabber } from "./grabber.js";
import { RunningMedian } from "./median.js";
import { drawHands, fitCanvas } from "./overlay.js";
import { gestureInWords, inWords, isGesture, mainHand } from "./prediction.js";
import { Rate } from "./rate.js";
import { Reading } from "./reading.js";
import { writeSentence } from "./sentence.js";
import { Webcam } from "./webcam.js";

const LATENCIES_KEPT = 100;
// A hand that was seen so long ago is somewhere else by now.
const OVERLAY_MS = 1_000;
const SILENT_MS = 3_000;
const SILENT =
  "No predictions come back in time. Either no worker runs, then start one with `handstream worker`, or the workers do " +
  "not keep up: the lag below tells.";
const NAME_KEY = "handstream-camera-name";

/**
 * The section's data-state is one of: idle, asking, connecting, live, silent (no answers), lost (reconnecting), denied,
 * no-camera, insecure, refused. Events: `camera` with detail = its id in the stream, or null.
 */
export class MyCamera extends EventTarget {
  #section;
  #access;
  #tracks;
  #reading;
  #video;
  #overlay;
  #webcam = null;
  #link = null;
  #grabber = null;
  #watchdog = null;
  #camera = null;
  #answeredAt = 0;
  #median = new RunningMedian(LATENCIES_KEPT);
  #rate = new Rate();
  #attempt = 0;

  constructor(section, access, tracks) {
    super();
    this.#section = section;
    this.#access = access;
    this.#tracks = tracks;
    this.#reading = new Reading(section);
    this.#video = this.#part("video");
    this.#overlay = this.#part("overlay").getContext("2d");
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

  get isOn() {
    return this.#webcam !== null;
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
      this.#state("no-camera", "The camera was unplugged or taken away. Plug it in, then try again.");
    };
    this.#video.srcObject = webcam.stream;
    this.#section.classList.toggle("is-mirror", webcam.isMirror);
    await this.#video.play().catch(() => {});
    if (attempt !== this.#attempt) return;
    this.#state("connecting", "Connecting to the gateway.");
    this.#listDevices();
    this.#connect();
  }

  stop() {
    this.#attempt += 1;
    clearInterval(this.#watchdog);
    this.#grabber?.stop();
    this.#link?.close();
    this.#webcam?.close();
    this.#video.srcObject = null;
    this.#grabber = this.#link = this.#webcam = null;
    this.#median.clear();
    this.#rate.clear();
    this.#reading.close();
    this.#become(null);
    this.#state("idle", "");
  }

  #connect() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const link = new CameraLink(this.#access, { name: this.#part("name").value.trim() || "camera", width, height });
    this.#link = link;
    this.#grabber = new Grabber(this.#video);
    link.addEventListener("welcome", ({ detail }) => this.#begin(detail));
    link.addEventListener("prediction", ({ detail }) => this.#show(detail));
    link.addEventListener("lost", ({ detail }) => {
      this.#grabber.stop();
      this.#become(null);
      const wait = Math.max(1, Math.round(detail.retryInMs / 1000));
      this.#state("lost", `The connection to the gateway is lost. Trying again in ${wait} s.`);
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
    if (this.#section.dataset.state === "silent") this.#state("live", "");
    // Where a frame was given up, its hands are somewhere else by now.
    if (capturedAt !== null) this.#draw(prediction.hands);
    this.#reading.show(prediction);
    const hand = mainHand(prediction);
    const words = inWords(prediction);
    if (isGesture(hand?.gesture)) this.#reading.announce(gestureInWords(hand.gesture));
    this.#part("caption").textContent = hand ? `${words} ${percent(hand.confidence)}` : words;
    // The browser paints the overlay right after this callback.
    if (capturedAt !== null) requestAnimationFrame(() => this.#measure(performance.now() - capturedAt));
  }

  #draw(hands) {
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth) return;
    fitCanvas(this.#overlay.canvas, videoWidth, videoHeight);
    this.#overlay.clearRect(0, 0, videoWidth, videoHeight);
    drawHands(this.#overlay, hands, { mirrored: this.#webcam?.isMirror ?? false });
  }

  #measure(latency) {
    this.#median.add(latency);
    const glass = this.#part("glass");
    glass.textContent = milliseconds(this.#median.median);
    glass.dataset.milliseconds = this.#median.median.toFixed(1);
    glass.dataset.count = this.#median.count;
  }

  /** What nobody tells us: that no answer comes. */
  #watch() {
    if (!this.#link) return;
    this.#reading.fact("rate", perSecond(this.#rate.perSecond()));
    this.#reading.fact("lost", String(this.#link.lost + this.#link.dropped));
    const silentMs = performance.now() - this.#answeredAt;
    if (silentMs > OVERLAY_MS) this.#draw([]);
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
    this.#part("start").textContent = ["denied", "no-camera", "insecure", "refused"].includes(state)
      ? "Try again"
      : "Use my camera";
    this.#part("start").disabled = state === "asking";
    const isOn = this.isOn;
    this.#part("invitation").hidden = isOn;
    this.#part("live").hidden = !isOn;
  }

  #part(name) {
    return this.#section.querySelector(`[data-part=${name}]`);
  }
}
