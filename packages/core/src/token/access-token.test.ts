import { Console } from "node:console";
import { PassThrough } from "node:stream";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  AccessToken,
  type Instant,
  isExpired,
  isStale,
  planLife,
  processClock,
  wallClock,
} from "./access-token.ts";

const sentAt: Instant = { wall: 1_900_000_000_000, monotonic: 40_000 };

/** Both clocks, `ms` after the request was sent. */
function after(ms: number): Instant {
  return { wall: sentAt.wall + ms, monotonic: sentAt.monotonic + ms };
}

describe("a token's life", () => {
  test.each([
    [0, 2_700_000],
    [0.5, 2_880_000],
    [1, 3_060_000],
  ])("with a draw of %d a one-hour token is stale from exactly %d ms on", (draw, soft) => {
    const life = planLife(3_600_000, sentAt, draw);
    expect(isStale(life, after(soft - 1))).toBe(false);
    expect(isStale(life, after(soft))).toBe(true);
    expect(isExpired(life, after(soft))).toBe(false);
  });

  test.each([
    ["a day", 86_400_000, 86_395_000],
    ["an hour", 3_600_000, 3_595_000],
    ["51 s", 51_000, 46_000],
    ["50 s", 50_000, 45_000],
    ["49 s", 49_000, 44_100],
    ["10 s", 10_000, 9_000],
    ["2 s", 2_000, 1_800],
  ])("a token of %s (%d ms) is expired from exactly %d ms on", (_name, lifetime, hard) => {
    const life = planLife(lifetime, sentAt, 1);
    expect(isExpired(life, after(hard - 1))).toBe(false);
    expect(isExpired(life, after(hard))).toBe(true);
  });

  test("a 2 s token is fresh for at least 1.5 s", () => {
    expect(isStale(planLife(2_000, sentAt, 0), after(1_499))).toBe(false);
  });

  test("whatever the lifetime and the draw, a token is fresh first, then stale, then expired before its end", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 86_400_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (lifetime, draw) => {
          const { soft, hard } = planLife(lifetime, sentAt, draw);
          const softShare = (soft.wall - sentAt.wall) / lifetime;
          const margin = lifetime - (hard.wall - sentAt.wall);
          expect(softShare).toBeGreaterThanOrEqual(0.7499);
          expect(softShare).toBeLessThanOrEqual(0.8501);
          expect(margin).toBeCloseTo(Math.min(5_000, lifetime / 10), 2);
          expect(soft.wall).toBeLessThan(hard.wall);
          expect(hard.monotonic - soft.monotonic).toBeCloseTo(hard.wall - soft.wall, 2);
        },
      ),
    );
  });

  test("the monotonic clock alone is enough: a wall clock that steps back does not lengthen it", () => {
    const life = planLife(3_600_000, sentAt, 1);
    expect(isStale(life, { wall: sentAt.wall - 86_400_000, monotonic: after(3_060_000).monotonic })).toBe(
      true,
    );
    expect(isExpired(life, { wall: sentAt.wall - 86_400_000, monotonic: after(3_595_000).monotonic })).toBe(
      true,
    );
    expect(isExpired(life, { wall: sentAt.wall - 86_400_000, monotonic: after(3_594_999).monotonic })).toBe(
      false,
    );
  });

  test("the wall clock alone is enough: a monotonic clock that stood still does not lengthen it", () => {
    const life = planLife(3_600_000, sentAt, 1);
    expect(isStale(life, { wall: after(3_060_000).wall, monotonic: sentAt.monotonic })).toBe(true);
    expect(isExpired(life, { wall: after(3_595_000).wall, monotonic: sentAt.monotonic })).toBe(true);
    expect(isExpired(life, { wall: after(3_594_999).wall, monotonic: sentAt.monotonic })).toBe(false);
  });
});

describe("the clocks", () => {
  test("the process's are both read at each look", () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"], now: 5_000 });
    try {
      const before = processClock.now();
      vi.advanceTimersByTime(700);
      vi.setSystemTime(1_000_000);
      const later = processClock.now();
      expect([before.wall, later.wall]).toEqual([5_000, 1_000_000]);
      expect(later.monotonic - before.monotonic).toBe(700);
    } finally {
      vi.useRealTimers();
    }
  });

  test("the wall clock alone gives its time for both", () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"], now: 5_000 });
    try {
      expect(wallClock.now()).toEqual({ wall: 5_000, monotonic: 5_000 });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("an access token", () => {
  const value = "secret-token-value";
  const token = new AccessToken({ value, expiresAt: 1_234, scope: "idp_api more" });

  function printed(print: (console: Console) => void): string {
    const stdout = new PassThrough();
    print(new Console({ stdout, stderr: stdout }));
    return String(stdout.read());
  }

  test("tells its value, type, expiry and scope to who asks by name", () => {
    const { type, expiresAt, scope } = token;
    expect([token.value, type, expiresAt, scope]).toEqual([value, "Bearer", 1_234, "idp_api more"]);
  });

  test.each<[string, () => unknown]>([
    ["JSON.stringify", () => JSON.stringify({ token })],
    ["util.inspect", () => inspect(token)],
    ["util.inspect with showHidden", () => inspect(token, { showHidden: true, depth: null })],
    ["util.inspect inside an error's cause", () => inspect(new Error("failed", { cause: { token } }))],
    ["String", () => String(token)],
    ["a template", () => `Bearer ${token}`],
    ["joining", () => [token].join()],
    ["console.log", () => printed((console) => console.log(token))],
    [
      "console.log with a format",
      () => printed((console) => console.log("%s %o %O %j", token, token, token, token)),
    ],
    ["console.dir", () => printed((console) => console.dir(token, { showHidden: true }))],
    ["console.table", () => printed((console) => console.table([token]))],
    ["spreading", () => JSON.stringify({ ...token })],
    ["structuredClone", () => inspect(structuredClone(token), { showHidden: true })],
    ["Object.entries", () => JSON.stringify(Object.entries(token))],
    [
      "its own property descriptors",
      () => inspect(Object.getOwnPropertyDescriptors(token), { showHidden: true, getters: true }),
    ],
    [
      "for…in",
      () => {
        const values: unknown[] = [];
        for (const key in token) values.push(Reflect.get(token, key));
        return JSON.stringify(values);
      },
    ],
  ])("is not revealed by %s", (_name, reveal) => {
    const shown = String(reveal());
    expect(shown).toContain("Bearer");
    expect(shown).not.toContain(value);
  });

  test("a copy has no value at all", () => {
    expect({ ...token }).not.toHaveProperty("value");
    expect(structuredClone(token)).not.toHaveProperty("value");
  });
});
