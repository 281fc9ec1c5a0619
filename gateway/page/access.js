// The token, where the gateway wants one: kept for this tab only, never part of an address.

const KEY = "handstream-token";
const PROTOCOL = "handstream";

/** An answer of the gateway that is not the one hoped for; `detail` is its own sentence. */
export class Problem extends Error {
  constructor({ status, title, detail }) {
    super(detail || title || `the gateway answered ${status}`);
    this.status = status;
    this.title = title || "";
  }
}

export class Access {
  #dialog;
  #asking = null;

  /** dialog: the <dialog> that asks for the token. */
  constructor(dialog) {
    this.#dialog = dialog;
  }

  get token() {
    return sessionStorage.getItem(KEY);
  }

  /** What a WebSocket offers as its subprotocols. */
  get protocols() {
    return this.token ? [PROTOCOL, `bearer.${this.token}`] : [PROTOCOL];
  }

  /** Like fetch. Asks for the token as long as the gateway wants another one. Throws Problem for an error it answers. */
  async fetch(path, options = {}) {
    for (;;) {
      const sent = this.token;
      const headers = new Headers(options.headers);
      if (sent) headers.set("Authorization", `Bearer ${sent}`);
      const answer = await fetch(path, { ...options, headers });
      if (answer.ok) return answer;
      const problem = await readProblem(answer);
      if (answer.status !== 401) throw problem;
      // Somebody else may have been told the token meanwhile.
      if (this.token === sent) await this.#ask(sent ? problem.message : "");
    }
  }

  /** One question at a time, however many requests were refused. */
  #ask(complaint) {
    this.#asking ??= this.#answer(complaint).finally(() => (this.#asking = null));
    return this.#asking;
  }

  #answer(complaint) {
    const form = this.#dialog.querySelector("form");
    const field = form.elements.namedItem("token");
    const note = this.#dialog.querySelector("[data-part=complaint]");
    note.textContent = complaint ? `Not accepted: ${complaint}` : "";
    note.hidden = !complaint;
    field.value = "";
    if (!this.#dialog.open) this.#dialog.showModal();
    return new Promise((resolve, reject) => {
      form.onsubmit = (event) => {
        event.preventDefault();
        const token = field.value.trim();
        if (!token) return;
        sessionStorage.setItem(KEY, token);
        this.#dialog.onclose = null;
        this.#dialog.close();
        resolve();
      };
      this.#dialog.onclose = () =>
        reject(new Problem({ status: 401, detail: "This gateway wants a token. Load the page again to enter it." }));
    });
  }
}

async function readProblem(answer) {
  const text = await answer.text().catch(() => "");
  try {
    return new Problem({ status: answer.status, ...JSON.parse(text) });
  } catch {
    return new Problem({ status: answer.status, title: answer.statusText });
  }
}
