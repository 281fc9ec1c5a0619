// The page: brings its parts together.

import { Access } from "./access.js";
import { Feed } from "./feed.js";
import { Health } from "./health.js";
import { MyCamera } from "./my-camera.js";
import { Stage } from "./stage.js";
import { Theme } from "./theme.js";
import { Tracks } from "./track.js";
import { Upload } from "./upload.js";
import { Wall } from "./wall.js";

const CAMERA_IN_ADDRESS = "#camera=";

const element = (id) => document.getElementById(id);
for (const place of document.querySelectorAll("[data-reading]")) {
  place.append(element("reading-template").content.cloneNode(true));
}

const access = new Access(element("token-dialog"));
const tracks = new Tracks();
const theme = new Theme(element("theme"));
const health = new Health({ section: element("health"), pill: element("state-pill"), banner: element("banner") });
const wall = new Wall({ list: element("tiles"), empty: element("no-cameras"), template: element("tile-template") });
const stage = new Stage(element("stage"), access);
const myCamera = new MyCamera(element("my-camera"), access, tracks);
const feed = new Feed(access, { cameras: "*", framesPerSecond: 8 });
new Upload(element("upload"), access);

feed.addEventListener("frame", ({ detail }) => wall.addFrame(detail.header, detail.jpeg));
feed.addEventListener("prediction", ({ detail }) => {
  tracks.of(detail.camera).addPrediction(detail);
  wall.addPrediction(detail);
});
feed.addEventListener("gesture", ({ detail }) => {
  tracks.of(detail.camera).addGesture(detail);
  myCamera.addGesture(detail);
});
feed.addEventListener("health", ({ detail }) => health.show(detail));
feed.addEventListener("cameras", ({ detail }) => showCameras(detail));
feed.addEventListener("lost", ({ detail }) => {
  const wait = Math.max(1, Math.round(detail.retryInMs / 1000));
  const reason = detail.reason || "The gateway does not answer. Is `handstream gateway` running?";
  health.showLost(`${reason} Trying again in ${wait} s.`);
});
feed.addEventListener("refused", ({ detail }) => health.showLost(detail.message));

wall.addEventListener("open", ({ detail: camera }) => {
  if (camera === stage.camera) stage.dismiss();
  else location.hash = CAMERA_IN_ADDRESS + encodeURIComponent(camera);
});
stage.addEventListener("close", ({ detail: camera }) => {
  history.replaceState(null, "", location.pathname + location.search);
  wall.shown = null;
  wall.focus(camera);
});
myCamera.addEventListener("camera", ({ detail: camera }) => {
  wall.own = camera;
  chooseFrameRate();
});
theme.addEventListener("change", () => {
  stage.reading.restyle();
  myCamera.reading.restyle();
});
addEventListener("hashchange", openFromAddress);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) stage.dismiss();
});

theme.apply();
openFromAddress();
feed.open();
showThresholds();

function showCameras(summaries) {
  wall.update(summaries);
  tracks.keepOnly(new Set([...summaries.map((summary) => summary.camera), stage.camera, myCamera.camera]));
  element("camera-count").textContent = summaries.length;
  if (stage.camera !== null) stage.update(summaries.find((summary) => summary.camera === stage.camera) ?? null);
  chooseFrameRate();
}

/** Many pictures share what the network and this browser can do, and the own camera has to be quick. */
function chooseFrameRate() {
  const most = wall.size > 9 ? 3 : wall.size > 4 ? 5 : 8;
  feed.watch({ framesPerSecond: myCamera.camera === null ? most : 3 });
}

/** The camera that is shown large stands in the address, so that a reload or a link shows it again. */
function openFromAddress() {
  if (location.hash === "") stage.dismiss();
  const camera = cameraInAddress();
  if (!camera || camera === stage.camera) return;
  stage.open(camera, tracks.of(camera));
  wall.shown = camera;
}

function cameraInAddress() {
  if (!location.hash.startsWith(CAMERA_IN_ADDRESS)) return null;
  try {
    return decodeURIComponent(location.hash.slice(CAMERA_IN_ADDRESS.length));
  } catch {
    // Somebody has cut the address in two.
    return null;
  }
}

async function showThresholds() {
  try {
    const { threshold, thresholds } = await (await access.fetch("/model")).json();
    stage.reading.setThresholds(thresholds, threshold);
    myCamera.reading.setThresholds(thresholds, threshold);
  } catch {
    // A chart without its thresholds is still a chart.
  }
}
