import { abortable, startDeadline } from "../deadline.ts";
import { TimeoutError } from "../errors.ts";
import type { Emit } from "../events.ts";
import type { Seal } from "./seal.ts";
import type { StoredToken, TokenStore } from "./token-store.ts";

/** A token as the members of a fleet hand it to each other. Times are epoch ms: only wall clocks compare. */
export interface SharedToken {
  readonly value: string;
  readonly type: string;
  readonly scope: string | undefined;
  readonly sentAt: number;
  readonly lifetime: number;
}

/** A `TokenStore` that cannot fail: every operation is sealed, limited to 250 ms, and reported where it fails. */
export interface SharedTokens {
  read(): Promise<SharedToken | undefined>;
  write(token: SharedToken): Promise<void>;
  /** Undefined where another process is fetching. Where the store is broken or has no lease, it is granted. */
  lease(ttl: number): Promise<{ release(): Promise<void> } | undefined>;
}

type Operation = "get" | "set" | "lease" | "release";

const operationTimeout = 250;
/** A sealed token is a few kB. Anything far beyond is not ours, and not worth decrypting. */
const maxSealedLength = 2 * 1024 * 1024;
const noLease = { release: async () => {} };

/** Gives one credential set its view of the store. */
export function createSharedTokens(store: TokenStore, seal: Seal, emit: Emit): SharedTokens {
  const { keyId } = seal;

  async function guarded<T>(
    operation: Operation,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | Failed> {
    const deadline = startDeadline(
      operationTimeout,
      () =>
        new TimeoutError(`The token store's ${operation} took over ${operationTimeout} ms`, "token_timeout"),
    );
    try {
      return await abortable(Promise.resolve(call(deadline.signal)), deadline.signal);
    } catch {
      emit({ type: "store_failed", keyId, operation, reason: deadline.signal.aborted ? "timeout" : "error" });
      return failed;
    } finally {
      deadline.clear();
    }
  }

  return {
    async read() {
      const stored = await guarded("get", (signal) => store.get(keyId, { signal }));
      if (stored === failed || stored === undefined || stored === null) return undefined;
      const token = await open(stored, seal).catch(() => undefined);
      if (token === undefined) emit({ type: "store_failed", keyId, operation: "get", reason: "unreadable" });
      return token;
    },
    async write(token) {
      const expiresAt = token.sentAt + token.lifetime;
      await guarded("set", async (signal) => {
        const sealed = await seal.seal(JSON.stringify(token));
        await store.set(keyId, { sealed, expiresAt }, { signal });
      });
    },
    async lease(ttl) {
      if (store.lease === undefined) return noLease;
      const lease = await guarded("lease", async (signal) => store.lease?.(keyId, { ttl, signal }));
      if (lease === failed) return noLease;
      if (lease === undefined || lease === null) return undefined;
      return {
        async release() {
          await guarded("release", () => lease.release());
        },
      };
    },
  };
}

const failed = Symbol("failed");
type Failed = typeof failed;

/** Checks everything: what a store returns is input like any other. */
async function open(stored: StoredToken, seal: Seal): Promise<SharedToken | undefined> {
  if (typeof stored.sealed !== "string" || stored.sealed.length > maxSealedLength) return undefined;
  const text = await seal.unseal(stored.sealed);
  if (text === undefined) return undefined;
  // Only this code, holding the secret, can have sealed it: the text is a SharedToken.
  return JSON.parse(text) as SharedToken;
}
