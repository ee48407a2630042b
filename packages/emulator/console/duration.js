/**
 * A length of time for people, in its two largest units: "59 min 12 s", "1 h".
 *
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  /** @type {[number, string][]} */
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count !== 0);
  if (first === -1) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count !== 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/**
 * A time of the day, by the browser's time zone.
 *
 * @param {number} at - epoch milliseconds
 * @param {boolean} [precise] - with milliseconds
 */
export function timeOfDay(at, precise = false) {
  const time = new Date(at);
  const digits = (/** @type {number} */ value, length = 2) => String(value).padStart(length, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => digits(part)).join(":");
  return precise ? `${clock}.${digits(time.getMilliseconds(), 3)}` : clock;
}
