import type { StoredToken, TokenStore } from "@personify-auth/core";
import { expect } from "vitest";
import { expectToken, minute, storeCase } from "./store-case.ts";

const clients = "clients that share it";
const failing = "clients whose store fails";

const hangs = () => new Promise<never>(() => {});
const throws = () => {
  throw new Error("The store is down");
};

export const clientCases = [
  storeCase(clients, "make one token request when they start together", async ({ connect, fleet }) => {
    const stores = [await connect(), await connect(), await connect()].map(({ store }) => store);
    await fleet(async ({ member, tokenRequests }) => {
      const tokens = await Promise.all(stores.map((store) => member(store).getAccessToken()));
      expect(new Set(tokens.map(({ value }) => value)).size).toBe(1);
      expect(tokenRequests()).toBe(1);
    });
  }),

  storeCase(clients, "make none when they start later", async ({ connect, fleet }) => {
    const [one, two] = [await connect(), await connect()];
    await fleet(async ({ member, tokenRequests }) => {
      const first = await member(one.store).getAccessToken();
      const second = await member(two.store).getAccessToken();
      expect(second.value === first.value).toBe(true);
      expect(second.expiresAt).toEqual(first.expiresAt);
      expect(tokenRequests()).toBe(1);
    });
  }),

  storeCase(clients, "renew a token once that the API rejects", async ({ connect, fleet }) => {
    const [one, two] = [await connect(), await connect()];
    await fleet(async ({ emulator, member, tokenRequests }) => {
      const members = [member(one.store), member(two.store)];
      for (const each of members) await each.get("/api/v1/whoami");
      emulator.tokens.revoke();
      for (const each of members) await each.get("/api/v1/whoami");
      expect(tokenRequests()).toBe(2);
    });
  }),

  storeCase(failing, "get their token where it hangs", async ({ connect, fleet, soon }) => {
    const { store } = await connect();
    await fleet(async ({ member, events }) => {
      const releaseHangs = brokenIn("release", store, hangs);
      for (const each of [{ get: hangs, set: hangs, lease: hangs }, releaseHangs]) {
        expect(await soon(member(each).getAccessToken())).toHaveProperty("value");
      }
      expect(events).toContainEqual(expect.objectContaining({ type: "store_failed", reason: "timeout" }));
    });
  }),

  storeCase(failing, "get their token where it throws", async ({ connect, fleet }) => {
    const { store } = await connect();
    for (const operation of ["get", "set", "lease", "release"] as const) {
      await fleet(async ({ member, events }) => {
        expect(await member(brokenIn(operation, store, throws)).getAccessToken()).toHaveProperty("value");
        expect(events).toContainEqual(
          expect.objectContaining({ type: "store_failed", operation, reason: "error" }),
        );
      });
    }
  }),

  storeCase(failing, "get their token where it holds rubbish", async ({ connect, fleet }) => {
    const one = await connect();
    await fleet(async ({ member, events, tokenRequests }) => {
      await member(one.store).getAccessToken();
      const [received] = events.filter((event) => event.type === "token_received");
      const key = received?.keyId ?? "";
      await one.set(key, "rubbish", Date.now() + 1_440 * minute);
      await expectToken(one, key, "rubbish");

      expect(await member(one.store).getAccessToken()).toHaveProperty("value");

      expect(tokenRequests()).toBe(2);
      expect(events).toContainEqual(expect.objectContaining({ type: "store_failed", reason: "unreadable" }));
    });
  }),
];

function brokenIn(
  operation: "get" | "set" | "lease" | "release",
  store: Required<TokenStore>,
  fail: () => Promise<never>,
): TokenStore {
  return {
    get: (...given): Promise<StoredToken | undefined> => (operation === "get" ? fail() : store.get(...given)),
    set: (...given) => (operation === "set" ? fail() : store.set(...given)),
    async lease(...given) {
      if (operation === "lease") return fail();
      const lease = await store.lease(...given);
      return lease && operation === "release" ? { release: fail } : lease;
    },
  };
}
