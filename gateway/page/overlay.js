// Hands drawn onto a picture, with the bones of recognition/drawing.py.

const PALM = [[0, 1], [1, 5], [5, 9], [9, 13], [13, 17], [0, 17]];
const FINGERS = [1, 5, 9, 13, 17].flatMap((root) => [0, 1, 2].map((step) => [root + step, root + step + 1]));
const BONES = [...PALM, ...FINGERS];

const BONE = "#00d2ff";
const JOINT = "#ff3d81";
const EDGE = "rgb(16 20 24 / 0.55)";
const SHARE_OF_LONG_SIDE = 0.006;

/** Draw the hands; landmarks are in 0..1 of the canvas. mirrored: left and right change places. */
export function drawHands(context, hands, { mirrored = false } = {}) {
  const { width, height } = context.canvas;
  const line = Math.max(1.5, Math.max(width, height) * SHARE_OF_LONG_SIDE);
  for (const hand of hands) {
    const points = hand.landmarks.map(([x, y]) => [(mirrored ? 1 - x : x) * width, y * height]);
    context.lineCap = "round";
    // An edge, so that light bones show on a light picture too.
    strokeBones(context, points, EDGE, line * 2);
    strokeBones(context, points, BONE, line);
    context.fillStyle = JOINT;
    for (const [x, y] of points) {
      context.beginPath();
      context.arc(x, y, 1.5 * line, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

function strokeBones(context, points, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  for (const [start, end] of BONES) {
    context.moveTo(...points[start]);
    context.lineTo(...points[end]);
  }
  context.stroke();
}

/** Give a canvas this many pixels; an unchanged size costs nothing and clears nothing. */
export function fitCanvas(canvas, width, height) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
}
