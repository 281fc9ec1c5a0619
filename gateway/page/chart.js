// The confidence of the last minute, drawn by uPlot; by a plain canvas where uPlot did not load.

import { percent } from "./figures.js";
import { fitCanvas } from "./overlay.js";
import { themeColour } from "./palette.js";
import { SPAN_MS } from "./track.js";

export class ConfidenceChart {
  #place;
  #plot = null;
  #canvas = null;
  #thresholdOf = () => null;

  /** place: the element that the chart fills. */
  constructor(place) {
    this.#place = place;
  }

  /** The least confidence with which the model names each gesture, and any other; drawn as a line. */
  setThresholds(thresholds, other) {
    const byGesture = new Map(Object.entries(thresholds));
    this.#thresholdOf = (gesture) => byGesture.get(gesture) ?? other;
    this.restyle();
  }

  draw(track, now = Date.now()) {
    const { clientWidth: width, clientHeight: height } = this.#place;
    if (!width) return;
    this.#describe(track);
    if (typeof uPlot === "undefined") this.#drawPlainly(track, { width, height, now });
    else this.#drawPlot(track, { width, height, now });
  }

  /** The theme changed. */
  restyle() {
    this.#plot?.destroy();
    this.#plot = null;
  }

  #describe(track) {
    const known = track.points.map((point) => point.confidence).filter((value) => value !== null);
    const text = known.length
      ? `Confidence of the last minute: from ${percent(Math.min(...known))} to ${percent(Math.max(...known))}`
      : "Confidence of the last minute: no gesture yet";
    if (this.#place.getAttribute("aria-label") !== text) this.#place.setAttribute("aria-label", text);
  }

  #drawPlot(track, { width, height, now }) {
    this.#plot ??= new uPlot(this.#options(width, height), [[], [], []], this.#place);
    if (this.#plot.width !== width || this.#plot.height !== height) this.#plot.setSize({ width, height });
    const times = track.points.map((point) => (point.at - now) / 1000);
    const values = track.points.map((point) => point.confidence);
    this.#plot.batch(() => {
      this.#plot.setData([times, values, track.points.map((point) => this.#thresholdOf(point.gesture))], false);
      this.#plot.setScale("x", { min: -SPAN_MS / 1000, max: 0 });
    });
  }

  #options(width, height) {
    const axis = {
      stroke: themeColour("--muted"),
      grid: { stroke: themeColour("--line"), width: 1 },
      ticks: { show: false },
      font: `11px ${themeColour("--font")}`,
    };
    const spanSeconds = SPAN_MS / 1000;
    return {
      width,
      height,
      padding: [8, 16, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: [-spanSeconds, 0] }, y: { range: [0, 1] } },
      axes: [
        { ...axis, size: 22, space: 60, values: (_, ticks) => ticks.map((tick) => (tick === 0 ? "now" : `${tick} s`)) },
        { ...axis, size: 40, splits: [0, 0.5, 1], values: (_, ticks) => ticks.map((tick) => `${tick * 100}%`) },
      ],
      series: [
        {},
        { stroke: themeColour("--accent-line"), fill: themeColour("--accent-soft"), width: 2, points: { show: false }, spanGaps: false },
        { stroke: themeColour("--muted"), width: 1, dash: [4, 4], points: { show: false } },
      ],
    };
  }

  #drawPlainly(track, { width, height, now }) {
    if (!this.#canvas) {
      this.#canvas = document.createElement("canvas");
      this.#place.replaceChildren(this.#canvas);
    }
    fitCanvas(this.#canvas, width, height);
    const context = this.#canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    context.strokeStyle = themeColour("--accent-line");
    context.lineWidth = 2;
    context.beginPath();
    let isDown = false;
    for (const { at, confidence } of track.points) {
      const place = [width * (1 - (now - at) / SPAN_MS), height * (1 - (confidence ?? 0))];
      if (confidence !== null) context[isDown ? "lineTo" : "moveTo"](...place);
      isDown = confidence !== null;
    }
    context.stroke();
  }
}
