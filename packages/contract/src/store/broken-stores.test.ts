import {
  createPersonifyClient,
  type PersonifyClientOptions,
  type StoredToken,
  type TokenStore,
} from "@personify-auth/core";
import { describe, expect, test } from "vitest";
import { describeTokenStore, limit, storeCases } from "./describe-token-store.ts";
import { minute, type StoreCase, type StoreService } from "./store-case.ts";

interface State {
  readonly tokens: Map<string, StoredToken>;
  /** Ends on the service's own clock. */
  readonly leases: Map<string, { readonly holder: unknown; readonly endsAt: number }>;
}

type Store = Required<TokenStore>;

const honest = (state: State): Store => ({
  get: async (key) => state.tokens.get(key),
  async set(key, token, { replaces }) {
    const held = state.tokens.get(key);
    if (held === undefined || held.expiresAt < token.expiresAt || held.sealed === replaces) {
      state.tokens.set(key, token);
    }
  },
  lease: async (key, { ttl }) => leaseFor({}, state, key, ttl),
});

function leaseFor(holder: unknown, { leases }: State, key: string, ttl: number, now = performance.now()) {
  const held = leases.get(key);
  if (held !== undefined && held.endsAt > now) return undefined;
  leases.set(key, { holder, endsAt: now + ttl });
  return {
    async release() {
      if (leases.get(key)?.holder === holder) leases.delete(key);
    },
  };
}

function openService(connect: (store: Store, state: State) => TokenStore): StoreService {
  const state: State = { tokens: new Map(), leases: new Map() };
  return { connect: () => connect(honest(state), state) };
}

/** How far this process's wall clock is ahead of the one that it started with, in whole seconds. */
const skew = () => Math.round((Date.now() - performance.timeOrigin - performance.now()) / 1_000) * 1_000;

interface Fault {
  /** The cases that have to fail. */
  readonly breaks: readonly string[];
  readonly connect: (store: Store, state: State) => Partial<TokenStore>;
}

const faults: Readonly<Record<string, Fault>> = {
  "null for a miss": {
    breaks: ["a key that was never set has none"],
    connect: ({ get }) => ({ get: async (...given) => (await get(...given)) ?? (null as never) }),
  },
  "expiry in whole seconds": {
    breaks: [
      "what one process sets, another gets as it is",
      "one that is named gives way to one that expires earlier",
      "one is there until it expires, and not longer",
      "a token keeps the end that it was set with",
    ],
    connect: ({ get }) => ({
      async get(...given) {
        const token = await get(...given);
        return token && { ...token, expiresAt: Math.floor(token.expiresAt / 1_000) * 1_000 };
      },
    }),
  },
  "the last set kept": {
    breaks: [
      "the one that expires later is kept, whichever is set first",
      "of many that are set at once, the one that expires last is kept",
      "another than the one that is named does not give way",
    ],
    connect: (_store, { tokens }) => ({ set: async (key, token) => void tokens.set(key, token) }),
  },
  "the first set kept": {
    breaks: [
      "the one that expires later is kept, whichever is set first",
      "of many that are set at once, the one that expires last is kept",
      "one that is named gives way to one that expires earlier",
      "a call that is aborted ends, and sets all of its token or nothing",
      "renew a token once that the API rejects",
      "get their token where it holds rubbish",
    ],
    connect: ({ set }, { tokens }) => ({
      set: async (key, ...given) => (tokens.has(key) ? undefined : set(key, ...given)),
    }),
  },
  "none that gives way": {
    breaks: ["one that is named gives way to one that expires earlier"],
    connect: ({ set }) => ({ set: (key, token, { signal }) => set(key, token, { signal }) }),
  },
  "any that gives way where one is named": {
    breaks: ["another than the one that is named does not give way"],
    connect: ({ set }, { tokens }) => ({
      async set(key, token, options) {
        if (options.replaces !== undefined) tokens.delete(key);
        await set(key, token, options);
      },
    }),
  },
  "sets that read before others wrote": {
    breaks: ["of many that are set at once, the one that expires last is kept"],
    connect: (_store, { tokens }) => ({
      async set(key, token, { replaces }) {
        const held = tokens.get(key);
        await undefined;
        if (held === undefined || held.expiresAt < token.expiresAt || held.sealed === replaces) {
          tokens.set(key, token);
        }
      },
    }),
  },
  "keys without case": {
    breaks: ["keys that differ in one character are apart"],
    connect: ({ get, set }) => ({
      get: (key, ...given) => get(key.toLowerCase(), ...given),
      set: (key, ...given) => set(key.toLowerCase(), ...given),
    }),
  },
  "at most 1 MB": {
    breaks: ["one of 1.5 MB comes back whole"],
    connect: ({ set }) => ({
      set: (key, token, options) => set(key, { ...token, sealed: token.sealed.slice(0, 1_000_000) }, options),
    }),
  },
  "tokens dropped before they expire": {
    breaks: ["one is there until it expires, and not longer"],
    connect: ({ get }) => ({
      async get(...given) {
        const token = await get(...given);
        return token && token.expiresAt - Date.now() > 200 ? token : undefined;
      },
    }),
  },
  "tokens prolonged": {
    breaks: ["one is there until it expires, and not longer"],
    connect: ({ get }) => ({
      async get(...given) {
        const token = await get(...given);
        return token && { ...token, expiresAt: Math.max(token.expiresAt, Date.now() + 5_000) };
      },
    }),
  },
  "calls that hang once aborted": {
    breaks: [
      "a call that is aborted ends, and sets all of its token or nothing",
      "none stays with who was aborted",
    ],
    connect: ({ get, lease }) => ({
      get: (key, options) => (options.signal.aborted ? new Promise(() => {}) : get(key, options)),
      lease: (key, options) => (options.signal.aborted ? new Promise(() => {}) : lease(key, options)),
    }),
  },
  "the token forgotten with the lease": {
    breaks: [
      "one is no matter of leases",
      "clients whose clocks are a minute apart share a token",
      "make one token request when they start together",
      "make none when they start later",
      "renew a token once that the API rejects",
    ],
    connect: ({ lease }, { tokens }) => ({
      async lease(key, options) {
        const given = await lease(key, options);
        return (
          given && {
            async release() {
              tokens.delete(key);
              await given.release();
            },
          }
        );
      },
    }),
  },
  "tokens hidden by a lease": {
    breaks: ["one is no matter of leases"],
    connect: ({ get }, { leases }) => ({
      get: async (key, options) => (leases.has(key) ? undefined : get(key, options)),
    }),
  },
  "a lease for each process": {
    breaks: [
      "one is no matter of leases",
      "one process at a time has it",
      "of many who ask at once, one gets it",
      "a holder that dies has it until its ttl ends",
      "a release that comes after its ttl does not end the next holder's",
      "releasing it twice does not end the next holder's",
      "a process whose clock is wrong does not get another's lease",
      "a lease that is given to a process whose clock is wrong ends with its ttl",
      "make one token request when they start together",
    ],
    connect(_store, { tokens }) {
      const own: State = { tokens, leases: new Map() };
      return { lease: honest(own).lease };
    },
  },
  "leases that read before others wrote": {
    breaks: ["of many who ask at once, one gets it"],
    connect: (_store, state) => ({
      async lease(key, { ttl }) {
        const isHeld = (state.leases.get(key)?.endsAt ?? 0) > performance.now();
        await undefined;
        if (isHeld) return undefined;
        state.leases.delete(key);
        return leaseFor({}, state, key, ttl);
      },
    }),
  },
  "leases without case": {
    breaks: ["keys that differ in one character have leases apart"],
    connect: ({ lease }) => ({ lease: (key, options) => lease(key.toLowerCase(), options) }),
  },
  "leases that cannot be released": {
    breaks: [
      "it is given again once it was released",
      "releasing it twice does not end the next holder's",
      "none stays with who was aborted",
    ],
    connect: ({ lease }) => ({
      lease: async (...given) => (await lease(...given)) && { release: async () => {} },
    }),
  },
  "leases that anyone ends": {
    breaks: ["a release that comes after its ttl does not end the next holder's"],
    connect: ({ lease }, { leases }) => ({
      async lease(key, options) {
        let isReleased = false;
        const given = await lease(key, options);
        return (
          given && {
            async release() {
              if (!isReleased) leases.delete(key);
              isReleased = true;
            },
          }
        );
      },
    }),
  },
  "one holder for each process": {
    breaks: [
      "releasing it twice does not end the next holder's",
      "a release that comes after its ttl does not end the next holder's",
    ],
    connect(_store, state) {
      const process = {};
      return { lease: async (key, { ttl }) => leaseFor(process, state, key, ttl) };
    },
  },
  "short leases that end at once": {
    breaks: [
      "a holder that dies has it until its ttl ends",
      "a lease that is given to a process whose clock is wrong ends with its ttl",
    ],
    // Not merely early, which a busy machine would hide.
    connect: ({ lease }) => ({
      lease: (key, { ttl, signal }) => lease(key, { ttl: ttl < 1_000 ? 0 : ttl, signal }),
    }),
  },
  "leases that outlive their ttl": {
    breaks: [
      "a holder that dies has it until its ttl ends",
      "a release that comes after its ttl does not end the next holder's",
      "a lease that is given to a process whose clock is wrong ends with its ttl",
    ],
    connect: ({ lease }) => ({ lease: (key, { signal }) => lease(key, { ttl: 60 * minute, signal }) }),
  },
  "leases left to who was aborted": {
    breaks: ["none stays with who was aborted"],
    connect: ({ lease }) => ({
      async lease(key, options) {
        const given = await lease(key, options);
        options.signal.throwIfAborted();
        return given;
      },
    }),
  },
  "leases by the clocks of processes": {
    breaks: [
      "a process whose clock is wrong does not get another's lease",
      "a lease that is given to a process whose clock is wrong ends with its ttl",
    ],
    connect: (_store, state) => ({
      lease: async (key, { ttl }) => leaseFor({}, state, key, ttl, Date.now()),
    }),
  },
  "tokens that end by the clocks of processes": {
    breaks: ["a token keeps the end that it was set with"],
    connect: ({ get, set }) => ({
      async get(...given) {
        const token = await get(...given);
        return token && { ...token, expiresAt: token.expiresAt + skew() };
      },
      set: (key, token, options) => set(key, { ...token, expiresAt: token.expiresAt - skew() }, options),
    }),
  },
};

describeTokenStore("a fake without a fault", () => openService((store) => store));

describe.each(Object.entries(faults))("a store with %s", (_name, { breaks, connect }) => {
  test(
    "fails where that shows, and nowhere else",
    async () => {
      const open = () => openService((store, state) => ({ ...store, ...connect(store, state) }));
      expect(await failures(open)).toEqual(breaks.toSorted());
    },
    limit,
  );
});

const trusting = ["hangs", "throws", "holds rubbish"].map((what) => `get their token where it ${what}`);

test(
  "a client that trusts its store fails where the store fails, and nowhere else",
  async () => {
    const open = () => openService((store) => store);
    expect(await failures(open, trustingClient)).toEqual(trusting.toSorted());
  },
  limit,
);

test("every case notices a fault", () => {
  const noticed = new Set([...Object.values(faults).flatMap(({ breaks }) => breaks), ...trusting]);
  expect([...noticed].toSorted()).toEqual(storeCases.map(({ name }) => name).toSorted());
});

async function failures(open: () => StoreService, createClient = createPersonifyClient): Promise<string[]> {
  const failed: string[] = [];
  const tryCase = ({ name, run }: StoreCase) =>
    run(open(), { patience: 5_000, createClient }).catch(() => void failed.push(name));
  await Promise.all(storeCases.filter(({ spansProcesses }) => !spansProcesses).map(tryCase));
  // These have the one `Date` of this process wrong, so each of them is alone.
  for (const each of storeCases.filter(({ spansProcesses }) => spansProcesses)) await tryCase(each);
  return failed.toSorted();
}

/** Core's client, but for one thing: a failure of its store is its own. */
function trustingClient(options: PersonifyClientOptions) {
  let hasFailed = false;
  const client = createPersonifyClient({
    ...options,
    onEvent(event) {
      hasFailed ||= event.type === "store_failed";
      options.onEvent?.(event);
    },
  });
  const getAccessToken = client.getAccessToken.bind(client);
  client.getAccessToken = async () => {
    const token = await getAccessToken();
    if (hasFailed) throw new Error("The store has failed");
    return token;
  };
  return client;
}
