import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningWorkers, startWorkers } from "@personify-auth/runtimes";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { storeIn, storeWorker, tokensWorker } from "./workerd-stores.test.support.ts";

const { signal } = new AbortController();
const minute = 60_000;
const patience = { timeout: minute, interval: 20 };
const inAMinute = () => ({ sealed: "v1.a.b", expiresAt: Date.now() + minute });

let folder: string;
let workers: RunningWorkers;
const start = () => startWorkers([storeWorker("one"), tokensWorker], folder);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "personify-token-store-"));
  workers = await start();
});
afterAll(async () => {
  await workers?.stop();
  await rm(folder, { recursive: true });
});

describe("an object", () => {
  test("that was evicted from memory still has its token and its lease", async () => {
    const one = storeIn(workers, "one");
    const token = inAMinute();
    await one.set("evicted", token, { signal });
    const lease = await one.lease("evicted", { ttl: minute, signal });

    await workers.evict("tokens", "PersonifyTokenStore", "evicted");

    expect(await one.get("evicted", { signal })).toEqual(token);
    expect(await one.lease("evicted", { ttl: minute, signal })).toBeUndefined();
    await lease?.release();
    expect(await one.lease("evicted", { ttl: minute, signal })).toBeDefined();
  });

  test("that starts anew in another workerd still has its token and its lease", async () => {
    const token = inAMinute();
    await storeIn(workers, "one").set("restarted", token, { signal });
    await storeIn(workers, "one").lease("restarted", { ttl: minute, signal });

    await workers.stop();
    workers = await start();

    const one = storeIn(workers, "one");
    expect(await one.get("restarted", { signal })).toEqual(token);
    expect(await one.lease("restarted", { ttl: minute, signal })).toBeUndefined();
  });

  test("stores nothing once its token and its lease have expired", async () => {
    const one = storeIn(workers, "one");
    const asked = performance.now();
    await one.set("expired", { sealed: "v1.a.b", expiresAt: Date.now() + 50 }, { signal });
    await one.lease("expired", { ttl: 400, signal });

    await vi.waitUntil(async () => (await one.stored("expired")).length === 0, patience);

    expect(performance.now() - asked).toBeGreaterThan(390);
  });

  test("stores nothing once a lease that brought no token has expired", async () => {
    const one = storeIn(workers, "one");
    await one.lease("leased", { ttl: 50, signal });
    await vi.waitUntil(async () => (await one.stored("leased")).length === 0, patience);
  });

  test("whose alarm goes off early keeps its token and its lease", async () => {
    const one = storeIn(workers, "one");
    const token = inAMinute();
    await one.set("early", token, { signal });
    await one.lease("early", { ttl: minute, signal });

    await one.goOff("early");

    expect(await one.get("early", { signal })).toEqual(token);
    expect(await one.lease("early", { ttl: minute, signal })).toBeUndefined();
  });
});
