import type { TokenStore } from "../../token/token-store.ts";
import { later } from "../virtual-time.test.support.ts";
import { drawLatency, type Latency } from "./latency.test.support.ts";

/** What stands behind one key: a server that does one operation after the other. */
export interface StoreModel {
  /** There and back, without what it waits for others. */
  readonly latency: Latency;
  /** Operations a second. */
  readonly rate: number;
}

/** A process as the store knows it. */
interface Client {
  isDead(): boolean;
  /** Told that an operation took too long. */
  onTimeout(operation: "get" | "set" | "lease"): void;
}

/** The store of a fleet. */
export interface SharedStore {
  /** The store as one process sees it, until that is dead. */
  seenBy(client: Client): TokenStore;
  /** Calls of `get`, `set`, `lease` and `release`. */
  readonly operations: Operations;
}

/** Counts by the tenth of a second, in ms of virtual time from the start. */
export interface Operations {
  total(from: number, until: number): number;
  /** The most in one second. */
  peak(from: number, until: number): number;
}

/**
 * Puts a network and a queue before `engine`. It hangs between `outage.from` and `outage.until`, and is empty
 * afterwards.
 */
export function createSharedStore(
  { latency, rate }: StoreModel,
  createEngine: () => TokenStore,
  outage: { readonly from: number; readonly until: number } | undefined,
): SharedStore {
  const startedAt = performance.now();
  const counts: number[] = [];
  let engine = createEngine();
  let busyUntil = 0;
  if (outage !== undefined) {
    setTimeout(() => {
      engine = createEngine();
    }, outage.until);
  }

  async function operate<T>(client: Client, run: () => Promise<T> | undefined) {
    const age = performance.now() - startedAt;
    const tenth = Math.floor(age / 100);
    counts[tenth] = (counts[tenth] ?? 0) + 1;
    if (client.isDead() || (outage !== undefined && age >= outage.from && age < outage.until)) await never;
    const way = drawLatency(latency) / 2;
    await later(way);
    // What its client no longer waits for is done all the same.
    busyUntil = Math.max(busyUntil, performance.now()) + 1_000 / rate;
    await later(busyUntil - performance.now());
    const answer = await run();
    await later(way);
    return client.isDead() ? never : answer;
  }

  return {
    seenBy(client) {
      return {
        get(key, options) {
          options.signal.addEventListener("abort", () => client.onTimeout("get"));
          return operate(client, () => engine.get(key, options));
        },
        async set(key, token, options) {
          options.signal.addEventListener("abort", () => client.onTimeout("set"));
          await operate(client, () => engine.set(key, token, options));
        },
        async lease(key, options) {
          options.signal.addEventListener("abort", () => client.onTimeout("lease"));
          const lease = await operate(client, () => engine.lease?.(key, options));
          return lease && { release: async () => void (await operate(client, () => lease.release())) };
        },
      };
    },
    operations: {
      total(from, until) {
        return sum(counts.slice(from / 100, until / 100));
      },
      peak(from, until) {
        let peak = 0;
        for (let tenth = from / 100; tenth < until / 100; tenth += 1) {
          peak = Math.max(peak, sum(counts.slice(tenth, tenth + 10)));
        }
        return peak;
      },
    },
  };
}

const never = new Promise<never>(() => {});

/** Of an array with holes. */
function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
