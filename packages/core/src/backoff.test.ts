import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createPause, fullJitter, type Pause, parseRetryAfter } from "./backoff.ts";

/** A Sunday, on a whole second. */
const now = Date.UTC(2030, 5, 30, 12, 0, 0);

describe("Retry-After", () => {
  test.each<[value: string, ms: number]>([
    ["0", 0],
    ["1", 1_000],
    ["30", 30_000],
    ["007", 7_000],
    [" 5 ", 5_000],
    ["\t5", 5_000],
  ])("%j is %d ms", (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });

  test.each(["31", "3600", "99999999999999999999", "9".repeat(400)])("%s s is cut to 30 s", (value) => {
    expect(parseRetryAfter(value, now)).toBe(30_000);
  });

  test.each<[name: string, value: string, ms: number]>([
    ["IMF-fixdate", "Sun, 30 Jun 2030 12:00:09 GMT", 9_000],
    ["RFC 850", "Sunday, 30-Jun-30 12:00:09 GMT", 9_000],
    ["asctime", "Sun Jun 30 12:00:09 2030", 9_000],
    ["asctime with a day of one digit", "Sun Jul  7 12:00:09 2030", 30_000],
    ["this very moment", "Sun, 30 Jun 2030 12:00:00 GMT", 0],
    ["a second ago", "Sun, 30 Jun 2030 11:59:59 GMT", 0],
    ["long past", "Sun, 06 Nov 1994 08:49:37 GMT", 0],
    ["an hour ahead", "Sun, 30 Jun 2030 13:00:00 GMT", 30_000],
  ])("an HTTP-date, %s, is the time until then: %s", (_name, value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });

  test("an HTTP-date without a zone is read as GMT, wherever this runs", () => {
    vi.stubEnv("TZ", "America/New_York");
    try {
      expect(parseRetryAfter("Sun Jun 30 12:00:09 2030", now)).toBe(9_000);
      expect(parseRetryAfter("Sun Jun 30 08:00:09 2030", now)).toBe(0);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test.each([
    "",
    " ",
    "-1",
    "-5",
    "+5",
    "1.5",
    "1e3",
    "0x10",
    "5s",
    "5, 10",
    "soon",
    "soon 5",
    "Tomorrow, 5",
    "Sun, 5",
    "Sun, 99 Foo 2030 99:99:99 GMT",
    "2030-06-30T12:00:09Z",
    "30 Jun 2030 12:00:09 GMT",
    "١٠",
    "null",
  ])("%j is malformed and means nothing", (value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined();
  });

  test("a header that is not there means nothing", () => {
    expect(parseRetryAfter(null, now)).toBeUndefined();
    expect(parseRetryAfter(undefined, now)).toBeUndefined();
  });
});

describe("full jitter", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test("lies between 0 and the doubled base, and never over the maximum", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        random,
        (retry, base, max, drawn) => {
          const delay = fullJitter(retry, base, max, () => drawn);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(max);
          expect(delay).toBeLessThanOrEqual(base * 2 ** (retry - 1));
        },
      ),
    );
  });

  test("uses the whole range, which doubles up to the maximum", () => {
    const most = [1, 2, 3, 4, 5, 60].map((retry) => fullJitter(retry, 200, 2_000, () => 1));
    expect(most).toEqual([200, 400, 800, 1_600, 2_000, 2_000]);
    expect(fullJitter(3, 200, 2_000, () => 0)).toBe(0);
    expect(fullJitter(3, 200, 2_000, () => 0.5)).toBe(400);
  });

  test("draws anew each time", () => {
    expect(new Set(Array.from({ length: 20 }, () => fullJitter(1, 200, 2_000))).size).toBeGreaterThan(1);
  });
});

describe("a pause", () => {
  const lasts = (pause: Pause, from: number) => {
    let end = from;
    while (!pause.isOver(end)) end += 1_000;
    return end - from;
  };

  test("is over before it starts, and once it is ended", () => {
    const pause = createPause();
    expect(pause.isOver(0)).toBe(true);
    pause.start(0);
    expect(pause.isOver(4_999)).toBe(false);
    pause.end();
    expect(pause.isOver(0)).toBe(true);
  });

  test("doubles from 5 s to 60 s and stays there, until it is ended", () => {
    const pause = createPause();
    const times = [0, 100_000, 200_000, 300_000, 400_000, 500_000, 600_000];
    const lengths = times.map((now) => {
      pause.start(now);
      return lasts(pause, now);
    });
    expect(lengths).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    pause.end();
    pause.start(700_000);
    expect(lasts(pause, 700_000)).toBe(5_000);
  });

  test("stays at 60 s however often it starts", () => {
    const pause = createPause();
    for (let times = 0; times < 2_000; times++) pause.start(0);
    expect(lasts(pause, 0)).toBe(60_000);
  });

  test("lasts as long as it is asked to at least", () => {
    const pause = createPause();
    pause.start(0, 30_000);
    expect(lasts(pause, 0)).toBe(30_000);
  });
});
