// The camera of this device, and why there may be none.

const WANTED = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

const REASONS = {
  NotAllowedError: "The browser was told not to use a camera here. Allow it at the camera sign beside the address, then try again.",
  NotFoundError: "This device has no camera that the browser can see. Plug one in, then try again.",
  NotReadableError: "The camera is in use by another program. Close that program, then try again.",
  OverconstrainedError: "That camera is no longer there. Choose another one.",
};
const INSECURE =
  "The browser gives a camera only to pages from this machine or over HTTPS. Open http://localhost:PORT on the gateway's " +
  "own machine, or put the gateway behind HTTPS.";

/** Why there is no picture; `state` is one word for it. */
export class NoWebcam extends Error {
  constructor(state, message) {
    super(message);
    this.state = state;
  }
}

export class Webcam {
  #stream;

  constructor(stream) {
    this.#stream = stream;
  }

  /** deviceId: of the camera, or empty for the one that faces the user. Throws NoWebcam. */
  static async open(deviceId = "") {
    if (!window.isSecureContext || !navigator.mediaDevices) {
      throw new NoWebcam("insecure", INSECURE.replace("PORT", location.port || "80"));
    }
    const which = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "user" };
    try {
      return new Webcam(await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which }, audio: false }));
    } catch (error) {
      const state = error.name === "NotAllowedError" ? "denied" : "no-camera";
      throw new NoWebcam(state, REASONS[error.name] ?? `The camera cannot be opened: ${error.message}`);
    }
  }

  get stream() {
    return this.#stream;
  }

  get deviceId() {
    return this.#track.getSettings().deviceId ?? "";
  }

  /** Somebody who sees themselves expects a mirror; a camera that looks away is no mirror. */
  get isMirror() {
    return this.#track.getSettings().facingMode !== "environment";
  }

  set onEnded(handler) {
    this.#track.onended = handler;
  }

  /** [{id, label}] of all cameras; labels are known once one of them was allowed. */
  static async list() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices
      .filter((device) => device.kind === "videoinput")
      .map((device, number) => ({ id: device.deviceId, label: device.label || `Camera ${number + 1}` }));
  }

  close() {
    for (const track of this.#stream.getTracks()) track.stop();
  }

  get #track() {
    return this.#stream.getVideoTracks()[0];
  }
}
