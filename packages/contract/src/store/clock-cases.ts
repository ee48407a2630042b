import { expect, vi } from "vitest";
import { minute, newKey, type StoreBench, short, storeCase, tolerance } from "./store-case.ts";

const clockCase = (name: string, test: (bench: StoreBench) => Promise<void>) =>
  storeCase("clocks that differ", name, test, { spansProcesses: true });
const skews = [-60 * minute, 60 * minute];

export const clockCases = [
  clockCase("a process whose clock is wrong does not get another's lease", async ({ connect }) => {
    const [one, two] = [await connect(), await connect()];
    for (const skew of skews) {
      const key = newKey();
      expect(await one.lease(key, minute)).toBeDefined();
      expect(await withClock(skew, () => two.lease(key, minute))).toBeUndefined();
    }
  }),

  clockCase(
    "a lease that is given to a process whose clock is wrong ends with its ttl",
    async ({ connect, eventually }) => {
      const [one, two] = [await connect(), await connect()];
      for (const skew of skews) {
        const key = newKey();
        const asked = performance.now();
        await withClock(skew, () => one.lease(key, short));
        await eventually(() => two.lease(key, minute));
        expect(performance.now() - asked).toBeGreaterThan(short - tolerance);
      }
    },
  ),

  clockCase("a token keeps the end that it was set with", async ({ connect }) => {
    const [one, two] = [await connect(), await connect()];
    for (const skew of skews) {
      const key = newKey();
      const expiresAt = Date.now() + 120 * minute;
      await withClock(skew, () => one.set(key, "v1.a.b", expiresAt));
      expect(await two.get(key)).toEqual({ sealed: "v1.a.b", expiresAt });
      expect(await withClock(-skew, () => two.get(key))).toMatchObject({ sealed: "v1.a.b" });
    }
  }),

  clockCase("clients whose clocks are a minute apart share a token", async ({ connect, fleet }) => {
    const [one, two] = [await connect(), await connect()];
    for (const skew of [-minute, minute]) {
      await fleet(async ({ member, tokenRequests }) => {
        const first = await withClock(skew, () => member(one.store).getAccessToken());
        const second = await member(two.store).getAccessToken();

        expect(second.value === first.value).toBe(true);
        expect(tokenRequests()).toBe(1);
      });
    }
  }),
];

/** What `call` resolves to in a process whose wall clock is `skew` ms ahead. */
async function withClock<T>(skew: number, call: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + skew });
  try {
    return await call();
  } finally {
    vi.useRealTimers();
  }
}
