// Numbers as they are shown.

export const UNKNOWN = "–";

export function percent(ratio) {
  return ratio == null ? UNKNOWN : `${Math.round(100 * ratio)}%`;
}

export function milliseconds(value) {
  if (value == null || !Number.isFinite(value)) return UNKNOWN;
  if (value >= 10_000) return `${(value / 1000).toFixed(0)} s`;
  if (value >= 1_000) return `${(value / 1000).toFixed(1)} s`;
  return `${Math.round(value)} ms`;
}

export function perSecond(value) {
  return value == null ? UNKNOWN : `${value >= 100 ? Math.round(value) : value.toFixed(1)}/s`;
}

export function count(value) {
  return value == null ? UNKNOWN : value.toLocaleString("en");
}

export function seconds(value) {
  if (value == null) return UNKNOWN;
  return value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
}

export function clock(milliseconds_) {
  return new Date(milliseconds_).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}
