/** The longest wait that a server's Retry-After may ask for, in ms. */
const maxRetryAfter = 30_000;
/** Opens with the day's name and holds a time of day, in each of its three forms (RFC 9110 §5.6.7). */
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d( \d{4}| GMT)$/;

/**
 * The delay in ms that a Retry-After header asks for (RFC 9110 §10.2.3: seconds or an HTTP-date), at most 30 s; a
 * date in the past is 0, anything malformed is undefined.
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, maxRetryAfter);
  // Date.parse alone would read "-5" and "soon 5" as dates, and a date without a zone as local time.
  const date = httpDate.test(text) ? Date.parse(`${text.replace(/ GMT$/, "")} GMT`) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(date - now, 0), maxRetryAfter);
}

/** A random delay in ms for retry number `retry` (from 1), up to `base` doubled each time and never over `max`. */
export function fullJitter(
  retry: number,
  base: number,
  max: number,
  random: () => number = Math.random,
): number {
  return random() * Math.min(max, base * 2 ** (retry - 1));
}

/** A pause that doubles each time it starts again, from 5 s to 60 s, until it is ended. Times are monotonic ms. */
export interface Pause {
  isOver(now: number): boolean;
  /** Lasts longer where `atLeast` ms does. */
  start(now: number, atLeast?: number): void;
  end(): void;
}

/** Creates a pause that has not started. */
export function createPause(): Pause {
  let times = 0;
  let until = Number.NEGATIVE_INFINITY;
  return {
    isOver: (now) => now >= until,
    start(now, atLeast = 0) {
      until = now + Math.max(Math.min(60_000, 5_000 * 2 ** times), atLeast);
      times += 1;
    },
    end() {
      times = 0;
      until = Number.NEGATIVE_INFINITY;
    },
  };
}
