import { describe, expect, test } from "vitest";
import { memoryTokenStore, type TokenStore } from "../../token/token-store.ts";
import { runFleet } from "./fleet.test.support.ts";
import { scenes } from "./scenes.test.support.ts";

const seed = 1;
const [, coldStart] = scenes;

describe.each([10, 100])("%d processes", (size) => {
  test.each(scenes)("$name: no rule of a fleet is broken", async (scene) => {
    expect((await runFleet(scene, size, seed)).violations).toEqual([]);
  });

  test("each request each token where they share no store", async () => {
    const [noStore] = scenes;
    expect((await runFleet(noStore, size, seed)).requests).toEqual([size, size, size, size]);
  });

  test("make one request for each token where they share a store", async () => {
    expect((await runFleet(coldStart, size, seed)).requests).toEqual([1, 1, 1, 1]);
  });
});

test("a seed repeats a run", async () => {
  const run = () => runFleet(coldStart, 100, 7);
  expect(await run()).toEqual(await run());
});

const oneForEach = "a fleet requests one token for each lifetime, and one more for each fault";

/** Stores that break one rule of the interface each. */
const broken: [name: string, breakStore: (store: TokenStore) => Partial<TokenStore>][] = [
  ["grants every lease", () => ({ lease: async () => ({ release: async () => {} }) })],
  [
    "keeps the earlier token",
    (store) => ({
      async set(key, token, options) {
        if ((await store.get(key, options)) === undefined) await store.set(key, token, options);
      },
    }),
  ],
  ["forgets", () => ({ get: async () => undefined })],
];

test.each(broken)("a store that %s is noticed", async (_name, breakStore) => {
  const createStore = () => {
    const store = memoryTokenStore();
    return { ...store, ...breakStore(store) };
  };
  expect((await runFleet(coldStart, 10, seed, createStore)).violations).toEqual([oneForEach]);
});
