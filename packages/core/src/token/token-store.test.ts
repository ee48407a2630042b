import { expect, test } from "vitest";
import { memoryTokenStore } from "./token-store.ts";

// What every token store has to do is tried on this one too, by packages/contract.

const { signal } = new AbortController();

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
