// The wall: a tile for each camera that the gateway knows, as long as it knows it.

import { Tile } from "./tile.js";

/** Events: `open` with detail = camera id, when a tile was chosen. */
export class Wall extends EventTarget {
  #list;
  #empty;
  #template;
  #tiles = new Map();
  #shown = null;
  #own = null;
  #observer;

  /** list: the <ul>. empty: what stands there while there is no camera. */
  constructor({ list, empty, template }) {
    super();
    this.#list = list;
    this.#empty = empty;
    this.#template = template;
    this.#observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const tile = this.#tiles.get(target.dataset.camera);
          if (tile) tile.isSeen = isIntersecting;
        }
      },
      { rootMargin: "100px" },
    );
  }

  get size() {
    return this.#tiles.size;
  }

  /** summaries: the gateway's list of cameras. */
  update(summaries) {
    const there = new Set(summaries.map((summary) => summary.camera));
    for (const camera of this.#tiles.keys()) if (!there.has(camera)) this.#remove(camera);
    for (const summary of summaries) this.#tile(summary.camera).update(summary);
    this.#empty.hidden = this.#tiles.size > 0;
    this.#list.dataset.size = this.#tiles.size > 4 ? "many" : "few";
  }

  addFrame(header, jpeg) {
    this.#tiles.get(header.camera)?.addFrame(header, jpeg);
  }

  addPrediction(prediction) {
    this.#tiles.get(prediction.camera)?.addPrediction(prediction);
  }

  /** Which camera is shown large, or null. */
  set shown(camera) {
    this.#shown = camera;
    for (const [name, tile] of this.#tiles) tile.isOpen = name === camera;
  }

  /** Which camera is this browser's own, or null. */
  set own(camera) {
    this.#own = camera;
    for (const [name, tile] of this.#tiles) tile.badge = name === camera ? "you" : "";
  }

  focus(camera) {
    this.#tiles.get(camera)?.button.focus();
  }

  #tile(camera) {
    const known = this.#tiles.get(camera);
    if (known) return known;
    const tile = new Tile(this.#template, {
      camera,
      onOpen: () => this.dispatchEvent(new CustomEvent("open", { detail: camera })),
    });
    tile.isOpen = camera === this.#shown;
    tile.badge = camera === this.#own ? "you" : "";
    this.#tiles.set(camera, tile);
    // In the order of their names, so that a camera that comes back finds its place again.
    const next = [...this.#tiles.keys()].filter((name) => name > camera).sort()[0];
    this.#list.insertBefore(tile.element, next ? this.#tiles.get(next).element : null);
    this.#observer.observe(tile.element);
    return tile;
  }

  #remove(camera) {
    const { element } = this.#tiles.get(camera);
    this.#observer.unobserve(element);
    element.remove();
    this.#tiles.delete(camera);
  }
}
