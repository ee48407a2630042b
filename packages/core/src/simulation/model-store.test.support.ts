import type { Instant } from "../token/access-token.ts";
import type { StoredToken, TokenStore } from "../token/token-store.ts";
import type { StoreMode } from "./actions.test.support.ts";

/** A store in memory that behaves as `mode` says. Times are monotonic ms. */
export function createModelStore(world: {
  readonly mode: () => StoreMode;
  readonly now: () => number;
  /** Told of the token that a client read. */
  readonly onRead: (value: string | undefined) => void;
}): TokenStore & {
  /** What another process stores. */
  put(key: string, token: { value: string; sentAt: Instant; lifetime: number }): void;
} {
  const stored = new Map<string, StoredToken>();
  const leases = new Map<string, number>();

  async function misbehave(): Promise<void> {
    if (world.mode() === "fails") throw new Error("the store is down");
    if (world.mode() === "hangs") await new Promise(() => {});
  }

  return {
    async get(key) {
      await misbehave();
      if (world.mode() === "forgets") return undefined;
      if (world.mode() === "garbles") return { sealed: "garbled", expiresAt: Number.NaN };
      const found = stored.get(key);
      world.onRead(found && JSON.parse(found.sealed).value);
      return found;
    },
    async set(key, token, { replaces }) {
      await misbehave();
      const held = stored.get(key);
      if ((held?.expiresAt ?? 0) <= token.expiresAt || held?.sealed === replaces) stored.set(key, token);
    },
    async lease(key, { ttl }) {
      await misbehave();
      if (world.mode() === "refuses leases" || (leases.get(key) ?? 0) > world.now()) return undefined;
      leases.set(key, world.now() + ttl);
      return { release: async () => void leases.delete(key) };
    },
    put(key, { value, sentAt, lifetime }) {
      const sealed = JSON.stringify({ value, sentAt: sentAt.wall, lifetime });
      stored.set(key, { sealed, expiresAt: sentAt.wall + lifetime });
    },
  };
}
