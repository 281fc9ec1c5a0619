// A WebSocket that opens again after it was lost, with growing pauses.

// The close code of a gateway that is full.
const TRY_AGAIN_LATER = 1013;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
// A connection that held so long was a good one: the next pause is short again.
const GOOD_AFTER_MS = 5_000;

/**
 * Events: `open`; `message` with detail = text or ArrayBuffer; `lost` with detail = {reason, retryInMs}, reason as the
 * gateway gave it or empty; `refused` with detail = Error, after which it stays closed.
 */
export class LiveSocket extends EventTarget {
  #path;
  #access;
  #socket = null;
  #timer = null;
  #pauseMs = FIRST_PAUSE_MS;
  #closed = false;
  #onOnline = () => this.#retryNow();

  constructor(path, access) {
    super();
    this.#path = path;
    this.#access = access;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Bytes that are handed over and not yet sent. */
  get bufferedBytes() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  async open() {
    window.addEventListener("online", this.#onOnline);
    await this.#connect();
  }

  /** Whether it was handed over; nothing is kept for later. */
  send(data) {
    if (!this.isOpen) return false;
    this.#socket.send(data);
    return true;
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    window.removeEventListener("online", this.#onOnline);
    const socket = this.#socket;
    this.#socket = null;
    // A browser complains of one that is closed before it has opened.
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }

  async #connect() {
    try {
      // A browser does not say why a WebSocket was refused; a plain request does, and asks for the token.
      await this.#access.fetch("/stream/health");
    } catch (error) {
      if (this.#closed) return;
      if (error.status === 401) this.#refuse(error);
      else this.#lose(error.status ? error.message : "");
      return;
    }
    if (this.#closed) return;
    const address = new URL(this.#path, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    let socket;
    try {
      socket = new WebSocket(address, this.#access.protocols);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let openedAt = Infinity;
    socket.onopen = () => {
      openedAt = performance.now();
      this.dispatchEvent(new Event("open"));
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.dispatchEvent(new CustomEvent("message", { detail: data }));
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      if (performance.now() - openedAt > GOOD_AFTER_MS) this.#pauseMs = FIRST_PAUSE_MS;
      this.#lose(code === TRY_AGAIN_LATER ? reason : "");
    };
  }

  #lose(reason = "") {
    this.#socket = null;
    if (this.#closed) return;
    // Many pages must not come back at the same moment.
    const retryInMs = this.#pauseMs * (0.75 + Math.random() / 2);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    this.#timer = setTimeout(() => this.#connect(), retryInMs);
    this.dispatchEvent(new CustomEvent("lost", { detail: { reason, retryInMs } }));
  }

  #retryNow() {
    if (this.#closed || this.#socket) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #refuse(error) {
    this.close();
    this.dispatchEvent(new CustomEvent("refused", { detail: error }));
  }
}
