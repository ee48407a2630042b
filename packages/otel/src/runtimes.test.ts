import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { runtimes, startWorker, workerdName } from "@personify-auth/runtimes";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TelemetryOfACall } from "./telemetry-of-a-call.test.support.ts";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

async function inProcess(runtime: string, env: Record<string, string> = {}): Promise<TelemetryOfACall> {
  const found = runtimes.find(({ name }) => name.startsWith(runtime));
  if (found === undefined) throw new Error(`No runtime ${runtime}`);
  const script = join(import.meta.dirname, "telemetry-on-server.test.support.ts");
  const { stdout } = await promisify(execFile)(found.command, [...found.flags, script], {
    env: { ...process.env, ...emulator.env, ...env },
  });
  return JSON.parse(stdout);
}

async function onWorkerd(): Promise<TelemetryOfACall> {
  const worker = await startWorker(
    join(import.meta.dirname, "telemetry-on-workerd.test.support.ts"),
    emulator.env,
  );
  const response = await fetch(worker.url);
  const seen = (await response.json()) as TelemetryOfACall;
  await worker.stop();
  return seen;
}

test.each<[string, () => Promise<TelemetryOfACall>]>([
  ["Bun", () => inProcess("Bun")],
  ["Deno", () => inProcess("Deno")],
  [workerdName, onWorkerd],
])("a call has its spans, metrics and traceparent on %s", async (_runtime, run) => {
  const { spans, metrics, traceparent } = await run();
  expect(spans.map(({ name }) => name)).toEqual(["Personify token request", "GET /api/v1/whoami"]);
  expect(metrics).toEqual(["personify.call.duration", "personify.token.request.duration"]);
  expect(traceparent).toBe(`00-${spans[1]?.traceId}-${spans[1]?.spanId}-01`);
});

test("traceparent goes out once where Deno traces requests itself", async () => {
  // Nothing listens there; what Deno exports is not looked at.
  const { traceparent } = await inProcess("Deno", {
    OTEL_DENO: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
  });
  expect(traceparent).toMatch(/^00-\w{32}-\w{16}-01$/);
});
