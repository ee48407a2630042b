import { lifetime, type Scene } from "./fleet.test.support.ts";

/** A Redis core in the same data centre. */
const redis = { latency: { median: 0.5, p99: 3 }, rate: 100_000 };
/** A Durable Object, some way off. */
const durableObject = { latency: { median: 15, p99: 60 }, rate: 1_000 };

export const scenes = [
  { name: "no store", startWithin: 0 },
  { name: "cold start at once", store: redis, startWithin: 0 },
  { name: "cold start within 30 s", store: redis, startWithin: 30_000 },
  { name: "clocks wrong by up to 30 s", store: redis, startWithin: 0, clockSkew: 30_000 },
  {
    name: "store hangs for a minute",
    store: redis,
    startWithin: 0,
    // In the middle of the second turnover.
    outage: { from: 1.55 * lifetime, until: 1.55 * lifetime + 60_000 },
  },
  { name: "holder of the lease dies", store: redis, startWithin: 0, holderDies: true },
  { name: "Durable Object, cold start at once", store: durableObject, startWithin: 0 },
  { name: "Durable Object, cold start within 30 s", store: durableObject, startWithin: 30_000 },
] as const satisfies readonly Scene[];
