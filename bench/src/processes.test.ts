import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { ContenderQuestions } from "./contender-process.ts";
import type { GrowthQuestions } from "./growth-process.ts";
import type { ImportQuestions } from "./import-process.ts";
import { startProcess } from "./processes.ts";
import { list, type Server, startServer } from "./server.ts";
import type { TenantsQuestions } from "./tenants-process.ts";

let server: Server;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

test("a contender in its process measures real calls, with the built packages", async () => {
  const process = await startProcess<ContenderQuestions>("contender-process.ts");
  await process.ask("setUp", "get", server.origin);
  const microseconds = await process.ask("callCpu", { ms: 20, concurrency: 2, batch: 1 });
  expect(microseconds).toBeGreaterThan(0);
  expect(await process.ask("bytesPerCall", 100, 2)).toBeGreaterThan(JSON.stringify(list).length);
  expect(await process.ask("coldStart", 10)).toMatchObject({ failed: 0 });
  await process.kill();
  const { tokenRequests, apiRequests, rejected } = server.counts();
  expect({ tokenRequests, rejected }).toEqual({ tokenRequests: 1, rejected: 0 });
  expect(apiRequests).toBeGreaterThan(100);
});

test("what goes wrong in a process is told to the one who asked", async () => {
  const process = await startProcess<ContenderQuestions>("contender-process.ts");
  await expect(process.ask("setUp", "nobody", server.origin)).rejects.toThrow(
    "No contender is called nobody",
  );
  await expect(process.ask("call")).rejects.toThrow("No contender is set up");
  await process.kill();
  await expect(process.ask("call")).rejects.toThrow();
});

test("a process that does not answer is not waited for for ever", async () => {
  const process = await startProcess<ContenderQuestions>("contender-process.ts");
  process.signal("SIGSTOP");
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const answer = expect(process.ask("call")).rejects.toThrow("has not answered call");
  vi.advanceTimersByTime(600_000);
  await answer;
  await process.kill();
});

test("figures that are no numbers come as they are", async () => {
  server.configure({ tokenLifetime: 0 });
  const process = await startProcess<ContenderQuestions>("contender-process.ts");
  await process.ask("setUp", "undici.request", server.origin);
  const plan = { calls: 3, concurrency: 1, maxMs: 60_000 };
  expect(await process.ask("callAcrossBoundaries", plan)).toMatchObject({ failed: 3, p99: Number.NaN });
  await process.kill();
});

test("a first call imports the built package, and its modules are counted", async () => {
  const process = await startProcess<ImportQuestions>("import-process.ts");
  expect(await process.ask("modulesLoaded", "get", server.origin)).toBeGreaterThan(10);
  expect(await process.ask("firstCall", "get", server.origin)).toMatchObject({ ms: expect.any(Number) });
  await process.kill();
  expect(server.counts()).toEqual({ tokenRequests: 2, apiRequests: 2, rejected: 0 });
});

test.each([
  ["tenants", 3, { tokenRequests: 1, apiRequests: 6 }],
  ["credentialSets", 3, { tokenRequests: 3, apiRequests: 6 }],
  ["callsAtOnce", 3, { tokenRequests: 1, apiRequests: 6 }],
  ["callsAtOnceWithUndici", 3, { tokenRequests: 1, apiRequests: 6 }],
  ["body", 100_000, { tokenRequests: 1, apiRequests: 6 }],
  ["bodyWithUndici", 100_000, { tokenRequests: 1, apiRequests: 6 }],
] as const)("what grows with %s makes the calls that it should", async (subject, size, counts) => {
  const process = await startProcess<GrowthQuestions>("growth-process.ts", { flags: ["--expose-gc"] });
  await process.ask("setUp", subject, size, server.origin);
  await process.ask("calls", 6, 3);
  expect(server.counts()).toEqual({ ...counts, rejected: 0 });
  expect(await process.ask("heapInUse")).toBeGreaterThan(1_000_000);
  await process.kill();
});

test("clients of tenants that are dropped leave nothing behind, and share one token", async () => {
  const process = await startProcess<TenantsQuestions>("tenants-process.ts", { flags: ["--expose-gc"] });
  const tenants = 50_000;
  const retained = await process.ask("bytesRetainedByTenants", server.origin, tenants);
  await process.kill();
  // A client that stayed would take far more than this each; the heap itself varies by some 100 kB.
  expect(retained).toBeLessThan(tenants * 50);
  expect(server.counts()).toMatchObject({ tokenRequests: 1, rejected: 0 });
});
