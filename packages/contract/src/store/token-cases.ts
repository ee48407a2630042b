import { expect } from "vitest";
import { expectToken, minute, newKey, storeCase } from "./store-case.ts";

const tokens = "tokens";

export const tokenCases = [
  storeCase(tokens, "a key that was never set has none", async ({ connect }) => {
    const one = await connect();
    expect(await one.get(newKey())).toBeUndefined();
  }),

  storeCase(tokens, "what one process sets, another gets as it is", async ({ connect }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];
    const expiresAt = Date.now() + minute + 1;

    await one.set(key, "v1.a-b_c.d", expiresAt);

    for (const handle of [one, two]) {
      expect(await handle.get(key)).toEqual({ sealed: "v1.a-b_c.d", expiresAt });
    }
  }),

  storeCase(tokens, "the one that expires later is kept, whichever is set first", async ({ connect }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];
    const expiresAt = Date.now() + minute;

    await one.set(key, "first", expiresAt);
    await two.set(key, "earlier", expiresAt - 1);
    await expectToken(one, key, "first");
    await one.set(key, "later", expiresAt + 1);
    await expectToken(two, key, "later");
  }),

  storeCase(
    tokens,
    "of many that are set at once, the one that expires last is kept",
    async ({ connect }) => {
      const [one, two, key] = [await connect(), await connect(), newKey()];
      const expiresAt = Date.now() + minute;
      // 0 to 24, the last of them in the middle.
      const order = Array.from({ length: 25 }, (_, index) => (index * 7 + 12) % 25);

      await Promise.all(
        order.map((later, index) => (index % 2 ? one : two).set(key, `token-${later}`, expiresAt + later)),
      );

      await expectToken(one, key, "token-24");
      await expectToken(two, key, "token-24");
    },
  ),

  storeCase(tokens, "one that is named gives way to one that expires earlier", async ({ connect }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];
    const expiresAt = Date.now() + minute;

    await one.set(key, "v1.rejected:by.the-api", expiresAt);
    await two.set(key, "good", expiresAt - 30_000, "v1.rejected:by.the-api");

    await expectToken(one, key, "good");
    expect((await one.get(key))?.expiresAt).toBe(expiresAt - 30_000);
  }),

  storeCase(tokens, "another than the one that is named does not give way", async ({ connect }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];
    const expiresAt = Date.now() + minute;

    await one.set(key, "good", expiresAt);
    await two.set(key, "late", expiresAt - 1, "rejected");

    await expectToken(one, key, "good");
  }),

  storeCase(tokens, "keys that differ in one character are apart", async ({ connect }) => {
    const one = await connect();
    const key = newKey();
    const [start, rest] = [key.slice(0, -2), key.slice(2)];
    const keys = ["a", "A", "-", "_"].flatMap((one) => [
      `${start}-${one}`,
      `${start}${one}_`,
      `${one}-${rest}`,
    ]);
    const expiresAt = Date.now() + minute;

    for (const each of keys) await one.set(each, each, expiresAt);

    for (const each of keys) await expectToken(one, each, each);
  }),

  storeCase(tokens, "one of 1.5 MB comes back whole", async ({ connect }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];
    const sealed = `v1.${"0123456789abcde_".repeat(98_304)}.end`;

    await one.set(key, sealed, Date.now() + minute);

    // Not `toBe`, which would print both.
    expect((await two.get(key))?.sealed === sealed).toBe(true);
  }),

  storeCase(tokens, "one is there until it expires, and not longer", async ({ connect, eventually }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];
    const expiresAt = Date.now() + 300;

    await one.set(key, "short-lived", expiresAt);

    await eventually(async () => {
      const stored = await two.get(key);
      const isOver = Date.now() >= expiresAt;
      if (!isOver) expect(stored).toEqual({ sealed: "short-lived", expiresAt });
      return isOver || undefined;
    });
    const stored = await two.get(key);
    if (stored !== undefined) expect(stored.expiresAt).toBe(expiresAt);
  }),

  storeCase(
    tokens,
    "a call that is aborted ends, and sets all of its token or nothing",
    async ({ connect, soon }) => {
      const [one, two, key] = [await connect(), await connect(), newKey()];
      const expiresAt = Date.now() + minute;
      const signal = AbortSignal.abort();

      await soon(one.store.set(key, { sealed: "aborted", expiresAt }, { signal }).catch(() => {}));
      await soon(one.store.get(key, { signal }).catch(() => {}));

      expect([undefined, "aborted"]).toContain((await two.get(key))?.sealed);
      await two.set(key, "later", expiresAt + 1);
      await expectToken(one, key, "later");
    },
  ),

  storeCase(tokens, "one is no matter of leases", async ({ connect }) => {
    const [one, two, key] = [await connect(), await connect(), newKey()];
    const lease = await one.lease(key, minute);

    await two.set(key, "of another", Date.now() + minute);
    await expectToken(one, key, "of another");
    expect(await two.lease(key, minute)).toBeUndefined();
    await lease?.release();
    await expectToken(two, key, "of another");
  }),
];
