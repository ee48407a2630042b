import { expect, test } from "vitest";
import { startProcess } from "./child-process.ts";
import type { ContenderQuestions } from "./contender-process.ts";
import { list, startServer } from "./server.ts";

test("a contender in its process measures real calls, with the built packages", async () => {
  const server = await startServer();
  const process = await startProcess<ContenderQuestions>("contender-process.ts");
  try {
    await process.ask("setUp", "get", server.origin);
    const microseconds = await process.ask("callCpu", { ms: 20, concurrency: 2, batch: 1 });
    expect(microseconds).toBeGreaterThan(0);
    expect(await process.ask("bytesPerCall", 100, 2)).toBeGreaterThan(JSON.stringify(list).length);
    expect(await process.ask("coldStart", 10)).toMatchObject({ failed: 0 });
    const { tokenRequests, apiRequests, rejected } = server.counts();
    expect({ tokenRequests, rejected }).toEqual({ tokenRequests: 1, rejected: 0 });
    expect(apiRequests).toBeGreaterThan(100);
  } finally {
    await process.stop();
    await server.close();
  }
});

test("what goes wrong in a process is told to the one who asked", async () => {
  const process = await startProcess<ContenderQuestions>("contender-process.ts");
  await expect(process.ask("setUp", "nobody", "http://127.0.0.1:9")).rejects.toThrow(
    "No contender is called nobody",
  );
  await expect(process.ask("call")).rejects.toThrow("No contender is set up");
  await process.stop();
  await expect(process.ask("call")).rejects.toThrow();
});
