import { expect } from "vitest";
import { minute, newKey, short, storeCase, tolerance } from "./store-case.ts";

const leases = "leases";
export const leaseCases = [
  storeCase(leases, "one process at a time has it", async ({ connect }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];

    expect(await one.lease(key, minute)).toBeDefined();

    expect(await two.lease(key, minute)).toBeUndefined();
    expect(await one.lease(key, minute)).toBeUndefined();
  }),

  storeCase(leases, "of many who ask at once, one gets it", async ({ connect }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];

    const asked = Array.from({ length: 40 }, (_, index) => (index % 2 ? one : two).lease(key, minute));

    expect((await Promise.all(asked)).filter((lease) => lease !== undefined)).toHaveLength(1);
  }),

  storeCase(leases, "keys that differ in one character have leases apart", async ({ connect }) => {
    const [one, two, key] = [await connect(), await connect(), newKey().slice(1)];

    await one.lease(`${key}a`, minute);

    expect(await two.lease(`${key}A`, minute)).toBeDefined();
  }),

  storeCase(leases, "it is given again once it was released", async ({ connect }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];
    const lease = await one.lease(key, minute);

    await lease?.release();

    expect(await two.lease(key, minute)).toBeDefined();
  }),

  storeCase(leases, "a holder that dies has it until its ttl ends", async ({ connect, eventually }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];
    const asked = performance.now();

    await one.lease(key, short);
    await eventually(() => two.lease(key, minute));

    expect(performance.now() - asked).toBeGreaterThan(short - tolerance);
    expect(await one.lease(key, minute)).toBeUndefined();
  }),

  storeCase(leases, "releasing it twice does not end the next holder's", async ({ connect }) => {
    const [one, two] = [await connect(), await connect()];
    for (const next of [one, two]) {
      const key = newKey();
      const first = await one.lease(key, minute);
      await first?.release();

      expect(await next.lease(key, minute)).toBeDefined();
      await first?.release();

      expect(await two.lease(key, minute)).toBeUndefined();
    }
  }),

  storeCase(
    leases,
    "a release that comes after its ttl does not end the next holder's",
    async ({ connect, eventually }) => {
      const [one, two] = [await connect(), await connect()];
      for (const next of [one, two]) {
        const key = newKey();
        const late = await one.lease(key, short);

        await eventually(() => next.lease(key, minute));
        await late?.release();

        expect(await two.lease(key, minute)).toBeUndefined();
      }
    },
  ),

  storeCase(leases, "none stays with who was aborted", async ({ connect, eventually, soon }) => {
    const [one, two] = [await connect(), await connect()];
    for (const abortsBefore of [true, false]) {
      const [key, controller] = [newKey(), new AbortController()];
      if (abortsBefore) controller.abort();
      const asking = one.store.lease(key, { ttl: 60 * minute, signal: controller.signal });
      controller.abort();

      const given = await soon(asking.catch(() => undefined));

      await given?.release();
      await eventually(() => two.lease(key, minute));
    }
  }),
];
