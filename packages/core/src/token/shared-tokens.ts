import { fullJitter } from "../backoff.ts";
import { abortable, type Deadline, sleep, startDeadline } from "../deadline.ts";
import { TimeoutError } from "../errors.ts";
import type { Emit } from "../events.ts";
import type { ObtainedToken } from "./access-token.ts";
import type { Seal } from "./seal.ts";
import type { ReportStoreFailure } from "./store-failures.ts";
import type { StoredToken, TokenStore } from "./token-store.ts";

/** A token as the members of a fleet hand it to each other. Times are epoch ms: only wall clocks compare. */
export interface SharedToken {
  readonly value: string;
  readonly scope: string | undefined;
  readonly sentAt: number;
  readonly lifetime: number;
}

/**
 * A `TokenStore` that cannot fail, for one acquisition: every operation is sealed, limited to 250 ms, and reported where
 * it fails. One that hangs is asked nothing more.
 */
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
const leasePoll = 50;
const leasePollCap = 500;

/** Gives one credential set its view of the store. */
export function createSharedTokens(
  store: TokenStore,
  seal: Seal,
  reportFailure: ReportStoreFailure,
): SharedTokens {
  const { keyId } = seal;
  let isHanging = false;
  /** What was read last. Whoever writes after that had no use for it. */
  let found: string | undefined;

  async function guarded<T>(
    operation: Operation,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | Failed> {
    // A lease is released all the same: others wait for it.
    if (isHanging && operation !== "release") return failed;
    const deadline = startDeadline(
      operationTimeout,
      () =>
        new TimeoutError(
          `The token store's ${operation} took over ${operationTimeout} ms; check the connection to it`,
          "token_timeout",
        ),
    );
    try {
      return await abortable(Promise.resolve(call(deadline.signal)), deadline.signal);
    } catch (error) {
      isHanging ||= deadline.signal.aborted;
      reportFailure(keyId, { operation, reason: deadline.signal.aborted ? "timeout" : "error", error });
      return failed;
    } finally {
      deadline.clear();
    }
  }

  return {
    async read() {
      const stored = await guarded("get", (signal) => store.get(keyId, { signal }));
      found = undefined;
      if (stored === failed || stored === undefined || stored === null) return undefined;
      found = sealedOf(stored);
      const token = await open(found, seal);
      if (token === undefined) reportFailure(keyId, { operation: "get", reason: "unreadable" });
      return token;
    },
    async write(token) {
      const expiresAt = token.sentAt + token.lifetime;
      await guarded("set", async (signal) => {
        const sealed = await seal.seal(JSON.stringify(token));
        await store.set(keyId, { sealed, expiresAt }, { signal, replaces: found });
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
function sealedOf(stored: StoredToken): string | undefined {
  try {
    const { sealed } = stored;
    return typeof sealed === "string" ? sealed : undefined;
  } catch {
    return undefined;
  }
}

async function open(sealed: string | undefined, seal: Seal): Promise<SharedToken | undefined> {
  if (sealed === undefined || sealed.length > maxSealedLength) return undefined;
  const text = await seal.unseal(sealed);
  if (text === undefined) return undefined;
  // Only this code, holding the secret, can have sealed it: the text is a SharedToken.
  return JSON.parse(text) as SharedToken;
}

/** What a member of a fleet works with. */
interface Member {
  readonly shared: SharedTokens;
  readonly keyId: string;
  readonly isUsable: (stored: ObtainedToken) => boolean;
  readonly emit: Emit;
}

/** A token that another member of the fleet stored, where it is usable. */
export async function findShared({
  shared,
  keyId,
  isUsable,
  emit,
}: Member): Promise<ObtainedToken | undefined> {
  const stored = await shared.read();
  if (stored === undefined) return undefined;
  const sentAt = { wall: stored.sentAt, monotonic: Number.POSITIVE_INFINITY };
  const token = { ...stored, sentAt, keyId, isShared: true };
  if (!isUsable(token)) return undefined;
  emit({ type: "token_shared", keyId });
  return token;
}

/**
 * A token for one member of a fleet: one that another member stored, or a new one. One of them requests it under a
 * lease, while the others watch the store for what it brings.
 */
export async function obtainShared(
  fleet: Member & { readonly request: () => Promise<ObtainedToken>; readonly deadline: Deadline },
): Promise<ObtainedToken> {
  const { shared, request, deadline } = fleet;
  const time = deadline.remaining();
  // A holder that died loses its lease at half time. Until two thirds of it have passed, the others wait for whoever
  // holds the lease next; were that half as well, all of them would request at once where one died.
  const leaseTime = Math.ceil(time / 2);
  const ownTime = time / 3;
  for (let poll = 1; ; poll++) {
    const stored = await findShared(fleet);
    if (stored !== undefined) return stored;
    const lease = await shared.lease(leaseTime);
    if (lease === undefined && deadline.remaining() > ownTime) {
      await sleep(leasePoll / 2 + fullJitter(poll, leasePoll, leasePollCap), deadline.signal);
      continue;
    }
    try {
      // Its last holder may have stored a token between our reading and our lease.
      const justStored = await findShared(fleet);
      if (justStored !== undefined) return justStored;
      const token = await request();
      const { value, scope, sentAt, lifetime } = token;
      if (lifetime > 0) await shared.write({ value, scope, sentAt: sentAt.wall, lifetime });
      return token;
    } finally {
      await lease?.release();
    }
  }
}
