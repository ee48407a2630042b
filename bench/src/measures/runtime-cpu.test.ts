import { afterEach, beforeEach, expect, test } from "vitest";
import { targetAt } from "../contender.ts";
import { type Server, startServer } from "../server.ts";
import { measuredRuntimes } from "./runtime-cpu.ts";

let server: Server;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

test("Bun, Deno and, where its CPU time can be told, workerd are measured", () => {
  const names = measuredRuntimes.map(({ name }) => name.split(" ")[0]);
  expect(names).toEqual(process.platform === "linux" ? ["Bun", "Deno", "workerd"] : ["Bun", "Deno"]);
});

test.each(
  measuredRuntimes.flatMap(({ name, cpuPerCall }) =>
    (["fetch", "get", "client.fetch"] as const).map((subject) => [subject, name, cpuPerCall] as const),
  ),
)("%s makes authorized calls on %s", async (subject, _name, cpuPerCall) => {
  const spent = await cpuPerCall({
    subject,
    target: targetAt(server.origin),
    concurrency: 5,
    warmUpCalls: 50,
    calls: 1_000,
  });
  expect(spent).toBeGreaterThan(0);
  expect(server.counts()).toEqual({ tokenRequests: 1, apiRequests: 1_051, rejected: 0 });
});
