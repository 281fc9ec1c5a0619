// Takes pictures out of a playing video, at a steady rate, as JPEG.

const QUALITY = 0.75;
// A frame that comes a little early is still taken: video frames and our pace never fit exactly.
const TOLERANCE_MS = 8;

const KNOWS_FRAMES = "requestVideoFrameCallback" in HTMLVideoElement.prototype;

export class Grabber {
  #video;
  #canvas = document.createElement("canvas");
  #context = this.#canvas.getContext("2d", { alpha: false });
  #handle = null;
  #dueAt = 0;
  #isEncoding = false;

  /** video: a playing <video>. */
  constructor(video) {
    this.#video = video;
  }

  /**
   * onFrame({jpeg, capturedAt}): jpeg as ArrayBuffer, capturedAt on performance.now()'s clock.
   * mayTake(): asked before each frame, false skips it, so that nothing is encoded that cannot be sent.
   */
  start({ framesPerSecond, longSide, mayTake, onFrame }) {
    const intervalMs = 1000 / framesPerSecond;
    const next = () => (this.#handle = this.#nextFrame(take));
    const take = (now, metadata) => {
      next();
      if (now + TOLERANCE_MS < this.#dueAt || this.#isEncoding || !mayTake()) return;
      this.#dueAt = Math.max(this.#dueAt + intervalMs, now);
      // captureTime is when the browser got the frame from the camera; not each browser tells it.
      const capturedAt = metadata.captureTime ?? now;
      this.#encode(longSide, (jpeg) => onFrame({ jpeg, capturedAt }));
    };
    next();
  }

  stop() {
    if (this.#handle === null) return;
    if (KNOWS_FRAMES) this.#video.cancelVideoFrameCallback(this.#handle);
    else cancelAnimationFrame(this.#handle);
    this.#handle = null;
  }

  #nextFrame(take) {
    if (KNOWS_FRAMES) return this.#video.requestVideoFrameCallback(take);
    return requestAnimationFrame((now) => take(now, {}));
  }

  #encode(longSide, done) {
    const { videoWidth, videoHeight } = this.#video;
    const scale = Math.min(1, longSide / Math.max(videoWidth, videoHeight));
    this.#canvas.width = Math.round(videoWidth * scale);
    this.#canvas.height = Math.round(videoHeight * scale);
    this.#context.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    this.#isEncoding = true;
    this.#canvas.toBlob(
      async (blob) => {
        const jpeg = await blob?.arrayBuffer();
        this.#isEncoding = false;
        if (jpeg && this.#handle !== null) done(jpeg);
      },
      "image/jpeg",
      QUALITY,
    );
  }
}
