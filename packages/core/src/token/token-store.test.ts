import { beforeEach, describe, expect, test } from "vitest";
import { pass, stopClocks } from "./token-source.test.support.ts";
import { memoryTokenStore, type TokenStore } from "./token-store.ts";

const { signal } = new AbortController();

beforeEach(stopClocks);

/** Takes the lease, which the store must have to give. */
async function lease(store: TokenStore, key: string, ttl: number) {
  expect(store.lease).toBeTypeOf("function");
  return store.lease?.(key, { ttl, signal });
}

describe("tokens", () => {
  test("a key that was never set has none", async () => {
    expect(await memoryTokenStore().get("k", { signal })).toBeUndefined();
  });

  test("each key has its own", async () => {
    const store = memoryTokenStore();
    await store.set("k1", { sealed: "a", expiresAt: 100 }, { signal });
    await store.set("k2", { sealed: "b", expiresAt: 200 }, { signal });
    expect(await store.get("k1", { signal })).toEqual({ sealed: "a", expiresAt: 100 });
    expect(await store.get("k2", { signal })).toEqual({ sealed: "b", expiresAt: 200 });
  });

  test("the later expiry is kept, in whichever order they come", async () => {
    const store = memoryTokenStore();
    await store.set("k", { sealed: "a", expiresAt: 200 }, { signal });
    await store.set("k", { sealed: "older", expiresAt: 199 }, { signal });
    expect(await store.get("k", { signal })).toEqual({ sealed: "a", expiresAt: 200 });
    await store.set("k", { sealed: "newer", expiresAt: 201 }, { signal });
    expect(await store.get("k", { signal })).toEqual({ sealed: "newer", expiresAt: 201 });
  });

  test("two stores share nothing", async () => {
    await memoryTokenStore().set("k", { sealed: "a", expiresAt: 100 }, { signal });
    expect(await memoryTokenStore().get("k", { signal })).toBeUndefined();
  });

  test("beyond maxEntries the one unused for longest goes, and reading is using", async () => {
    const store = memoryTokenStore({ maxEntries: 2 });
    await store.set("k1", { sealed: "a", expiresAt: 100 }, { signal });
    await store.set("k2", { sealed: "b", expiresAt: 100 }, { signal });
    await store.get("k1", { signal });
    await store.set("k3", { sealed: "c", expiresAt: 100 }, { signal });
    expect(await store.get("k2", { signal })).toBeUndefined();
    expect(await store.get("k1", { signal })).toBeDefined();
    expect(await store.get("k3", { signal })).toBeDefined();
  });

  test("setting a key again takes no second place", async () => {
    const store = memoryTokenStore({ maxEntries: 2 });
    await store.set("k1", { sealed: "a", expiresAt: 100 }, { signal });
    await store.set("k2", { sealed: "b", expiresAt: 100 }, { signal });
    await store.set("k2", { sealed: "c", expiresAt: 200 }, { signal });
    expect(await store.get("k1", { signal })).toBeDefined();
    expect(await store.get("k2", { signal })).toEqual({ sealed: "c", expiresAt: 200 });
  });

  test("1,000 credential sets are kept by default", async () => {
    const store = memoryTokenStore();
    for (let index = 0; index <= 1_000; index++) {
      await store.set(`k${index}`, { sealed: "a", expiresAt: 100 }, { signal });
    }
    expect(await store.get("k0", { signal })).toBeUndefined();
    expect(await store.get("k1", { signal })).toBeDefined();
    expect(await store.get("k1000", { signal })).toBeDefined();
  });
});

describe("leases", () => {
  test("one caller at a time has it, until it is released", async () => {
    const store = memoryTokenStore();
    const first = await lease(store, "k", 5_000);
    expect(first).toBeDefined();
    expect(await lease(store, "k", 5_000)).toBeUndefined();
    await first?.release();
    expect(await lease(store, "k", 5_000)).toBeDefined();
  });

  test("of many who ask at once, one gets it", async () => {
    const store = memoryTokenStore();
    const leases = await Promise.all(Array.from({ length: 20 }, () => lease(store, "k", 5_000)));
    expect(leases.filter((given) => given !== undefined)).toHaveLength(1);
  });

  test("each key has its own", async () => {
    const store = memoryTokenStore();
    await lease(store, "k1", 5_000);
    expect(await lease(store, "k2", 5_000)).toBeDefined();
  });

  test("a holder that dies loses it as its ttl ends", async () => {
    const store = memoryTokenStore();
    await lease(store, "k", 5_000);
    await pass(4_999);
    expect(await lease(store, "k", 5_000)).toBeUndefined();
    await pass(1);
    expect(await lease(store, "k", 5_000)).toBeDefined();
  });

  test("a release that comes after the ttl does not end the next holder's lease", async () => {
    const store = memoryTokenStore();
    const late = await lease(store, "k", 5_000);
    await pass(5_000);
    await lease(store, "k", 5_000);
    await late?.release();
    expect(await lease(store, "k", 5_000)).toBeUndefined();
  });

  test("releasing twice does not end the next holder's lease", async () => {
    const store = memoryTokenStore();
    const first = await lease(store, "k", 5_000);
    await first?.release();
    await lease(store, "k", 5_000);
    await first?.release();
    expect(await lease(store, "k", 5_000)).toBeUndefined();
  });
});
