// Light or dark: as the system says, until the user says otherwise.

const KEY = "handstream-theme";

/** Events: `change`. */
export class Theme extends EventTarget {
  #button;
  #system = matchMedia("(prefers-color-scheme: dark)");

  constructor(button) {
    super();
    this.#button = button;
    button.addEventListener("click", () => {
      const next = this.#isDark ? "light" : "dark";
      // What the system says needs no memory: a change of the system then changes the page again.
      if ((next === "dark") === this.#system.matches) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
      this.apply();
    });
    this.#system.addEventListener("change", () => this.apply());
  }

  apply() {
    const chosen = localStorage.getItem(KEY);
    if (chosen) document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
    this.#button.setAttribute("aria-pressed", String(this.#isDark));
    this.dispatchEvent(new Event("change"));
  }

  get #isDark() {
    const chosen = localStorage.getItem(KEY);
    return chosen ? chosen === "dark" : this.#system.matches;
  }
}
