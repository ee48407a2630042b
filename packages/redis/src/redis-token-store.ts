import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoredToken, TokenStore } from "@personify-auth/core";
import { adviceFor, advised, away, closed } from "./advice.ts";
import { connectionOf, type IoredisClient, type NodeRedisClient } from "./connection.ts";
import { get, giveBack, type Script, setLater, take } from "./scripts.ts";

/** Options of {@link redisTokenStore}. */
export interface RedisTokenStoreOptions {
  /** What all keys begin with. Default `"personify-auth"`. */
  readonly prefix?: string;
}

/** ms that a client which is still connecting is waited for: core gives each call 250. */
const patience = 200;

/**
 * A token store for a fleet of processes, on Redis or Valkey; its values are sealed by core. The client is yours: connect
 * it as your app starts, listen to its `error` event, and close it last.
 *
 * @param client - A client of `ioredis` or of `redis`, alone, in a cluster or behind Sentinel
 * @throws TypeError on anything else, on an unknown option, and on a prefix that is empty, longer than 100 characters, or
 *   holds a brace, a space or a control character
 */
export function redisTokenStore(
  client: IoredisClient | NodeRedisClient,
  options: RedisTokenStoreOptions = {},
): Required<TokenStore> {
  const prefix = readPrefix(options);
  const { state, run } = connectionOf(client);
  // What is in braces decides where a cluster keeps a key: all of one credential set are together.
  const keyFor = (kind: "token" | "lease", key: string) => `{${prefix}:${key}}:${kind}`;
  let isStarting = true;

  /** A command is not left to the client's own queue: it would be run when nobody waits for it any more. */
  async function call(signal: AbortSignal | undefined, script: Script, key: string, ...args: string[]) {
    const endsAt = performance.now() + patience;
    while (isStarting && state() === "connecting" && performance.now() < endsAt) await sleep(10);
    isStarting = false;
    signal?.throwIfAborted();
    try {
      if (state() === "ready") {
        const answer = await run(script, key, ...args);
        // In a transaction of its user's: it is run later, and who asks learns nothing.
        if (answer === "QUEUED") throw new Error(answer);
        return answer;
      }
    } catch (error) {
      const advice = adviceFor(error);
      if (advice !== undefined) throw advised(advice);
      if (state() === "ready") throw error;
    }
    throw advised(state() === "closed" ? closed : away);
  }

  return {
    async get(key, { signal }) {
      const value = await abortable(signal, () => call(signal, get, keyFor("token", key)));
      return value === null || value === undefined ? undefined : parse(String(value));
    },
    async set(key, { sealed, expiresAt }, { signal, replaces = "" }) {
      // A span on the caller's clock, from which expiresAt comes: the clock of Redis may be another.
      const remaining = Math.floor(expiresAt - Date.now());
      if (remaining < 1) return;
      const args = [String(expiresAt), sealed, String(remaining), replaces];
      await abortable(signal, () => call(signal, setLater, keyFor("token", key), ...args));
    },
    async lease(key, { ttl, signal }) {
      const [name, holder] = [keyFor("lease", key), randomUUID()];
      async function release(): Promise<void> {
        await call(undefined, giveBack, name, holder);
      }
      const taken = await abortable(signal, async () => {
        let isWanted = false;
        try {
          const answer = await call(signal, take, name, holder, String(Math.ceil(ttl)));
          isWanted = !signal.aborted;
          return answer;
        } finally {
          // Nobody is there to use it, or to give it back; or its client does not know whether it was granted.
          if (!isWanted) release().catch(() => {});
        }
      });
      return String(taken) === "1" ? { release } : undefined;
    },
  };
}

function readPrefix(options: RedisTokenStoreOptions): string {
  if (typeof options !== "object" || options === null) {
    throw new TypeError("redisTokenStore: expected an object of options");
  }
  const [unknown] = Object.keys(options).filter((name) => name !== "prefix");
  if (unknown !== undefined) {
    throw new TypeError(`redisTokenStore: option ${unknown} does not exist; use prefix, or none`);
  }
  const { prefix = "personify-auth" } = options;
  if (typeof prefix === "string" && /^[^{}\s\p{Cc}]{1,100}$/u.test(prefix)) return prefix;
  throw new TypeError(
    "redisTokenStore: expected option prefix to be a string of 1 to 100 characters, without braces, spaces and control characters",
  );
}

/** What was set; of anything else whatever is there, which core finds unreadable. */
function parse(value: string): StoredToken {
  const [expiresAt, ...sealed] = value.split(":");
  return { sealed: sealed.join(":"), expiresAt: Number(expiresAt) };
}

/** Settles as `work` does, or rejects with the signal's reason at once when it aborts. */
async function abortable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
