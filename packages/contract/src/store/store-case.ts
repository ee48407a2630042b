import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createPersonifyClient,
  type PersonifyClient,
  type PersonifyClientOptions,
  type PersonifyEvent,
  type TokenStore,
} from "@personify-auth/core";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { expect } from "vitest";

/** A backing service that holds nothing of the suite's keys, which are new for each case. */
export interface StoreService {
  /** Another handle on it, as another process would have it. */
  connect(): TokenStore | Promise<TokenStore>;
  /** Ends it and its handles. */
  close?(): Promise<void>;
}

/** A store with leases, whose calls nobody aborts. */
export interface Handle {
  readonly store: Required<TokenStore>;
  get(key: string): ReturnType<TokenStore["get"]>;
  set(key: string, sealed: string, expiresAt: number, replaces?: string): Promise<void>;
  lease(key: string, ttl: number): ReturnType<Required<TokenStore>["lease"]>;
}

/** Clients of one credential set. */
export interface Fleet {
  readonly emulator: Emulator;
  readonly events: readonly PersonifyEvent[];
  member(tokenStore: TokenStore): PersonifyClient;
  tokenRequests(): number;
}

/** What a case works with. */
export interface StoreBench {
  connect(): Promise<Handle>;
  /** Polls until there is a value; fails where none comes. */
  eventually<T>(poll: () => Promise<T | undefined>): Promise<T>;
  /** What `happening` resolves to; fails where it takes as long as nothing may. */
  soon<T>(happening: Promise<T>): Promise<T>;
  /**
   * Runs `scene` with clients on one authorization server. Where a store's call took over 250 ms, each client fetches
   * for itself, as it should; a scene that failed is then tried again, so that a busy machine fails no case.
   */
  fleet(scene: (fleet: Fleet) => Promise<void>): Promise<void>;
}

/** One thing that every store has to do. `run` rejects where it does not. */
export interface StoreCase {
  readonly group: string;
  readonly name: string;
  /** Whether it is about processes, each with a clock of its own. */
  readonly spansProcesses: boolean;
  readonly run: (service: StoreService, means?: Means) => Promise<void>;
}

interface Means {
  /** How long what has to happen may take, in ms. Default 60,000. */
  readonly patience?: number;
  readonly createClient?: (options: PersonifyClientOptions) => PersonifyClient;
}

export const minute = 60_000;
/** The ttl of a lease that a case waits for, in ms. */
export const short = 200;
/** ms by which two clocks of one machine may read apart. */
export const tolerance = 10;

const pollInterval = 20;
const maxTries = 5;

export function storeCase(
  group: string,
  name: string,
  test: (bench: StoreBench) => Promise<void>,
  { spansProcesses = false } = {},
): StoreCase {
  return { group, name, spansProcesses, run: (service, means) => test(bench(service, means)) };
}

/** A key as core makes them: the 43 characters of base64url that an HMAC-SHA-256 has. */
export function newKey(): string {
  return randomBytes(32).toString("base64url");
}

function bench(
  service: StoreService,
  { patience = minute, createClient = createPersonifyClient }: Means = {},
): StoreBench {
  return {
    async connect() {
      return handleOf(await service.connect());
    },
    async eventually(poll) {
      for (let polls = 0; polls * pollInterval < patience; polls++) {
        const value = await poll();
        if (value !== undefined) return value;
        await sleep(pollInterval);
      }
      throw new Error("It has not happened");
    },
    async soon(happening) {
      const tooLate = Promise.withResolvers<never>();
      const timer = setTimeout(() => tooLate.reject(new Error("It has not happened")), patience);
      return await Promise.race([happening, tooLate.promise]).finally(() => clearTimeout(timer));
    },
    async fleet(scene) {
      for (let tries = 1; ; tries++) {
        const emulator = await startEmulator();
        const fleet = fleetOn(emulator, patience, createClient);
        try {
          return await scene(fleet);
        } catch (error) {
          const wasLate = fleet.events.some(
            (event) => event.type === "store_failed" && event.reason === "timeout",
          );
          if (!wasLate || tries === maxTries) throw error;
        } finally {
          await emulator.close();
        }
      }
    },
  };
}

function handleOf(store: TokenStore): Handle {
  if (store.lease === undefined) throw new Error("The store has no lease");
  const { signal } = new AbortController();
  return {
    store: store as Required<TokenStore>,
    get: (key) => store.get(key, { signal }),
    set: (key, sealed, expiresAt, replaces) => store.set(key, { sealed, expiresAt }, { signal, replaces }),
    lease: async (key, ttl) => store.lease?.(key, { ttl, signal }),
  };
}

function fleetOn(
  emulator: Emulator,
  patience: number,
  createClient: NonNullable<Means["createClient"]>,
): Fleet {
  const events: PersonifyEvent[] = [];
  // Another emulator may get the same port, and its clients are the same in each.
  const clientId = newKey();
  const clientSecret = newKey();
  emulator.clients.add({ clientId, clientSecret });
  return {
    emulator,
    events,
    member: (tokenStore) =>
      createClient({
        clientId,
        clientSecret,
        tokenStore,
        tenantId: emulator.credentials.tenantId,
        tokenUrl: emulator.tokenUrl,
        apiBaseUrl: emulator.apiBaseUrl,
        allowInsecureHttp: "loopback",
        // A lease is for half of it.
        timeout: { token: patience, request: patience },
        onEvent: (event) => void events.push(event),
      }),
    tokenRequests: () => emulator.requests({ kind: "token" }).length,
  };
}

/** Fails where the store has no token under `key`, or another one. */
export async function expectToken(handle: Handle, key: string, sealed: string): Promise<void> {
  expect((await handle.get(key))?.sealed).toBe(sealed);
}
