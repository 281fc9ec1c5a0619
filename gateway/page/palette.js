// A colour for each gesture. The colour never stands alone: the gesture's name is always beside it or in it.

const GESTURES = [
  "call", "dislike", "fist", "four", "like", "mute", "ok", "one", "palm", "peace", "peace_inverted", "rock", "stop",
  "stop_inverted", "three", "three2", "two_up", "two_up_inverted",
];
// Neighbours in the list lie far apart on the circle.
const STEP_DEGREES = 140;

/** Light enough in both themes for the dark ink on it. */
export function colourOf(gesture) {
  const number = GESTURES.indexOf(gesture);
  if (number < 0) return "hsl(210 12% 72%)";
  return `hsl(${(185 + number * STEP_DEGREES) % 360} 62% 72%)`;
}

export const INK_ON_COLOUR = "#101418";

/** A colour of the page's theme, by the name of its custom property. */
export function themeColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
